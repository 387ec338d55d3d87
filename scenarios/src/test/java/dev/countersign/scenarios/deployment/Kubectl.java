package dev.countersign.scenarios.deployment;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The cluster's own kubectl, as its administrator. */
final class Kubectl {
  private Kubectl() {}

  static Ran run(Cluster cluster, String input, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(cluster.plane().binaries().file(Program.KUBECTL).toString());
    command.addAll(List.of(words));
    command.add("--kubeconfig=" + cluster.plane().layout().adminKubeconfig());
    return Ran.run(input, Map.of(), command);
  }

  /** Gives objects to {@code apply -f -}. */
  static void apply(Cluster cluster, String objects) throws IOException, InterruptedException {
    run(cluster, objects, "apply", "-f", "-").orThrow();
  }

  /** What it prints, where it ends well. */
  static String get(Cluster cluster, String... words) throws IOException, InterruptedException {
    return run(cluster, "", words).orThrow();
  }
}
