package dev.countersign.render.os;

/**
 * A variant of Butane (coreos.github.io/butane).
 *
 * @param variant its name
 * @param version of the variant
 * @param ignition the version of Ignition that it is translated to
 */
public record Butane(String variant, String version, String ignition) {
  /** Fedora CoreOS's. */
  public static final Butane FCOS = new Butane("fcos", "1.4.0", "3.3.0");

  /** Flatcar's. */
  public static final Butane FLATCAR = new Butane("flatcar", "1.0.0", "3.3.0");
}
