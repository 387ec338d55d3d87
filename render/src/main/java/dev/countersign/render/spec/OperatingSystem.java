package dev.countersign.render.spec;

import java.util.Optional;

/**
 * What nodes boot, and all that differs between machines because of it. Each constant states every
 * difference, so that a new one cannot take another's way unsaid; what containers mount stays with
 * the machine.
 */
public enum OperatingSystem {
  /** Fedora CoreOS: the kubelet in podman. */
  FEDORA_COREOS(
      "fedora-coreos",
      Engine.PODMAN,
      "containerd.service",
      Source.OURS,
      "docker.service",
      Metadata.AFTERBURN,
      Kubelet.CURRENT,
      Source.OURS,
      "0:0",
      Selinux.ENFORCED,
      Cgroup.DELEGATED,
      Optional.of(Butane.FCOS)),
  /** Flatcar Container Linux: the kubelet in docker. */
  FLATCAR(
      "flatcar-linux",
      Engine.DOCKER,
      "docker.service",
      Source.SYSTEM,
      "locksmithd.service",
      Metadata.COREOS_METADATA,
      Kubelet.CURRENT,
      Source.OURS,
      "232:232",
      Selinux.UNUSED,
      Cgroup.KEPT,
      Optional.of(Butane.FLATCAR)),
  /** CoreOS Container Linux, ended in May 2020: the kubelet in rkt. */
  CONTAINER_LINUX(
      "container-linux",
      Engine.RKT,
      "docker.service",
      Source.SYSTEM,
      "locksmithd.service",
      Metadata.COREOS_METADATA,
      Kubelet.LAST_IN_RKT,
      Source.SYSTEM,
      "232:232",
      Selinux.UNUSED,
      Cgroup.KEPT,
      Optional.empty());

  /** What runs the containers that systemd starts. */
  public enum Engine {
    /** A process of its own for each container. */
    PODMAN("/usr/bin/podman", Optional.empty(), ""),
    /** A daemon that must run first. */
    DOCKER("/usr/bin/docker", Optional.of("docker.service"), ""),
    /** Like podman, but its containers have no names. */
    RKT("/usr/bin/rkt", Optional.empty(), "docker://");

    private final String program;
    private final Optional<String> daemon;
    private final String imagePrefix;

    Engine(String program, Optional<String> daemon, String imagePrefix) {
      this.program = program;
      this.daemon = daemon;
      this.imagePrefix = imagePrefix;
    }

    /** Its path on the machine. */
    public String program() {
      return program;
    }

    /** The unit without which it runs nothing. */
    public Optional<String> daemon() {
      return daemon;
    }

    /** An image as it wants it named. */
    public String imageUrl(String image) {
      return imagePrefix + image;
    }
  }

  /** Who brings a file or a unit. */
  public enum Source {
    /** The rendered machine. */
    OURS,
    /** The system's own image. */
    SYSTEM
  }

  /** What asks the platform about the machine, and what it calls the answers. */
  public enum Metadata {
    /** Fedora's. */
    AFTERBURN("afterburn.service", "/run/metadata/afterburn", "AFTERBURN_AWS", "AFTERBURN"),
    /** Its name when it was Container Linux's, which Flatcar kept. */
    COREOS_METADATA("coreos-metadata.service", "/run/metadata/coreos", "COREOS_EC2", "COREOS");

    private final String unit;
    private final String file;
    private final String awsPrefix;
    private final String prefix;

    Metadata(String unit, String file, String awsPrefix, String prefix) {
      this.unit = unit;
      this.file = file;
      this.awsPrefix = awsPrefix;
      this.prefix = prefix;
    }

    /** What writes the answers. */
    public String unit() {
      return unit;
    }

    /** Where they are, as an environment file. */
    public String file() {
      return file;
    }

    /** The reference to a variable of Amazon's. */
    public String aws(String name) {
      return "${" + awsPrefix + "_" + name + "}";
    }

    /** The reference to a variable of DigitalOcean's. */
    public String digitalOcean(String name) {
      return "${" + prefix + "_DIGITALOCEAN_" + name + "}";
    }
  }

