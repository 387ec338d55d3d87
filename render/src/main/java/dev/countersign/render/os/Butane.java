package dev.countersign.render.os;

import java.util.List;

/**
 * A variant of Butane (coreos.github.io/butane).
 *
 * @param variant its name
 * @param version of the variant
 * @param ignition the version of Ignition that it is translated to
 * @param snippetVersions the versions that snippets may have; what is carried over from them is in
 *     all of these the same
 */
public record Butane(
    String variant, String version, String ignition, List<String> snippetVersions) {
  /** Fedora CoreOS's. */
  public static final Butane FCOS =
      new Butane(
          "fcos",
          "1.4.0",
          "3.3.0",
          List.of("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"));

  /** Flatcar's. */
  public static final Butane FLATCAR =
      new Butane("flatcar", "1.0.0", "3.3.0", List.of("1.0.0", "1.1.0"));

  public Butane {
    snippetVersions = List.copyOf(snippetVersions);
  }
}
