package dev.countersign.common.command;

/** The project's version: that of its jars, where it runs from jars. */
public final class Version {
  private Version() {}

  /** For example {@code 0.1.0}. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** What {@code --version} prints. */
  public static String[] lines() {
    return new String[] {"countersign " + text(), "JDK " + Runtime.version()};
  }
}
