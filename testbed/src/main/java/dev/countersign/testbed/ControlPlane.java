package dev.countersign.testbed;

import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.ClusterDirectory;
import dev.countersign.testbed.cluster.ClusterFiles;
import dev.countersign.testbed.cluster.ClusterState;
import dev.countersign.testbed.cluster.Commands;
import dev.countersign.testbed.cluster.KubectlApply;
import dev.countersign.testbed.cluster.Layout;
import dev.countersign.testbed.cluster.LoopbackAllocator;
import dev.countersign.testbed.node.NodeAddresses;
import dev.countersign.testbed.process.Launch;
import dev.countersign.testbed.process.ProcessIdentity;
import dev.countersign.testbed.process.Supervisor;
import dev.countersign.testbed.process.Supervisor.Signal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real control plane of its own: etcd, kube-apiserver and kube-controller-manager on a loopback
 * address that nothing else uses, from rendered files.
 *
 * <p>It ends with {@link #close}, and with this JVM however that ends, unless it was {@link #detach
 * detached}. Thread-safe, but one component must not be restarted by two threads at once.
 */
public final class ControlPlane implements AutoCloseable {
  private static final int DEFAULT_PORT = 6443;
  private static final int ETCD_CLIENT_PORT = 2379;
  private static final int ETCD_PEER_PORT = 2380;
  private static final int ATTEMPTS = 8;
  private static final Duration LONGEST_START = Duration.ofMinutes(2);

  private final ControlPlaneOptions options;
  private final KubernetesBinaries binaries;
  private final Layout layout;
  private final LoopbackAllocator placement;
  private final int port;
  private final Supervisor supervisor;
  private final Map<String, ProcessIdentity> started = new LinkedHashMap<>();
  private final NodeAddresses addresses;

  private ControlPlane(
      ControlPlaneOptions options,
      KubernetesBinaries binaries,
      Layout layout,
      LoopbackAllocator placement,
      int port,
      Supervisor supervisor) {
    this.options = options;
    this.binaries = binaries;
    this.layout = layout;
    this.placement = placement;
    this.port = port;
    this.supervisor = supervisor;
    this.addresses = new NodeAddresses(placement, supervisor);
  }

