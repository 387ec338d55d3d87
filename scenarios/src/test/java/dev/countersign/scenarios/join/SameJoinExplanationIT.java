package dev.countersign.scenarios.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.SameExplanation;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code csr explain} says of a waiting request for a client certificate, reason for reason and in
 * the same order, what the approver then writes about it.
 */
@OnControlPlane
class SameJoinExplanationIT {
  private static final String SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";
  private static final List<String> USAGES = List.of("digital signature", "client auth");

  private final SameExplanation requests = new SameExplanation();

  @Test
  void clientRequests_hostileAndHonest(StrictCluster strict, @TempDir Path directory)
      throws Exception {
    Cluster cluster = strict.cluster();
    Path policy =
        Files.writeString(
            directory.resolve("strict.yaml"),
            "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: {client: Strict}\n");
    Path used = strict.token(directory, "same-used-*", "--uses", "1");
    try (SimulatedKubelet first = cluster.joining("same-used-a");
        SimulatedKubelet owner = cluster.joining("same-owner")) {
      try (JoinCommand joins =
          JoinCommand.start(directory, cluster.plane().layout().adminKubeconfig(), "default")) {
        first.bootstrap(used);
        owner.bootstrap(strict.token(directory, "same-owner"));
        owner.register(Cluster.KUBELET_PORT);
        owner.heartbeat();
        assertThat(joins).isNotNull();
      }
      send(used, "a token that is used up", CsrForge.client("same-used-b"));
      Path bound = strict.token(directory, "same-bound-a");
      send(bound, "another name than the token's", CsrForge.client("same-bound-b"));
      send(bound, "DNS names", CsrForge.client("same-bound-a").withDns("same-bound-a"));
      send(
          strict.token(directory, "same-owner"),
          "a Node that is there",
          CsrForge.client("same-owner"));
      send(
          strict.token(directory, "same-listed", "--require-inventory"),
          "no inventory",
          CsrForge.client("same-listed"));
      send(
          strict.token(directory, "same-attested", "--require-attestation"),
          "no attestation",
          CsrForge.client("same-attested"));
      send(strict.token(directory, "same-honest"), "honest", CsrForge.client("same-honest"));
      send(owner.asNode(), "renewal", CsrForge.client("same-owner"));

      Map<String, SameExplanation.Said> explained =
          requests.explainAll(cluster, "--policy=" + policy);
      try (JoinCommand joins =
          JoinCommand.start(directory, cluster.plane().layout().adminKubeconfig(), "default")) {
        requests.compare(cluster, explained);
        assertThat(joins).isNotNull();
      }
      assertThat(explained.values())
          .extracting(SameExplanation.Said::decision)
          .contains("approve", "deny", "defer");
    }
  }

  private void send(Path kubeconfig, String title, CsrForge forge) throws Exception {
    try (ApiConnection token = new ApiConnection(ClientConfig.read(kubeconfig))) {
      send(token, title, forge);
    }
  }

  private void send(ApiConnection by, String title, CsrForge forge) throws Exception {
    requests.send(by, title, SIGNER, forge.pem(), USAGES, OptionalInt.empty());
  }
}
