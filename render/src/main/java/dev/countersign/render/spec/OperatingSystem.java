package dev.countersign.render.spec;

/** What nodes boot. */
public enum OperatingSystem {
  /** Fedora CoreOS: the kubelet in podman. */
  FEDORA_COREOS("fedora-coreos"),
  /** Flatcar Container Linux: the kubelet in docker. */
  FLATCAR("flatcar-linux"),
  /** CoreOS Container Linux, ended in May 2020: the kubelet in rkt. */
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
