package dev.countersign.scenarios.tokens;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real kubelets, one with the new token and one with the old. */
@OnControlPlane
@RequiresTool({"ip", "unshare"})
class RotatedTokenIT {
  @Test
  void realKubelet_joinsWithTheNewToken_andIsToldWhyNotWithTheOld(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path old = directory.resolve("old.kubeconfig");
    String id =
        new ObjectMapper()
            .readTree(
                strict
                    .cluster()
                    .command(
                        "token",
                        "create",
                        "--node",
                        "real-*",
                        "--uses",
                        "1",
                        "--kubeconfig-out",
                        old.toString(),
                        "-o",
                        "json")
                    .orThrow())
            .path("id")
            .asText();
    try (var joins = strict.startJoins();
        SimulatedKubelet first = strict.cluster().joining("real-0")) {
      first.bootstrap(old);
      Path rotated = directory.resolve("new.kubeconfig");
      strict
          .cluster()
          .command("token", "rotate", id, "--grace", "30m", "--kubeconfig-out", rotated.toString())
          .orThrow();

      try (RealKubelet late = kubelet(strict, "real-1", old);
          RealKubelet ready = kubelet(strict, "real-2", rotated)) {
        eventually("the kubelet with the new token to join", () -> exists(certificate(ready)));
        eventually(
            "the kubelet with the used-up token to say why it can't",
            () -> Files.readString(late.log()).contains("TokenUsedUp"));
        assertThat(Files.readString(late.log())).contains("is denied").contains("ask for a new");
        assertThat(certificate(late)).doesNotExist();
      }
      strict.cluster().command("token", "delete", id).orThrow();
      try (RealKubelet gone = kubelet(strict, "real-3", old)) {
        eventually(
            "the kubelet with the deleted token to say so",
            () -> exists(gone.log()) && Files.readString(gone.log()).contains("Unauthorized"));
        assertThat(certificate(gone)).doesNotExist();
      }
      assertThat(joins).isNotNull();
    }
  }

  private static RealKubelet kubelet(StrictCluster strict, String name, Path bootstrap)
      throws Exception {
    return RealKubelet.start(strict.cluster().plane(), name, "--bootstrap-kubeconfig=" + bootstrap);
  }

  private static Path certificate(RealKubelet kubelet) {
    return kubelet.certificates().resolve("kubelet-client-current.pem");
  }

  private static boolean exists(Path file) {
    return Files.exists(file);
  }
}
