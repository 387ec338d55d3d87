package dev.countersign.testbed.node;

import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Nodes of one control plane: simulated ones, and a real kubelet where this host can run one.
 * Closing it ends them.
 */
public final class NodeFleet implements AutoCloseable {
  /** The port that every kubelet serves on. */
  public static final int KUBELET_PORT = RealKubelet.PORT;

  private static final Duration KUBELET_PATIENCE = Duration.ofSeconds(90);

  private final ControlPlane plane;
  private final SecureRandom random = new SecureRandom();
  private final List<SimulatedKubelet> simulated = new ArrayList<>();
  private @Nullable RealKubelet kubelet;

  /** Starts with no nodes. */
  public NodeFleet(ControlPlane plane) {
    this.plane = plane;
  }

  /** The simulated nodes, in the order they were made. */
  public List<SimulatedKubelet> simulated() {
    return List.copyOf(simulated);
  }

  /** Starts a real kubelet, which counts as the first node. */
  public void startKubelet() throws ControlPlaneFailure, IOException, InterruptedException {
    kubelet = RealKubelet.start(plane, "kubelet-0");
  }

  /** Makes simulated nodes until there are as many in all. */
  public void simulate(int nodes) throws ControlPlaneFailure, IOException, InterruptedException {
    for (int i = simulated.size() + (kubelet == null ? 0 : 1); i < nodes; i++) {
      String name = "worker-" + i;
      simulated.add(
          new SimulatedKubelet(
              name,
              InetAddress.getByName(plane.addresses().claim()),
              plane.layout().node(name),
              random,
              OptionalInt.empty()));
    }
  }

  /**
   * Lets every node join, and simulated ones rotate both certificates, and looks at each from
   * outside.
   *
   * @param joined is told how many simulated nodes have joined
   */
  public List<NodeReport> join(NodeInspection inspection, Consumer<Integer> joined)
      throws IOException, InterruptedException {
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<NodeReport>> futures =
          simulated.stream()
              .map(
                  node ->
                      threads.submit(
                          () -> {
                            NodeReport report = joinOne(plane, node, inspection);
                            joined.accept(done.incrementAndGet());
                            return report;
                          }))
              .toList();
      List<NodeReport> reports = new ArrayList<>();
      if (kubelet != null) {
        reports.add(awaitKubelet(kubelet, inspection));
      }
      for (Future<NodeReport> future : futures) {
        reports.add(future.get());
      }
      return reports;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new IOException(
          cause == null ? "a node did not join" : String.valueOf(cause.getMessage()), e);
    }
  }

  /** A real kubelet takes its time: it is looked at until the API server reaches it. */
  private static NodeReport awaitKubelet(RealKubelet kubelet, NodeInspection inspection)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + KUBELET_PATIENCE.toNanos();
    IOException last = new IOException("not looked at");
    while (System.nanoTime() < deadline) {
      try {
        NodeReport report =
            inspection.report(
                kubelet.name(), "kubelet", kubelet.address(), RealKubelet.PORT, false);
        if (report.good()) {
          return report;
        }
        last = new IOException("the API server got " + report.reached() + " from it");
      } catch (IOException e) {
        last = e;
      }
      Thread.sleep(200);
    }
    throw new IOException(
        "%s: got no verified serving certificate within %d s (%s); its log is %s, the demo's directory is kept with --keep or --dir"
            .formatted(
                kubelet.name(), KUBELET_PATIENCE.toSeconds(), last.getMessage(), kubelet.log()),
        last);
  }

  private static NodeReport joinOne(
      ControlPlane started, SimulatedKubelet node, NodeInspection inspection)
      throws ControlPlaneFailure, IOException, InterruptedException {
    node.bootstrap(started.layout().bootstrapKubeconfig());
    node.register(KUBELET_PORT);
    node.heartbeat();
    node.serve(KUBELET_PORT);
    X509Certificate first = inspection.served(node.address(), KUBELET_PORT);
    node.rotateClient();
    node.rotateServing();
    X509Certificate second = inspection.served(node.address(), KUBELET_PORT);
    boolean rotated = !first.getSerialNumber().equals(second.getSerialNumber());
    return inspection.report(node.name(), "simulated", node.address(), KUBELET_PORT, rotated);
  }

  /** Ends the nodes; a kubelet that does not end is told by the exception. */
  @Override
  public void close() throws ControlPlaneFailure {
    simulated.forEach(SimulatedKubelet::close);
    if (kubelet != null) {
      kubelet.close();
    }
  }
}