  /** Which kubelet can run. */
  public enum Kubelet {
    /** The spec's, configured by a file. */
    CURRENT("/etc/cni/net.d", Optional.empty()),
    /** The last one with an image that rkt can run, configured by flags. */
    LAST_IN_RKT("/etc/kubernetes/cni/net.d", Optional.of("quay.io/poseidon/kubelet:v1.18.5"));

    private final String cniFolder;
    private final Optional<String> image;

    Kubelet(String cniFolder, Optional<String> image) {
      this.cniFolder = cniFolder;
      this.image = image;
    }

    /** Where the network's configuration is looked for. */
    public String cniFolder() {
      return cniFolder;
    }

    /** The image where the spec chooses none, if it is not the spec's default. */
    public Optional<String> image() {
      return image;
    }
  }

  /** Whether files must be labelled before a container may use them. */
  public enum Selinux {
    /** They must. */
    ENFORCED,
    /** Labels mean nothing. */
    UNUSED
  }

  /** Whether the kubelet may make cgroups below that of its unit. */
  public enum Cgroup {
    /** It may. */
    DELEGATED,
    /** systemd keeps them. */
    KEPT
  }

  /** What the machine's configuration is written in. */
  public enum Butane {
    /** Fedora CoreOS's. */
    FCOS("fcos", "1.4.0", "3.3.0"),
    /** Flatcar's. */
    FLATCAR("flatcar", "1.0.0", "3.3.0");

    private final String variant;
    private final String version;
    private final String ignition;

    Butane(String variant, String version, String ignition) {
      this.variant = variant;
      this.version = version;
      this.ignition = ignition;
    }

    /** The variant's name. */
    public String variant() {
      return variant;
    }

    /** The version of that variant. */
    public String version() {
      return version;
    }

    /** The version of Ignition that it is translated to. */
    public String ignition() {
      return ignition;
    }
  }

  private final String key;
  private final Engine engine;
  private final String runtimeUnit;
  private final Source containerdConfig;
  private final String maskedUnit;
  private final Metadata metadata;
  private final Kubelet kubelet;
  private final Source etcdUnit;
  private final String etcdOwner;
  private final Selinux selinux;
  private final Cgroup kubeletCgroup;
  private final Optional<Butane> butane;

  OperatingSystem(
      String key,
      Engine engine,
      String runtimeUnit,
      Source containerdConfig,
      String maskedUnit,
      Metadata metadata,
      Kubelet kubelet,
      Source etcdUnit,
      String etcdOwner,
      Selinux selinux,
      Cgroup kubeletCgroup,
      Optional<Butane> butane) {
    this.key = key;
    this.engine = engine;
    this.runtimeUnit = runtimeUnit;
    this.containerdConfig = containerdConfig;
    this.maskedUnit = maskedUnit;
    this.metadata = metadata;
    this.kubelet = kubelet;
    this.etcdUnit = etcdUnit;
    this.etcdOwner = etcdOwner;
    this.selinux = selinux;
    this.kubeletCgroup = kubeletCgroup;
    this.butane = butane;
  }

  /** As the spec writes it. */
  public String key() {
    return key;
  }

  /** What runs the kubelet, and etcd where its unit is ours. */
  public Engine engine() {
    return engine;
  }

  /** The unit that runs the kubelet's pods. */
  public String runtimeUnit() {
    return runtimeUnit;
  }

  /** Who configures containerd. */
  public Source containerdConfig() {
    return containerdConfig;
  }

  /** A unit of the system's that must not run beside the kubelet. */
  public String maskedUnit() {
    return maskedUnit;
  }

  /** What knows the machine's place on its platform. */
  public Metadata metadata() {
    return metadata;
  }

  /** Which kubelet can run. */
  public Kubelet kubelet() {
    return kubelet;
  }

  /** Who brings etcd's unit. */
  public Source etcdUnit() {
    return etcdUnit;
  }

  /** The user and group that etcd runs as and that must own its keys, in numbers. */
  public String etcdOwner() {
    return etcdOwner;
  }

  /** Whether files must be labelled for containers. */
  public Selinux selinux() {
    return selinux;
  }

  /** What the kubelet may do below the cgroup of its unit. */
  public Cgroup kubeletCgroup() {
    return kubeletCgroup;
  }

  /** Butane, which goes with an Ignition of version 3; nothing for Container Linux Config. */
  public Optional<Butane> butane() {
    return butane;
  }
}
