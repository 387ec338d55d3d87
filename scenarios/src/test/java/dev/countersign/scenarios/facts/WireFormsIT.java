package dev.countersign.scenarios.facts;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.PreservedMetadata;
import dev.countersign.kube.WatchStream;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testkit.CsrForge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a real API server sends in protobuf says the same as what it sends in JSON. */
@OnControlPlane
class WireFormsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String NODES = "/api/v1/nodes";

  private static ApiClient client(Cluster cluster) throws IOException {
    return new ApiClient(cluster.credentials(), ApiClientOptions.defaults(), ApiObserver.NONE);
  }

  private static <T> T done(ApiResult<T> outcome) {
    assertThat(outcome).isInstanceOf(ApiResult.Done.class);
    return ((ApiResult.Done<T>) outcome).value();
  }

  /**
   * A request with all that others can write into its metadata. Its owner exists: the garbage
   * collector deletes what has only owners that do not.
   */
  private static JsonNode request(Cluster cluster, String name) throws Exception {
    String owner =
        cluster
            .operator()
            .get("/api/v1/namespaces/default")
            .orThrow("reading")
            .at("/metadata/uid")
            .asText();
    String pem = CsrForge.client("forms").withDns("forms").pem();
    return JSON.readTree(
        """
        {"metadata":{"name":"%s","generateName":"forms-","labels":{"l":"v"},
          "annotations":{"a":"ü","empty":""},"finalizers":["example.com/held"],
          "ownerReferences":[{"apiVersion":"v1","kind":"Namespace","name":"default","uid":"%s",
            "controller":true}]},
         "spec":{"request":"%s","signerName":"kubernetes.io/kubelet-serving","expirationSeconds":7200,
          "usages":["digital signature","server auth"]}}
        """
            .formatted(
                name,
                owner,
                Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII))));
  }

  /** What was read in protobuf is what the same object says in JSON. */
  private static void assertSame(CsrObject csr, JsonNode json) throws IOException {
    JsonNode metadata = json.path("metadata");
    assertThat(csr.name()).isEqualTo(metadata.path("name").asText());
    assertThat(csr.uid()).isEqualTo(metadata.path("uid").asText());
    assertThat(csr.resourceVersion()).isEqualTo(metadata.path("resourceVersion").asText());
    assertThat(csr.view().created())
        .isEqualTo(Instant.parse(metadata.path("creationTimestamp").asText()));
    for (Map.Entry<String, JsonNode> annotation : metadata.path("annotations").properties()) {
      assertThat(csr.kept().annotation(annotation.getKey()))
          .contains(annotation.getValue().asText());
    }
    JsonNode spec = json.path("spec");
    assertThat(csr.view().signer().text()).isEqualTo(spec.path("signerName").asText());
    assertThat(csr.view().request().toByteArray()).isEqualTo(spec.path("request").binaryValue());
    assertThat(csr.view().usages()).isEqualTo(texts(spec.path("usages")));
    assertThat(csr.requestor()).isEqualTo(spec.path("username").asText());
    assertThat(csr.view().requestor().uid()).isEqualTo(spec.path("uid").asText());
    assertThat(csr.view().requestor().groups()).isEqualTo(texts(spec.path("groups")));
    Map<String, List<String>> extra = new HashMap<>();
    spec.path("extra")
        .properties()
        .forEach(entry -> extra.put(entry.getKey(), texts(entry.getValue())));
    assertThat(csr.view().requestor().extra()).isEqualTo(extra);
    List<CsrObject.Condition> conditions = new ArrayList<>();
    for (JsonNode condition : json.path("status").path("conditions")) {
      conditions.add(
          new CsrObject.Condition(
              condition.path("type").asText(),
              condition.path("status").asText(),
              condition.path("reason").asText(),
              condition.path("message").asText(),
              Optional.of(Instant.parse(condition.path("lastUpdateTime").asText()))));
    }
    assertThat(csr.conditions()).isEqualTo(conditions);
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asText).toList();
  }

  /** Numbers of {@code meta/v1.ObjectMeta}. */
  private static List<Integer> fieldsOf(PreservedMetadata kept) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    CodedInputStream in = CodedInputStream.newInstance(kept.fields().toByteArray());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      numbers.add(WireFormat.getTagFieldNumber(tag));
      in.skipField(tag);
    }
    return numbers;
  }

  @Test
  void request_readListedAndWatched_isTheSameInBothForms(Cluster cluster) throws Exception {
    String name = "wire-forms";
    String path = REQUESTS + "/" + name;
    cluster.operator().post(REQUESTS, request(cluster, name)).orThrow("creating");
    try (ApiClient client = client(cluster)) {
      CsrObject before = done(client.get(path, CsrObject.decoder()));
      assertSame(before, cluster.operator().get(path).orThrow("reading"));
      assertThat(fieldsOf(before.kept())).containsExactly(2, 11, 12, 12, 13, 14);
      assertThat(before.view().expiration()).contains(Duration.ofHours(2));
      assertThat(before.view().requestor().groups()).contains("system:masters");

      List<CsrObject> listed = new ArrayList<>();
      ListOptions query = ListOptions.all(REQUESTS).withFieldSelector("metadata.name=" + name);
      String version = done(client.list(query, CsrObject.decoder(), listed::add));
      assertThat(listed).containsExactly(before);

      try (WatchStream<CsrObject> watch =
          done(
              client.watch(
                  query,
                  CsrObject.decoder(),
                  version,
                  Duration.ofMinutes(1),
                  Duration.ofMinutes(1)))) {
        ApprovalUpdater writer = new ApprovalUpdater(client, InstantSource.system());
        assertThat(done(writer.write(before, "Denied", "R", "M"))).isTrue();
        CsrObject after = done(client.get(path, CsrObject.decoder()));
        assertSame(after, cluster.operator().get(path).orThrow("reading"));
        assertThat(after.kept()).as("what others wrote").isEqualTo(before.kept());
        assertThat(after.conditions()).hasSize(1);
        assertThat(after.conditions().getFirst().lastUpdateTime().orElseThrow())
            .isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(watch.next()).contains(new WatchStream.Event.Modified<>(after));
      }
    } finally {
      cluster.operator().mergePatch(path, JSON.readTree("{\"metadata\":{\"finalizers\":null}}"));
      cluster.operator().delete(path);
    }
  }

  /** The list comes in protobuf; what it must say is written here. */
  @Test
  void node_allThatADecisionGoesBy_isThere(Cluster cluster) throws Exception {
    String path = NODES + "/wire-forms";
    JsonNode created =
        cluster
            .operator()
            .post(
                NODES,
                JSON.readTree(
                    """
                    {"metadata":{"name":"wire-forms","labels":{"zone":"a"},"annotations":{"bulk":"%s"}},
                     "spec":{"podCIDR":"10.99.7.0/24","podCIDRs":["10.99.7.0/24","fd00:99:7::/64"]}}
                    """
                        .formatted("x".repeat(20_000))))
            .orThrow("creating the Node");
    // A patch, since controllers change it in the meantime.
    JsonNode status =
        JSON.readTree(
            """
            {"status":{"conditions":[{"type":"Ready","status":"True"}],
             "addresses":[{"type":"InternalIP","address":"198.51.100.77"},
               {"type":"Hostname","address":"wire-forms"}],
             "daemonEndpoints":{"kubeletEndpoint":{"Port":10251}},
             "images":[{"names":["example.com/a:1"],"sizeBytes":5}]}}
            """);
    try (ApiClient client = client(cluster)) {
      cluster.operator().mergePatch(path + "/status", status).orThrow("writing its status");
      InformerCaches facts = facts(client);
      List<Thread> threads =
          facts.watches().stream().map(watch -> Thread.ofVirtual().start(watch)).toList();
      NodeName name = NodeName.parse("wire-forms").orElseThrow();
      try {
        eventually("the lists", facts::complete);
        assertThat(facts.node(name)).isInstanceOf(Fact.Known.class);
        NodeFact fact = ((Fact.Known<Optional<NodeFact>>) facts.node(name)).value().orElseThrow();
        assertThat(fact.uid()).isEqualTo(created.at("/metadata/uid").asText());
        assertThat(fact.created())
            .isEqualTo(Instant.parse(created.at("/metadata/creationTimestamp").asText()));
        assertThat(fact.labels()).containsEntry("zone", "a");
        assertThat(fact.conditions()).containsEntry("Ready", "True");
        assertThat(fact.addresses())
            .extracting(NodeAddress::text)
            .containsExactly("198.51.100.77", "wire-forms");
        assertThat(fact.podRanges())
            .extracting(Object::toString)
            .containsExactly("10.99.7.0/24", "fd00:99:7::/64");
      } finally {
        facts.watches().forEach(Reflector::close);
        for (Thread thread : threads) {
          thread.join(Duration.ofSeconds(10));
        }
      }
    } finally {
      cluster.operator().delete(path);
    }
  }

  private static InformerCaches facts(ApiClient client) {
    return new InformerCaches(
        client,
        Reflector.Timing.defaults(),
        WatchObserver.NONE,
        new Random(1),
        InformerCaches.Listener.NONE);
  }
}
