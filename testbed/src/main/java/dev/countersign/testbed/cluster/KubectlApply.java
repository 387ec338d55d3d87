package dev.countersign.testbed.cluster;

import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Applies the rendered manifests with a release's own kubectl. */
public final class KubectlApply {
  private static final int LONGEST_SECONDS = 120;

  private KubectlApply() {}

  /**
   * Applies every manifest, if the cluster has any.
   *
   * @throws ControlPlaneFailure where the API server refuses some of it, with what kubectl printed
   */
  public static void everyManifest(Layout layout, KubernetesBinaries binaries)
      throws IOException, ControlPlaneFailure, InterruptedException {
    if (!Files.isDirectory(layout.manifests())) {
      return;
    }
    Path log = layout.log("kubectl-apply");
    Process kubectl =
        new ProcessBuilder(
                binaries.file(Program.KUBECTL).toString(),
                "--kubeconfig=" + layout.adminKubeconfig(),
                "apply",
                "--server-side",
                "--validate=strict",
                "--recursive",
                "--filename=" + layout.manifests())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    kubectl.getOutputStream().close();
    try {
      if (!kubectl.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || kubectl.exitValue() != 0) {
        throw new ControlPlaneFailure(
            "kubectl apply --filename=%s: the API server refused some of it: %s"
                .formatted(
                    layout.manifests(), ClusterDirectory.tail(log).strip().replace("\n", " / ")));
      }
    } finally {
      kubectl.destroyForcibly();
    }
  }
}
