package dev.countersign.testbed.machine;

import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * kubectl as the administrator.
 *
 * @param program kubectl
 * @param kubeconfig the administrator's
 */
public record Kubectl(Path program, Path kubeconfig) {
  private static final String NAMESPACE = "countersign-system";

  public static Kubectl of(KubernetesBinaries binaries, Path kubeconfig) {
    return new Kubectl(binaries.file(Program.KUBECTL), kubeconfig);
  }

  /** Runs it; what it said, without the line end. */
  public String run(String... arguments)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(program.toString()));
    words.addAll(List.of(arguments));
    return new HostCommand(words, Map.of("KUBECONFIG", kubeconfig.toString())).require().strip();
  }

  /** What {@code kubectl rollout} does or says about the approver. */
  public String rollout(String verb, String... options)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--namespace=" + NAMESPACE, "rollout", verb, "deployment/countersign-approver"));
    words.addAll(List.of(options));
    return run(words.toArray(String[]::new));
  }

  /** The approver's pod that holds the Lease of its leader; empty while none does. */
  public String leader() throws ControlPlaneFailure, IOException, InterruptedException {
    String holder =
        run(
            "--namespace=" + NAMESPACE,
            "get",
            "lease/countersign-approver",
            "--ignore-not-found",
            "--output=jsonpath={.spec.holderIdentity}");
    // The approver puts the pod's name first, then what tells its processes apart.
    return holder.split("_", 2)[0];
  }
}
