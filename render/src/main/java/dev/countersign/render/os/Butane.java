package dev.countersign.render.os;

/**
 * A variant of Butane (coreos.github.io/butane).
 *
 * @param variant its name
 * @param version of the variant
 * @param ignition the version of Ignition that it is translated to
 */
public record Butane(String variant, String version, String ignition) {}
