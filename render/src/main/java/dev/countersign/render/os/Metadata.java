package dev.countersign.render.os;

/**
 * What asks the platform about the machine, and what it calls the answers.
 *
 * @param unit writes the answers
 * @param file where they are, as an environment file
 * @param awsPrefix of variables on Amazon EC2
 * @param prefix of variables elsewhere
 */
public record Metadata(String unit, String file, String awsPrefix, String prefix) {
  /** Fedora's. */
  static final Metadata AFTERBURN =
      new Metadata("afterburn.service", "/run/metadata/afterburn", "AFTERBURN_AWS", "AFTERBURN");

  /** Its name when it was Container Linux's, which Flatcar kept. */
  static final Metadata COREOS =
      new Metadata("coreos-metadata.service", "/run/metadata/coreos", "COREOS_EC2", "COREOS");

  /** The reference to a variable of Amazon's. */
  public String aws(String name) {
    return "${" + awsPrefix + "_" + name + "}";
  }

  /** The reference to a variable of DigitalOcean's. */
  public String digitalOcean(String name) {
    return "${" + prefix + "_DIGITALOCEAN_" + name + "}";
  }
}
