package dev.countersign.render.spec;

/** What machines boot; what follows from it is in {@code render.os}. */
public enum OperatingSystem {
  /** Fedora CoreOS. */
  FEDORA_COREOS("fedora-coreos"),
  /** Flatcar Container Linux. */
  FLATCAR("flatcar-linux"),
  /** CoreOS Container Linux. */
  CONTAINER_LINUX("container-linux");

  private final String key;

  OperatingSystem(String key) {
    this.key = key;
  }

  /** As the spec writes it. */
  public String key() {
    return key;
  }
}
