package dev.countersign.cli;

import picocli.CommandLine.IVersionProvider;

/** The version: of the jar where there is one. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"countersign " + text(), "JDK " + Runtime.version()};
  }

  /** The project's version, for example {@code 0.1.0}. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
