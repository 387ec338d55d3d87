package dev.countersign.scenarios.realkubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.scenarios.fixture.KubeletCertificates;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One control plane of its own, whose signer issues certificates of 100 seconds. */
@RequiresRoot
@RequiresTool({"ip", "unshare"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealKubeletIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Test
  void realKubelet_fromTokenToRenewals_servesWhatWasApproved(@TempDir Path directory)
      throws Exception {
    KubernetesBinaries binaries = TestedKubernetes.binaries();
    Path address;
    try (ControlPlane plane =
        ControlPlane.start(
            ControlPlaneOptions.disposable(directory.resolve("plane"))
                .withFlags(Component.CONTROLLER_MANAGER, "--cluster-signing-duration=100s"),
            binaries,
            RenderedFiles.small())) {
      address = Path.of("/run/countersign", plane.placement().id());
      try (ApproverManager approver = approver(plane, directory.resolve("approver.log"));
          ApiConnection operator = plane.connect();
          RealKubelet kubelet = RealKubelet.start(plane, "worker-1")) {
        assertThat(approver.awaitSynced(PATIENCE)).isTrue();
        joins(plane, operator, kubelet);
        renewsTwice(operator, kubelet);
        keepsItsIdentityOverACrash(operator, kubelet);
      }
      assertThat(address).exists();
    }
    assertThat(address).as("the record of node addresses").doesNotExist();
  }

  private static void joins(ControlPlane plane, ApiConnection operator, RealKubelet kubelet)
      throws Exception {
    X509Certificate serving = KubeletCertificates.awaitServed(operator, kubelet);
    assertThat(serving.getSubjectX500Principal().getName())
        .isEqualTo("CN=system:node:worker-1,O=system:nodes");
    assertThat(
            Optional.ofNullable(serving.getSubjectAlternativeNames()).orElseThrow().stream()
                .map(name -> String.valueOf(name.get(1))))
        .containsExactlyInAnyOrder("worker-1", kubelet.address().getHostAddress());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubelet.kubeconfig())))
        .isEqualTo("rw-------");
    var reached =
        eventually(
            "the API server to reach the kubelet",
            () -> {
              var answer = operator.text("/api/v1/nodes/worker-1/proxy/healthz");
              return answer.statusCode() == 200 ? Optional.of(answer) : Optional.empty();
            });
    assertThat(reached.body()).isEqualTo("ok");
    assertThat(plane.layout().bootstrapKubeconfig()).exists();
  }

  private static void renewsTwice(ApiConnection operator, RealKubelet kubelet) throws Exception {
    Set<BigInteger> served = new LinkedHashSet<>();
    Set<BigInteger> shown = new LinkedHashSet<>();
    eventually(
        "three serving and three client certificates",
        () -> {
          KubeletCertificates.served(operator, kubelet)
              .map(X509Certificate::getSerialNumber)
              .ifPresent(served::add);
          ClientConfig.read(kubelet.kubeconfig())
              .identity()
              .map(identity -> identity.certificate().getSerialNumber())
              .ifPresent(shown::add);
          return served.size() >= 3 && shown.size() >= 3 ? Optional.of(served) : Optional.empty();
        });
    assertThat(served).hasSizeGreaterThanOrEqualTo(3);
    assertThat(shown).hasSizeGreaterThanOrEqualTo(3).doesNotContainAnyElementsOf(served);
  }

  private static void keepsItsIdentityOverACrash(ApiConnection operator, RealKubelet kubelet)
      throws Exception {
    String before = uid(operator);
    kubelet.restart();
    KubeletCertificates.awaitServed(operator, kubelet);
    assertThat(uid(operator)).isEqualTo(before);
  }

  private static String uid(ApiConnection operator) throws IOException, InterruptedException {
    return operator
        .get("/api/v1/nodes/worker-1")
        .orThrow("reading the Node")
        .path("metadata")
        .path("uid")
        .asText();
  }

  private static <T> T eventually(String what, Callable<Optional<T>> look) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<T> found = look.call();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.sleep(200);
    }
    return fail("waited %d s for %s", PATIENCE.toSeconds(), what);
  }

  private static ApproverManager approver(ControlPlane plane, Path log) throws IOException {
    return switch (ClientCredentials.fromKubeconfig(
        plane.layout().adminKubeconfig(), Optional.empty(), InstantSource.system())) {
      case CredentialsResult.Usable(ClientCredentials credentials) ->
          ApproverManager.start(
              ApproverOptions.defaults(
                  credentials, new PrintWriter(Files.newBufferedWriter(log), true)));
      case CredentialsResult.Unusable(String problem) -> throw new IOException(problem);
    };
  }
}
