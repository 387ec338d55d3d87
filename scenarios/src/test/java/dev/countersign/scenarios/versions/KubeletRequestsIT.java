package dev.countersign.scenarios.versions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.KubeletCertificates;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.RequestAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kubelet of each release with the newest API server that it works with, up to three minor
 * versions newer: it joins, serves and renews, and asks for what is on record. The record is what
 * unit tests of the policy begin with; {@code -Dgolden.rewrite=true} makes it anew.
 */
@EnabledIfSystemProperty(
    named = "countersign.versions.tests",
    matches = "true",
    disabledReason = "needs the programs of every release; the nightly run has them")
@RequiresRoot
@RequiresTool({"ip", "unshare"})
final class KubeletRequestsIT {
  private static final Path RECORDS = Path.of("../policy/src/test/resources/kubelets");
  private static final int LARGEST_SKEW = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> kubeletsAndServers() {
    List<KubernetesRelease> all = KubernetesReleases.supported().all();
    return Stream.iterate(0, i -> i < all.size(), i -> i + 1)
        .map(i -> Arguments.of(all.get(i), all.get(Math.min(i + LARGEST_SKEW, all.size() - 1))));
  }

  @ParameterizedTest
  @MethodSource("kubeletsAndServers")
  void kubelet_joinsAndRenews_withANewerApiServer(
      KubernetesRelease kubelet, KubernetesRelease server) throws Exception {
    KubernetesBinaries older = TestedKubernetes.cachedOrSkip(kubelet.kubernetes());
    try (Cluster cluster =
            Cluster.start(
                TestedKubernetes.cachedOrSkip(server.kubernetes()),
                RenderedFiles.small(),
                Map.of(Component.CONTROLLER_MANAGER, List.of("--cluster-signing-duration=100s")));
        ApproverManager approver = cluster.startApprover();
        RealKubelet worker = RealKubelet.start(cluster.plane(), older, "worker-1")) {
      KubeletCertificates.awaitBoth(cluster.operator(), worker);
      KubeletCertificates.awaitRenewal(cluster.operator(), worker);
      assertThat(approver.notLive()).isEmpty();

      String asked = asked(cluster.operator(), worker.name());
      Path record = RECORDS.resolve(kubelet.kubernetes() + ".json");
      if (Boolean.getBoolean("golden.rewrite")) {
        Files.createDirectories(RECORDS);
        Files.writeString(record, asked);
      }
      assertThat(requests(asked))
          .as("%s (record again with -Dgolden.rewrite=true)", record)
          .hasSize(3)
          .isEqualTo(requests(Files.readString(record)));
    }
  }

  /** Its Node, and the first request of each kind: by whom, for which signer. */
  private static String asked(ApiConnection operator, String name) throws Exception {
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    JsonNode node = operator.get("/api/v1/nodes/" + name).orThrow("reading a Node");
    assertThat(node.at("/metadata/name").asText()).isEqualTo(name);
    ObjectNode recorded = kept(node, "v1", "Node");
    ObjectNode status = recorded.putObject("status");
    status.set("addresses", node.at("/status/addresses"));
    status.putObject("nodeInfo").set("kubeletVersion", node.at("/status/nodeInfo/kubeletVersion"));
    items.add(recorded);
    Set<String> kinds = new HashSet<>();
    for (JsonNode csr : operator.get(CsrProbe.PATH).orThrow("listing requests").path("items")) {
      if (kinds.add(csr.at("/spec/username") + " " + csr.at("/spec/signerName"))) {
        ObjectNode request = kept(csr, "certificates.k8s.io/v1", "CertificateSigningRequest");
        request.set("spec", csr.path("spec"));
        items.add(request);
      }
    }
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("apiVersion", "v1").put("kind", "List").set("items", items);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list) + "\n";
  }

  /** Items of a list have no kind of their own. */
  private static ObjectNode kept(JsonNode object, String apiVersion, String kind) {
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    kept.put("apiVersion", apiVersion).put("kind", kind);
    ObjectNode metadata = kept.putObject("metadata");
    for (String key : List.of("creationTimestamp", "name", "uid")) {
      metadata.set(key, object.path("metadata").path(key));
    }
    return kept;
  }

  /** What differs neither from run to run nor from machine to machine, a line for each request. */
  private static List<String> requests(String text) throws IOException {
    if (!(ClusterObjects.parse(List.of(text))
        instanceof ParseResult.Parsed<ClusterObjects>(ClusterObjects objects))) {
      throw new IOException("want Kubernetes objects");
    }
    return objects.requests().stream().map(KubeletRequestsIT::told).sorted().toList();
  }

  private static String told(CsrSpec csr) {
    CertificateRequest request =
        CertificateRequest.parsePem(csr.request().text(StandardCharsets.US_ASCII)).orThrow();
    return String.join(
        "; ",
        csr.signer().toString(),
        csr.requestor().username().replaceAll("(system:bootstrap:).*", "$1TOKEN"),
        csr.requestor().groups().toString(),
        csr.requestor().extra().keySet().toString(),
        csr.usages().toString(),
        csr.expiration().toString(),
        request.subject().toString(),
        request.key().algorithm() + " " + request.key().bits(),
        request.signatureAlgorithmOid(),
        request.attributes().stream().map(RequestAttribute::oid).toList().toString(),
        request.sans().stream().map(KubeletRequestsIT::told).toList().toString());
  }

  private static String told(SubjectAltName san) {
    return san instanceof SubjectAltName.Ip ? "its address" : san.toString();
  }
}
