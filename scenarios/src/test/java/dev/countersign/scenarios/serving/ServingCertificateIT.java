package dev.countersign.scenarios.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ApproverManager;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.TlsProbe;
import dev.countersign.testbed.node.SimulatedKubelet;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** From a bootstrap kubeconfig to a served, verified, renewed certificate. */
@OnControlPlane
class ServingCertificateIT {
  @Test
  void node_withBootstrapKubeconfig_servesWhatTheApiServerVerifies(Cluster cluster)
      throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet node = cluster.registeredNode()) {
      node.serve(Cluster.KUBELET_PORT);

      X509Certificate served = dial(cluster.operator(), node);
      assertThat(served.getSubjectX500Principal().getName())
          .isEqualTo("CN=system:node:" + node.name() + ",O=system:nodes");
      assertThat(
              served.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
          .containsExactlyInAnyOrder(node.name(), node.address().getHostAddress());
      assertThat(cluster.operator().text("/api/v1/nodes/" + node.name() + "/proxy/healthz").body())
          .isEqualTo("ok");
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void clientCertificate_ofABootstrappedNode_isGoodFor72Hours(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      X509Certificate client = node.asNode().config().identity().orElseThrow().certificate();
      Duration lifetime =
          Duration.between(client.getNotBefore().toInstant(), client.getNotAfter().toInstant());
      assertThat(lifetime).isBetween(Duration.ofDays(3), Duration.ofDays(3).plusMinutes(6));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(node.kubeconfig())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void node_withShortLivedCertificates_renewsBothTwice(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet node = cluster.newNode(OptionalInt.of(600))) {
      node.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
      node.register(Cluster.KUBELET_PORT);
      node.serve(Cluster.KUBELET_PORT);
      X509Certificate first = dial(cluster.operator(), node);
      // The signer backdates by five minutes, so what counts is how long it is still good for.
      assertThat(Duration.between(Instant.now(), first.getNotAfter().toInstant()))
          .isBetween(Duration.ofMinutes(8), Duration.ofMinutes(10));
      for (int renewal = 0; renewal < 2; renewal++) {
        X509Certificate before = dial(cluster.operator(), node);
        node.rotateClient();
        node.rotateServing();
        assertThat(dial(cluster.operator(), node).getSerialNumber())
            .isNotEqualTo(before.getSerialNumber());
      }
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void request_beforeItsNode_isApprovedOnceTheNodeIsThere(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet node = cluster.newNode();
        ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThat(approver.awaitSynced(Duration.ofSeconds(30))).isTrue();
      node.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
      Future<?> serving =
          thread.submit(
              () -> {
                node.serve(Cluster.KUBELET_PORT);
                return true;
              });
      awaitPendingRequest(cluster, node);
      assertThat(serving.isDone()).isFalse();

      node.register(Cluster.KUBELET_PORT);

      serving.get(30, TimeUnit.SECONDS);
      assertThat(dial(cluster.operator(), node)).isNotNull();
    }
  }

  @Test
  void approver_restartedMidWay_decidesWhatIsStillPending(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode();
        ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      cluster.startApprover().close();
      Future<?> serving =
          thread.submit(
              () -> {
                node.serve(Cluster.KUBELET_PORT);
                return true;
              });
      awaitPendingRequest(cluster, node);
      assertThat(serving.isDone()).isFalse();

      try (ApproverManager second = cluster.startApprover()) {
        serving.get(30, TimeUnit.SECONDS);
        assertThat(second.awaitSynced(Duration.ZERO)).isTrue();
      }
      assertThat(dial(cluster.operator(), node)).isNotNull();
    }
  }

  @Test
  void apiServer_restartedMidWay_approverGoesOn(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet before = cluster.registeredNode()) {
      before.serve(Cluster.KUBELET_PORT);

      cluster.restart(Component.API_SERVER);

      try (SimulatedKubelet after = cluster.registeredNode()) {
        after.serve(Cluster.KUBELET_PORT);
        assertThat(dial(cluster.operator(), after)).isNotNull();
      }
      assertThat(approver.awaitSynced(Duration.ofSeconds(30))).isTrue();
    }
  }

  private static void awaitPendingRequest(Cluster cluster, SimulatedKubelet node) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < deadline) {
      for (var csr :
          cluster
              .operator()
              .get("/apis/certificates.k8s.io/v1/certificatesigningrequests")
              .orThrow("listing requests")
              .path("items")) {
        if (csr.path("spec").path("username").asText().equals("system:node:" + node.name())
            && csr.path("spec").path("signerName").asText().endsWith("kubelet-serving")) {
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no request of " + node.name() + " within 30 s");
  }

  /** Dials the node; the handshake verifies chain, expiry and address. */
  private static X509Certificate dial(ApiConnection operator, SimulatedKubelet node)
      throws Exception {
    return TlsProbe.verify(
        node.address(),
        Cluster.KUBELET_PORT,
        operator.config().authorities(),
        Duration.ofSeconds(10));
  }
}
