package dev.countersign.testbed.node;

import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testbed.cluster.Layout;
import dev.countersign.testbed.process.Launch;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A real kubelet that joins with the rendered bootstrap kubeconfig and the rendered configuration.
 * Its container runtime only pretends, so it gets an identity and a Node, and runs nothing.
 *
 * <p>It has an address and directories of its own; {@code /var/lib/kubelet}, which parts of a
 * kubelet name without being asked, is its own in a mount namespace. It ends with its control
 * plane.
 */
public final class RealKubelet implements AutoCloseable {
  /** The port of every kubelet's API; each has its own address. */
  public static final int PORT = 10250;

  private static final int LONGEST_SOCKET_PATH = 100;

  private final ControlPlane plane;
  private final String name;
  private final String address;
  private final Optional<String> ipv6;
  private final Path directory;
  private final List<String> extraFlags;
  private KubernetesBinaries programs;

  private RealKubelet(
      ControlPlane plane,
      KubernetesBinaries programs,
      String name,
      String address,
      Optional<String> ipv6,
      List<String> extraFlags) {
    this.plane = plane;
    this.programs = programs;
    this.name = name;
    this.address = address;
    this.ipv6 = ipv6;
    this.directory = plane.layout().node(name);
    this.extraFlags = List.copyOf(extraFlags);
  }

  /** Why there can be no real kubelet on this control plane; empty where there can. */
  public static Optional<String> unavailable(ControlPlane plane) {
    return unavailable(plane.binaries());
  }

  private static Optional<String> unavailable(KubernetesBinaries programs) {
    for (Program program : List.of(Program.KUBELET, Program.FAKE_CRI)) {
      if (!programs.has(program)) {
        return Optional.of(
            "no %s in %s (%s); a build from Go modules has it"
                .formatted(program.fileName(), programs.directory(), programs.source()));
      }
    }
    try {
      String map = Files.readString(Path.of("/proc/self/uid_map")).strip();
      if (!map.matches("0\\s+0\\s+4294967295")) {
        return Optional.of(
            "root of a user namespace only; a kubelet sets what only the machine's root may set");
      }
    } catch (IOException e) {
      // No Linux, or no such namespaces: nothing is in the way.
    }
    return NodeAddresses.unavailable();
  }

  /** Starts one of the control plane's own release; it is not waited for. */
  public static RealKubelet start(ControlPlane plane, String name, String... extraFlags)
      throws IOException, ControlPlaneFailure, InterruptedException {
    return start(plane, plane.binaries(), name, extraFlags);
  }

  /** Starts one from a release's programs. */
  public static RealKubelet start(
      ControlPlane plane, KubernetesBinaries programs, String name, String... extraFlags)
      throws IOException, ControlPlaneFailure, InterruptedException {
    return start(plane, programs, name, false, List.of(extraFlags));
  }

  /**
   * Starts one whose Node has an address of each family, IPv4 first.
   *
   * @throws ControlPlaneFailure also where {@link NodeAddresses#ipv6Unavailable}
   */
  public static RealKubelet startDualStack(ControlPlane plane, String name, List<String> extraFlags)
      throws IOException, ControlPlaneFailure, InterruptedException {
    return start(plane, plane.binaries(), name, true, extraFlags);
  }

