package dev.countersign.cli.demo.machine;

import dev.countersign.controlplane.ControlPlane;
import dev.countersign.controlplane.ControlPlaneFailure;
import dev.countersign.controlplane.process.Launch;
import dev.countersign.controlplane.process.Supervisor;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.file.AtomicFiles;
import dev.countersign.x509.file.FileMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A machine as its Ignition file makes it, in the namespaces of this process: the rendered files at
 * their own paths, containerd, and the rendered units' commands run in the order of systemd.
 *
 * <p>What differs from a machine that booted Fedora CoreOS is in {@link #differences()}.
 */
final class Machine {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path STATE = Path.of("/run/demo/state");

  private final ControlPlane plane;
  private final String name;
  private final String address;
  private final Path folder;
  private final IgnitionConfig config;
  private final Set<String> differences = new LinkedHashSet<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private int boots;

  private Machine(
      ControlPlane plane, String name, String address, Path folder, IgnitionConfig config) {
    this.plane = plane;
    this.name = name;
    this.address = address;
    this.folder = folder;
    this.config = config;
  }

  /**
   * Makes the machine's disk; nothing runs yet.
   *
   * @param folder for what is too big for memory: container storage
   * @param containerd folder of containerd and ctr
   */
  static Machine install(
      ControlPlane plane, String name, Path folder, IgnitionConfig config, Path containerd)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Machine machine = new Machine(plane, name, plane.addresses().claim(), folder, config);
    machine.environment.put(
        "PATH", "/run/demo/bin:" + containerd + ":/usr/sbin:/usr/bin:/sbin:/bin");
    machine.environment.put("CONTAINERS_CONF", "/run/demo/containers.conf");
    machine.mount();
    machine.writeFiles();
    machine.writeOwn();
    return machine;
  }

  String name() {
    return name;
  }

  String address() {
    return address;
  }

  /** What is not as on a machine of the rendered operating system, one sentence each. */
  List<String> differences() {
    return List.copyOf(differences);
  }

  /**
   * Starts the container runtime and gives it images by repository, in place of a registry; their
   * tags are those that they were built with.
   */
  void startRuntime(Map<String, Path> images)
      throws IOException, ControlPlaneFailure, InterruptedException {
    start("containerd", List.of("containerd", "--config", "/etc/containerd/config.toml"));
    await("containerd's socket", () -> run(List.of("ctr", "version")).status() == 0);
    for (Map.Entry<String, Path> image : images.entrySet()) {
      require(
          List.of(
              "ctr",
              "--namespace=k8s.io",
              "images",
              "import",
              "--local",
              "--base-name=" + image.getKey(),
              image.getValue().toString()));
    }
    differences.add("Images are imported from files, as there is no registry in this network.");
  }

  /** Gives podman the image that {@code KUBELET_IMAGE} names. */
  void loadKubeletImage(String image, Path archive, String tag)
      throws IOException, ControlPlaneFailure, InterruptedException {
    String id =
        require(List.of("podman", "pull", "--quiet", "oci-archive:" + archive + ":" + tag)).strip();
    require(List.of("podman", "tag", id, image));
  }

  /** Boots: runs what the unit's {@code ExecStartPre} and {@code ExecStart} say. */
  void boot() throws IOException, ControlPlaneFailure, InterruptedException {
    boots++;
    Files.writeString(STATE, "running\n");
    UnitFile unit = unit("kubelet.service");
    Map<String, String> variables = variables(unit);
    for (UnitFile.Command command : unit.commands("ExecStartPre")) {
      List<String> words = command.with(variables);
      Outcome outcome = run(words);
      if (outcome.status() != 0 && !command.mayFail()) {
        throw failed(words, outcome);
      }
    }
    for (UnitFile.Command command : unit.commands("ExecStart")) {
      start(process(), withoutMissingVolumes(command.with(variables)));
    }
  }

  /** The command line that the kubelet was started with. */
  List<String> kubeletCommand() {
    UnitFile unit = unit("kubelet.service");
    return withoutMissingVolumes(unit.commands("ExecStart").getFirst().with(variables(unit)));
  }

  /** Shuts down: units stop in the reverse of their order; what the first one said. */
  String shutDown() throws IOException, ControlPlaneFailure, InterruptedException {
    Files.writeString(STATE, "stopping\n");
    StringBuilder said = new StringBuilder();
    for (String name : List.of("delete-node.service", "kubelet.service")) {
      UnitFile unit = unit(name);
      for (UnitFile.Command command : unit.commands("ExecStop")) {
        List<String> words = command.with(variables(unit));
        Outcome outcome = runWith(words, variables(unit));
        said.append(outcome.output());
        if (outcome.status() != 0 && !command.mayFail()) {
          throw failed(words, outcome);
        }
      }
    }
    plane.supervisor().awaitExit(process(), Duration.ofSeconds(60));
    return said.toString();
  }

  /** What the kubelet of this boot prints. */
  Path kubeletLog() {
    return plane.layout().log(process());
  }

  private String process() {
    return "kubelet.service-" + boots;
  }

  private UnitFile unit(String unitName) {
    return Optional.ofNullable(config.units().get(unitName))
        .orElseThrow(() -> new IllegalStateException("no unit " + unitName + " was rendered"));
  }

  private Map<String, String> variables(UnitFile unit) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.putAll(unit.environment());
    return all;
  }

  private List<String> withoutMissingVolumes(List<String> words) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("--volume") && i + 1 < words.size()) {
        String source = words.get(i + 1).split(":", 2)[0];
        if (Files.notExists(Path.of(source))) {
          differences.add("This host has no " + source + ", so the kubelet's container has none.");
          i++;
          continue;
        }
      }
      kept.add(words.get(i));
    }
    return kept;
  }

  private void mount() throws IOException, ControlPlaneFailure, InterruptedException {
    for (String part : List.of("containerd", "kubelet", "containers", "log", "cni", "opt")) {
      Files.createDirectories(
          folder.resolve(part),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    StringBuilder script = new StringBuilder();
    script.append(
        """
        ip link set lo up
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/demo/bin /run/overlay
        mount -t tmpfs -o mode=755 tmpfs /run/overlay
        for place in etc opt var/lib; do
          mkdir -p "/run/overlay/$place/upper" "/run/overlay/$place/work" "/$place"
          mount -t overlay -o \
        "lowerdir=/$place,upperdir=/run/overlay/$place/upper,workdir=/run/overlay/$place/work" \
        overlay "/$place"
        done
        mkdir -p /etc/kubernetes /etc/cni/net.d /opt/cni/bin
        for place in kubelet containerd containers; do
          mkdir -p "/var/lib/$place"
          mount --bind "$1/$place" "/var/lib/$place"
        done
        mount --make-rshared /var/lib/kubelet
        mount --bind "$1/log" /var/log
        """);
    List<MachineNamespace.Hierarchy> hierarchies =
        MachineNamespace.hierarchies(Files.readString(Path.of("/proc/self/mountinfo")));
    boolean unified = hierarchies.stream().anyMatch(each -> each.mount().endsWith("cgroup"));
    if (unified) {
      script.append("mount -t cgroup2 cgroup2 /sys/fs/cgroup\n");
    } else {
      script.append("mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup\n");
      for (MachineNamespace.Hierarchy each : hierarchies) {
        script.append(
            "mkdir -p '%1$s'; mount -t %2$s %3$s cgroup '%1$s'\n"
                .formatted(
                    each.mount(),
                    each.type(),
                    each.options().isEmpty() ? "" : "-o " + each.options()));
      }
      differences.add("This host has control groups of version 1, so failCgroupV1 is false.");
    }
    require(List.of("sh", "-ec", script.toString(), "sh", folder.toString()));
    Files.writeString(Path.of("/proc/sys/kernel/hostname"), name);
  }

  private void writeFiles() throws IOException {
    for (IgnitionConfig.Entry each : config.directories()) {
      Files.createDirectories(Path.of(each.path()));
    }
    for (IgnitionConfig.Entry each : config.files()) {
      Path path = Path.of(each.path());
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.deleteIfExists(path);
      Bytes content = bent(each);
      AtomicFiles.write(path, content, FileMode.SECRET);
      Files.setPosixFilePermissions(path, permissions(each.mode()));
    }
  }

  private Bytes bent(IgnitionConfig.Entry file) {
    return switch (file.path()) {
      case "/etc/kubernetes/kubelet.yaml" -> {
        differences.add(
            "There is no systemd: cgroupDriver is cgroupfs, shutdownGracePeriod is 0, and the"
                + " units' commands are run by the demo.");
        yield Bytes.ofUtf8(
            text(file)
                    .replaceAll("(?m)^cgroupDriver:.*$", "cgroupDriver: cgroupfs")
                    .replaceAll("(?m)^shutdownGracePeriod\\w*:.*\n", "")
                + "failCgroupV1: false\nfailSwapOn: false\n");
      }
      case "/etc/containerd/config.toml" -> {
        differences.add(
            "containerd's SystemdCgroup and enable_selinux are false, and restrict_oom_score_adj is"
                + " true; its sandbox image is the demo's own.");
        yield Bytes.ofUtf8(
            text(file)
                .replace("SystemdCgroup = true", "SystemdCgroup = false")
                .replace(
                    "enable_selinux = true",
                    "enable_selinux = false\nrestrict_oom_score_adj = true\nsandbox_image = \""
                        + MachineImages.TOOLS
                        + "\"")
                .replaceAll("(?m)^oom_score = .*$", "oom_score = 0"));
      }
      case "/etc/kubernetes/delete-node" -> {
        differences.add(
            "runc knows no --cgroups disabled, so delete-node's kubectl is without it.");
        yield Bytes.ofUtf8(text(file).replaceAll("(?m)^ *--cgroups disabled \\\\\n", ""));
      }
      default -> file.content();
    };
  }

  private static String text(IgnitionConfig.Entry file) {
    return new String(file.content().toByteArray(), StandardCharsets.UTF_8);
  }

  /** What the operating system would have, or what its network would bring. */
  private void writeOwn() throws IOException, ControlPlaneFailure, InterruptedException {
    replace("/etc/hosts", "127.0.0.1 localhost\n" + address + " " + name + "\n", 0644);
    replace("/etc/resolv.conf", "# no names are looked up\noptions attempts:1\n", 0644);
    replace(
        "/etc/machine-id",
        HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8), 0, 1).repeat(16) + "\n",
        0444);
    Files.createDirectories(Path.of("/run/systemd/resolve"));
    replace("/run/systemd/resolve/resolv.conf", "options attempts:1\n", 0644);
    replace(STATE.toString(), "running\n", 0644);
    replace("/run/demo/bin/systemctl", "#!/bin/sh\ncat " + STATE + "\n", 0755);
    // runc and not crun, control groups without systemd, and no more than this host lets a
    // container have.
    replace(
        "/run/demo/containers.conf",
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        runtime = "runc"
        """,
        0644);
    differences.add("podman uses runc and cgroupfs, told by a containers.conf.");
    Path plugins = Path.of("/usr/lib/cni");
    if (Files.isDirectory(plugins)) {
      require(List.of("sh", "-ec", "cp " + plugins + "/* /opt/cni/bin/"));
    }
    replace(
        "/etc/cni/net.d/10-demo.conflist",
        """
        {"cniVersion": "0.4.0", "name": "demo", "plugins": [{"type": "ptp", "ipam":
          {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "10.2.1.0/24"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """,
        0644);
    differences.add(
        "The pods' network is one ptp plugin and the API server's Service is passed on by the demo;"
            + " there is neither flannel nor kube-proxy.");
  }

  private static void replace(String file, String text, int mode) throws IOException {
    Path path = Path.of(file);
    Files.deleteIfExists(path);
    AtomicFiles.write(path, Bytes.ofUtf8(text), FileMode.SECRET);
    Files.setPosixFilePermissions(path, permissions(mode));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder letters = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      letters.append((mode >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
    }
    return PosixFilePermissions.fromString(letters.toString());
  }

  private void start(String process, List<String> command)
      throws ControlPlaneFailure, InterruptedException {
    List<String> all = new ArrayList<>(List.of("/usr/bin/env"));
    environment.forEach((key, value) -> all.add(key + "=" + value));
    all.addAll(command);
    plane
        .supervisor()
        .start(new Launch(process, all, Map.of(), Path.of("/"), plane.layout().log(process)));
  }

  /** Whether a process of the machine has ended. */
  Optional<Supervisor.Exit> ended() {
    return plane.supervisor().exitOf(process());
  }

  /** What a command that has ended left. */
  record Outcome(int status, String output) {}

  private String require(List<String> command)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Outcome outcome = run(command);
    if (outcome.status() != 0) {
      throw failed(command, outcome);
    }
    return outcome.output();
  }

  private Outcome run(List<String> command) throws IOException, InterruptedException {
    return runWith(command, environment);
  }

  private static Outcome runWith(List<String> command, Map<String, String> variables)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("/usr/bin/env"));
    variables.forEach((key, value) -> all.add(key + "=" + value));
    all.addAll(command);
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  private static ControlPlaneFailure failed(List<String> command, Outcome outcome) {
    String[] lines = outcome.output().strip().split("\n", -1);
    return new ControlPlaneFailure(
        "%s: it ended with status %d: %s"
            .formatted(
                String.join(" ", command.subList(0, Math.min(4, command.size())))
                    .lines()
                    .findFirst()
                    .orElse(""),
                outcome.status(),
                lines[lines.length - 1]));
  }

  /** A question that is asked until it is answered with yes. */
  @FunctionalInterface
  interface Question {
    boolean ask() throws IOException, InterruptedException;
  }

  private static void await(String what, Question question)
      throws IOException, ControlPlaneFailure, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!question.ask()) {
      if (System.nanoTime() > deadline) {
        throw new ControlPlaneFailure(what + ": not there after " + PATIENCE.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }
}