  /**
   * Starts one and waits until it answers and has its manifests. A directory that holds an earlier
   * one is begun anew, but never while that one runs.
   */
  public static ControlPlane start(
      ControlPlaneOptions options, KubernetesBinaries binaries, ClusterFiles files)
      throws ControlPlaneFailure, InterruptedException {
    Layout layout = new Layout(options.directory());
    try {
      ClusterDirectory.prepare(layout);
      NodeAddresses.removeStale();
      AddressTaken last = null;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        LoopbackAllocator placement = LoopbackAllocator.of(options.directory(), attempt);
        int port = options.port().orElse(DEFAULT_PORT);
        if (!placement.isFree(port, ETCD_CLIENT_PORT, ETCD_PEER_PORT)) {
          last =
              new AddressTaken(
                  "%s: ports %d, %d and %d: got one in use; want them free"
                      .formatted(placement.loopback(), port, ETCD_CLIENT_PORT, ETCD_PEER_PORT));
          continue;
        }
        try {
          return boot(options, binaries, files, layout, placement, port);
        } catch (AddressTaken e) {
          last = e;
          ClusterDirectory.prepare(layout);
        }
      }
      throw new ControlPlaneFailure(
          "after %d attempts: %s: end what uses it, or choose another port or directory"
              .formatted(ATTEMPTS, last == null ? "" : last.getMessage()));
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: it can't be written (%s); want a directory of this user's own on a disk with room: choose another, or fix its permissions"
              .formatted(layout.directory(), e.getMessage()),
          e);
    }
  }

  private static ControlPlane boot(
      ControlPlaneOptions options,
      KubernetesBinaries binaries,
      ClusterFiles files,
      Layout layout,
      LoopbackAllocator placement,
      int port)
      throws IOException, ControlPlaneFailure, InterruptedException {
    options.progress().accept("rendering keys, certificates and manifests");
    files.write(layout, placement, port, binaries.release());
    ClusterDirectory.place(layout);
    Supervisor supervisor = binaries.startSupervisor(layout.log("supervise"));
    ControlPlane plane = new ControlPlane(options, binaries, layout, placement, port, supervisor);
    boolean up = false;
    try {
      plane.startAll();
      up = true;
      return plane;
    } finally {
      if (!up) {
        supervisor.close();
        Files.deleteIfExists(layout.state());
      }
    }
  }

  private void startAll() throws IOException, ControlPlaneFailure, InterruptedException {
    writeState();
    options.progress().accept("starting etcd");
    int etcdServers = new Commands(layout, placement, port).etcdServers(options.durable()).size();
    for (int number = 1; etcdServers > 1 && number <= etcdServers; number++) {
      addresses.addLoopback(number);
    }
    start(Component.ETCD);
    start(Component.API_SERVER);
    options.progress().accept("waiting for kube-apiserver");
    awaitReady(LONGEST_START);
    for (Component component : Component.values()) {
      if (options.components().contains(component)) {
        start(component);
      }
    }
    options.progress().accept("applying manifests");
    KubectlApply.everyManifest(layout, binaries);
    writeState();
  }

  /** Its directory. */
  public Layout layout() {
    return layout;
  }

  /** The programs it runs. */
  public KubernetesBinaries binaries() {
    return binaries;
  }

  /** Its addresses. */
  public LoopbackAllocator placement() {
    return placement;
  }

  /** Addresses for nodes on this machine. */
  public NodeAddresses addresses() {
    return addresses;
  }

  /** What starts and ends processes on its behalf. */
  public Supervisor supervisor() {
    return supervisor;
  }

  /** Where the API server answers. */
  public URI server() {
    return URI.create("https://" + placement.loopback() + ":" + port);
  }

  /** A connection as the administrator; the caller closes it. */
  public ApiConnection connect() throws ControlPlaneFailure {
    return new ApiConnection(ClientConfig.read(layout.adminKubeconfig()));
  }

  /** Starts a component that does not run: every server of it. It is not waited for. */
  public void start(Component component)
      throws IOException, ControlPlaneFailure, InterruptedException {
    start(component, binaries, options.extraFlags().getOrDefault(component, List.of()));
  }

  private void start(Component component, KubernetesBinaries programs, List<String> extra)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Commands commands = new Commands(layout, placement, port);
    Path program = programs.file(component.program());
    if (component == Component.ETCD) {
      for (var server : commands.etcdServers(options.durable()).entrySet()) {
        start(program, server.getKey(), extra, server.getValue());
      }
    } else {
      start(program, component.processName(), commands.flags(component, extra), Map.of());
    }
    writeState();
  }

  private void start(Path program, String name, List<String> flags, Map<String, String> environment)
      throws IOException, ControlPlaneFailure, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(flags);
    Launch launch = new Launch(name, command, environment, layout.directory(), layout.log(name));
    // One that loses its Lease ends, and on a node the kubelet starts its static pod again.
    boolean electsLeader = flags.contains("--leader-elect=true");
    ProcessIdentity process =
        electsLeader ? supervisor.keepRunning(launch) : supervisor.start(launch);
    synchronized (started) {
      started.put(name, process);
    }
  }

  /** The processes of a component: several where a cluster has several etcd servers. */
  private List<String> processes(Component component) {
    synchronized (started) {
      return started.keySet().stream()
          .filter(
              name ->
                  name.equals(component.processName())
                      || (component == Component.ETCD
                          && name.startsWith(component.processName() + "-")))
          .toList();
    }
  }

  /** Ends a component and waits until it has ended. */
  public void stop(Component component) throws ControlPlaneFailure, InterruptedException {
    end(component, Signal.TERM);
  }

  /** Ends a component as a crash would. */
  public void kill(Component component) throws ControlPlaneFailure, InterruptedException {
    end(component, Signal.KILL);
  }

  /** Kills a component, starts it again and waits until the API server is ready. */
  public void restart(Component component)
      throws IOException, ControlPlaneFailure, InterruptedException {
    kill(component);
    start(component);
    awaitReady(LONGEST_START);
  }

  /**
   * Kills a component, starts it from a release's programs and the files as they now are, as an
   * upgrade does, and waits until the API server is ready.
   */
  public void replace(Component component, KubernetesBinaries programs, List<String> extraFlags)
      throws IOException, ControlPlaneFailure, InterruptedException {
    kill(component);
    start(component, programs, extraFlags);
    awaitReady(LONGEST_START);
  }

  private void end(Component component, Signal signal)
      throws ControlPlaneFailure, InterruptedException {
    for (String process : processes(component)) {
      supervisor.signal(process, signal);
    }
    for (String process : processes(component)) {
      if (supervisor.awaitExit(process, Duration.ofSeconds(60)).isEmpty()) {
        throw new ControlPlaneFailure(process + ": it did not end within 60 s of " + signal);
      }
    }
  }

  /** Waits until the API server says that it is ready. */
  public void awaitReady(Duration limit) throws ControlPlaneFailure, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    String last = "no answer";
    try (ApiConnection connection = connect()) {
      while (System.nanoTime() < deadline) {
        for (Component component : List.of(Component.ETCD, Component.API_SERVER)) {
          for (String process : processes(component)) {
            if (supervisor.exitOf(process).isPresent()) {
              throw ended(process);
            }
          }
        }
        try {
          var answer = connection.text("/readyz");
          if (answer.statusCode() == 200) {
            return;
          }
          last = "HTTP status " + answer.statusCode();
        } catch (IOException e) {
          last = String.valueOf(e.getMessage());
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
    throw new ControlPlaneFailure(
        "kube-apiserver: got %s after %d s; want it ready; its log is %s"
            .formatted(last, limit.toSeconds(), layout.log("kube-apiserver")));
  }

  private ControlPlaneFailure ended(String process) {
    Path log = layout.log(process);
    String tail = ClusterDirectory.tail(log);
    if (tail.contains("address already in use")) {
      return new AddressTaken(
          "%s at %s: got an address in use; want a free one"
              .formatted(process, placement.loopback()));
    }
    String[] lines = tail.strip().split("\n", -1);
    return new ControlPlaneFailure(
        "%s: it ended while starting; its log %s ends with: %s"
            .formatted(process, log, lines[lines.length - 1]));
  }

  /** From now on it outlives this JVM, until {@link #down}. */
  public void detach() throws IOException, ControlPlaneFailure, InterruptedException {
    writeState();
    supervisor.detach();
  }

  @Override
  public void close() {
    supervisor.close();
    try {
      if (!supervisor.identity().isAlive()) {
        Files.deleteIfExists(layout.state());
      }
    } catch (IOException e) {
      // The state tells of processes that have ended, which is found out when it is read.
    }
  }

  /**
   * Ends what runs in a directory and was detached.
   *
   * @return whether anything ran
   */
  public static boolean down(Path directory) throws ControlPlaneFailure, InterruptedException {
    Layout layout = new Layout(directory.toAbsolutePath().normalize());
    Optional<ClusterState> state = ClusterState.read(layout.state());
    boolean ran = false;
    if (state.isPresent()) {
      ran = state.get().supervisor().end(60);
      for (ProcessIdentity process : state.get().processes().values()) {
        process.end(5);
      }
      try {
        Files.deleteIfExists(layout.state());
      } catch (IOException e) {
        throw new ControlPlaneFailure(
            layout.state() + ": everything has ended, but this file can't be removed", e);
      }
    }
    NodeAddresses.removeStale();
    return ran;
  }

  private void writeState() throws IOException {
    Map<String, ProcessIdentity> processes;
    synchronized (started) {
      processes = new LinkedHashMap<>(started);
    }
    new ClusterState(
            binaries.version(),
            server().toString(),
            placement.id(),
            supervisor.identity(),
            processes)
        .write(layout.state());
  }
}