  private static RealKubelet start(
      ControlPlane plane,
      KubernetesBinaries programs,
      String name,
      boolean dualStack,
      List<String> extraFlags)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Optional<String> why = unavailable(programs);
    if (why.isPresent()) {
      throw new ControlPlaneFailure(why.get());
    }
    Path directory = plane.layout().node(name);
    for (String part : List.of("", "pki", "lib", "pod-logs")) {
      Files.createDirectories(
          directory.resolve(part),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    String address = plane.addresses().claim();
    Optional<String> ipv6 =
        dualStack ? Optional.of(plane.addresses().claimIpv6For(address)) : Optional.empty();
    RealKubelet kubelet = new RealKubelet(plane, programs, name, address, ipv6, extraFlags);
    kubelet.writeConfiguration();
    kubelet.startRuntime();
    kubelet.startKubelet();
    return kubelet;
  }

  /** Its Node's name. */
  public String name() {
    return name;
  }

  /** Its Node's address. */
  public InetAddress address() {
    return literal(address);
  }

  /** Its Node's IPv6 address beside that one, where it has one. */
  public Optional<InetAddress> ipv6Address() {
    return ipv6.map(RealKubelet::literal);
  }

  private static InetAddress literal(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (IOException e) {
      throw new IllegalStateException("a literal address is not looked up", e);
    }
  }

  /** The kubeconfig it writes once it has its client certificate. */
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** Where it keeps its certificates, among them {@code kubelet-server-current.pem}. */
  public Path certificates() {
    return directory.resolve("pki");
  }

  /** What it prints. */
  public Path log() {
    return plane.layout().log(processName());
  }

  /** Kills the kubelet, as a crash would, and starts it again; its files stay. */
  public void restart() throws ControlPlaneFailure, InterruptedException {
    plane.supervisor().signal(processName(), Supervisor.Signal.KILL);
    plane.supervisor().awaitExit(processName(), Duration.ofSeconds(30));
    startKubelet();
  }

  /** Starts it again from another release's programs, with the configuration as it now is. */
  public void restart(KubernetesBinaries newer)
      throws IOException, ControlPlaneFailure, InterruptedException {
    programs = newer;
    writeConfiguration();
    restart();
  }

  /** Ends the kubelet and its runtime; its files stay. */
  @Override
  public void close() throws ControlPlaneFailure {
    for (String process : List.of(processName(), runtimeName())) {
      if (plane.supervisor().running(process).isPresent()) {
        plane.supervisor().signal(process, Supervisor.Signal.TERM);
      }
    }
  }

  private String processName() {
    return "kubelet-" + name;
  }

  private String runtimeName() {
    return "fake-cri-" + name;
  }

  private Path socket() {
    Path own = directory.resolve("cri.sock");
    // sockaddr_un has room for 107 bytes.
    return own.toString().length() <= LONGEST_SOCKET_PATH
        ? own
        : Path.of("/run/countersign", plane.placement().id() + "-" + name + ".sock");
  }

  private void startRuntime() throws ControlPlaneFailure, InterruptedException {
    plane.supervisor().atEnd(List.of("rm", "-f", socket().toString()));
    plane
        .supervisor()
        .start(
            new Launch(
                runtimeName(),
                List.of(programs.file(Program.FAKE_CRI).toString(), "unix://" + socket()),
                Map.of(),
                directory,
                plane.layout().log(runtimeName())));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (Files.notExists(socket())) {
      if (System.nanoTime() > deadline || plane.supervisor().exitOf(runtimeName()).isPresent()) {
        throw new ControlPlaneFailure(
            runtimeName() + ": got no socket; see " + plane.layout().log(runtimeName()));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void startKubelet() throws ControlPlaneFailure, InterruptedException {
    Layout layout = plane.layout();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-ec",
            "mkdir -p /var/lib/kubelet; mount --bind \"$1\" /var/lib/kubelet; shift; exec \"$@\"",
            "sh",
            directory.resolve("lib").toString()));
    command.addAll(
        List.of(
            programs.file(Program.KUBELET).toString(),
            "--bootstrap-kubeconfig=" + layout.bootstrapKubeconfig(),
            "--cert-dir=" + certificates(),
            "--config=" + directory.resolve("kubelet.yaml"),
            "--hostname-override=" + name,
            "--kubeconfig=" + kubeconfig(),
            "--node-ip=" + address + ipv6.map(more -> "," + more).orElse(""),
            "--node-labels=node.kubernetes.io/node="));
    command.addAll(extraFlags);
    // As kubelet.service says with Restart=.
    plane.supervisor().keepRunning(new Launch(processName(), command, Map.of(), directory, log()));
  }

  /**
   * The rendered configuration, moved to this node's directories, and bent to hosts without
   * systemd.
   */
  private void writeConfiguration() throws IOException, ControlPlaneFailure {
    Path rendered = plane.layout().kubeletConfiguration();
    Map<String, Object> configuration = new LinkedHashMap<>();
    try {
      Object root =
          new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(rendered));
      if (!(root instanceof Map<?, ?> map)) {
        throw new ControlPlaneFailure(rendered + ": got no mapping; want KubeletConfiguration");
      }
      map.forEach((key, value) -> configuration.put(String.valueOf(key), value));
    } catch (YAMLException e) {
      throw new ControlPlaneFailure(rendered + ": got something else; want YAML", e);
    }
    Map<String, Object> authentication =
        configuration.get("authentication") instanceof Map<?, ?> map
            ? copy(map)
            : new LinkedHashMap<>();
    authentication.put("x509", Map.of("clientCAFile", plane.layout().authority().toString()));
    configuration.put("authentication", authentication);
    configuration.put("address", address);
    configuration.put("containerRuntimeEndpoint", "unix://" + socket());
    configuration.put("podLogsDir", directory.resolve("pod-logs").toString());
    configuration.put("volumePluginDir", directory.resolve("lib/volumeplugins").toString());
    if (Files.notExists(Path.of(String.valueOf(configuration.get("resolvConf"))))) {
      configuration.put("resolvConf", "/etc/resolv.conf");
    }
    // The host's own; this node has no pods that would need them.
    configuration.put("makeIPTablesUtilChains", false);
    configuration.remove("staticPodPath");
    // Both need systemd.
    configuration.remove("shutdownGracePeriod");
    configuration.remove("shutdownGracePeriodCriticalPods");
    configuration.put("cgroupDriver", "cgroupfs");
    // Hosts with cgroup v1, and with the cgroups of a container.
    configuration.put("cgroupsPerQOS", false);
    configuration.put("enforceNodeAllocatable", List.of());
    configuration.put("failCgroupV1", false);
    configuration.put("failSwapOn", false);
    Files.writeString(directory.resolve("kubelet.yaml"), new Yaml().dump(configuration));
  }

  private static Map<String, Object> copy(Map<?, ?> map) {
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((key, value) -> result.put(String.valueOf(key), Objects.requireNonNull(value)));
    return result;
  }
}
