package dev.countersign.scenarios.access;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.kube.ApiQuery;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.HonestNeighbour;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Replicas;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Objects hold every character that Kubernetes takes, in names, annotations, conditions and
 * addresses. Commands answer all the same, name what they show, and let nothing of it steer a
 * terminal.
 */
@OnControlPlane
class ForeignTextIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Controls, C1, bidi, separators, marks without a form, and surrogates that stand alone. */
  private static final String EVERY_KIND =
      IntStream.concat(
              IntStream.concat(IntStream.range(0, 0x20), IntStream.range(0x7f, 0xa0)),
              IntStream.of(
                  0x061c, 0x200b, 0x200e, 0x200f, 0x202a, 0x202e, 0x2028, 0x2029, 0x2066, 0x2069,
                  0xfeff, 0xd800, 'x', 0xdfff, 'x', 0xe000, 0xffff, 0x1f600))
          .mapToObj(Character::toString)
          .reduce("", String::concat);

  /** What a request can be called; the API server may refuse some. */
  private static List<String> names() {
    Stream<String> odd =
        Stream.of(
            "UPPER:x",
            "a b",
            "a?b",
            "a#b",
            "a+b",
            "a&b=c",
            "a\"b",
            "a'b",
            "a\\b",
            "$(id)",
            "...",
            "-a",
            "a;b",
            "\u00fcber",
            "\ud83d\ude00",
            "a\nb",
            "a\tb",
            "a\rb",
            "\u001b[31ma",
            "\u009b2Ja",
            "a\u202eb",
            "a\u2028b",
            "a\u200bb",
            "a\u0000b",
            "a\u007fb",
            "a\ufeffb");
    return Stream.concat(
            odd.map(name -> "odd" + name),
            Stream.of("UPPER:x", "~", "l".repeat(253), "m".repeat(400)))
        .toList();
  }

  @Test
  void requests_ofEveryName_areListedExplainedApprovedAndDenied(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      List<String> taken = new ArrayList<>();
      for (String name : names()) {
        Answer answer = node.asNode().post(REQUESTS, request(name, node));
        if (answer.ok()) {
          taken.add(answer.body().at("/metadata/name").asText());
        } else {
          System.err.println("the API server refuses the name: " + answer.message());
        }
      }
      assertThat(taken).contains("UPPER:x", "oddUPPER:x", "odd\u009b2Ja", "odda\nb");

      Command listed = harmless(cluster.command("csr", "list"));
      assertThat(listed.status()).isZero();
      assertThat(listed.out().lines().filter(line -> line.contains("system:node:" + node.name())))
          .hasSize(taken.size());
      assertThat(listed.out()).contains("UPPER:x ", "odd\\u009b2Ja ", "odda\\nb ");
      List<String> documented = new ArrayList<>();
      for (JsonNode item :
          JSON.readTree(harmless(cluster.command("csr", "list", "-o", "json")).orThrow())
              .path("items")) {
        documented.add(item.path("name").asText());
      }
      assertThat(documented).containsAll(taken);
      harmless(cluster.command("csr", "list", "-o", "yaml")).orThrow();

      boolean approve = false;
      for (String name : taken) {
        for (String format : List.of("table", "json", "yaml")) {
          Command explained = harmless(cluster.command("csr", "explain", "-o", format, name));
          assertThat(explained.status()).as(name).isIn(0, 3);
        }
        Command ruled =
            harmless(
                approve
                    ? cluster.command("csr", "approve", "--force", "--reason", "by hand", name)
                    : cluster.command("csr", "deny", "--reason", "by hand", name));
        assertThat(ruled.status()).as(name + ruled.err()).isZero();
        assertThat(
                cluster
                    .operator()
                    .get(REQUESTS + ApiQuery.path(name))
                    .orThrow(name)
                    .at("/status/conditions/0/type")
                    .asText())
            .isEqualTo(approve ? "Approved" : "Denied");
        approve = !approve;
      }
    }
  }

  @Test
  void approver_decidesOnRequestsOfEveryName_andItsLogIsHarmless(Cluster cluster) throws Exception {
    StringWriter log = new StringWriter();
    try (Replicas replicas = Replicas.start(ApproverOptions.defaults(cluster.credentials(), log));
        SimulatedKubelet node = cluster.registeredNode()) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      for (int phase = 0; phase < 3; phase++) {
        int decided = 0;
        for (String odd : names()) {
          String name = phase + "-by-approver-" + odd;
          ObjectNode request = request(name.substring(0, Math.min(name.length(), 253)), node);
          Answer answer = node.asNode().post(REQUESTS, request);
          if (answer.ok()) {
            String path = REQUESTS + ApiQuery.path(answer.body().at("/metadata/name").asText());
            eventually("an approval of " + path, () -> isApproved(cluster, path));
            decided++;
          }
        }
        assertThat(decided).isGreaterThan(20);
        neighbour.assertServedSoon();
        replicas.next();
      }
    }
    assertHarmless(log.toString());
  }

  private static boolean isApproved(Cluster cluster, String path) throws Exception {
    return cluster
        .operator()
        .get(path)
        .orThrow(path)
        .at("/status/conditions/0/type")
        .asText()
        .equals("Approved");
  }

  @Test
  void nodesAndTokens_thatHoldEveryCharacter_areShown(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      ObjectNode annotated = JsonNodeFactory.instance.objectNode();
      annotated.putObject("metadata").putObject("annotations").put("odd", EVERY_KIND);
      String path = "/api/v1/nodes/" + node.name();
      cluster.operator().mergePatch(path, annotated).orThrow("annotating");
      ObjectNode status = (ObjectNode) cluster.operator().get(path).orThrow("reading").deepCopy();
      ObjectNode inner = status.withObject("/status");
      inner
          .withArray("conditions")
          .addObject()
          .put("type", "Odd" + EVERY_KIND)
          .put("status", "True")
          .put("reason", EVERY_KIND)
          .put("message", EVERY_KIND);
      inner
          .withArray("addresses")
          .addObject()
          .put("type", "ExternalDNS")
          .put("address", EVERY_KIND + "a");
      node.asNode().put(path + "/status", status).orThrow("writing the status");
      ObjectNode request = request("annotated", node);
      request.withObject("/metadata").putObject("annotations").put("odd", EVERY_KIND);
      node.asNode().post(REQUESTS, request).orThrow("sending");

      String id = "odd" + "abc";
      ObjectNode secret = JsonNodeFactory.instance.objectNode();
      secret.put("type", "bootstrap.kubernetes.io/token");
      secret
          .putObject("metadata")
          .put("name", "bootstrap-token-" + id)
          .putObject("annotations")
          .put("odd", EVERY_KIND);
      ObjectNode data = secret.putObject("data");
      data.put("token-id", base64(id));
      data.put("token-secret", base64("0123456789abcdef"));
      data.put("description", base64(EVERY_KIND));
      data.put("auth-extra-groups", base64("system:bootstrappers:odd"));
      data.put("usage-bootstrap-authentication", base64("true"));
      cluster
          .operator()
          .post("/api/v1/namespaces/kube-system/secrets", secret)
          .orThrow("creating the token");

      List<List<String>> commands = new ArrayList<>();
      for (String format : List.of("table", "json", "yaml")) {
        commands.add(List.of("csr", "list", "-o", format));
        commands.add(List.of("csr", "explain", "annotated", "-o", format));
        commands.add(List.of("node", "verify", "--all", "-o", format));
        commands.add(List.of("node", "report", "-o", format));
        commands.add(List.of("node", "doctor", "-o", format));
        commands.add(List.of("node", "addresses", "-o", format));
        commands.add(List.of("token", "list", "-o", format));
      }
      commands.add(List.of("node", "report", "--html", "-"));
      commands.add(List.of("csr", "explain", "annotated", "-o", "html"));
      commands.add(List.of("node", "verify", node.name()));
      commands.add(List.of("node", "drain", node.name(), "--dry-run=server"));
      commands.add(List.of("csr", "approve", "annotated", "--force", "--reason", EVERY_KIND));
      commands.add(List.of("token", "rotate", id));
      commands.add(List.of("token", "delete", id));
      commands.add(List.of("node", "delete", node.name(), "--dry-run=server"));
      commands.add(List.of("node", "delete", node.name()));
      for (List<String> words : commands) {
        Command ran = harmless(cluster.command(words.toArray(String[]::new)));
        String all = words + " -> " + ran.status() + "\n" + ran.out() + ran.err();
        if (words.contains("rotate")) {
          // What it would have to write again is no description of ours.
          assertThat(ran.status()).as(all).isEqualTo(2);
          assertThat(ran.err()).contains("bootstrap-token-" + id, "description");
        } else {
          assertThat(ran.status()).as(all).isIn(0, 3);
        }
        assertThat(all).doesNotContain("internal error", "special characters");
      }
    } finally {
      cluster.operator().delete("/api/v1/namespaces/kube-system/secrets/bootstrap-token-oddabc");
    }
  }

  private static ObjectNode request(String name, SimulatedKubelet node) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("name", name);
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        base64(
            CsrForge.client(node.name())
                .withDns(node.name())
                .withIp(node.address().getHostAddress())
                .pem()));
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    CsrProbe.SERVING_USAGES.forEach(spec.putArray("usages")::add);
    return csr;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Command harmless(Command command) {
    assertHarmless(command.out());
    assertHarmless(command.err());
    return command;
  }

  /** By the code points, and not by the code that is to be tested. */
  private static void assertHarmless(String text) {
    assertThat(text.codePoints())
        .noneMatch(
            c ->
                (c < 0x20 && c != '\n' && c != '\t')
                    || (c >= 0x7f && c < 0xa0)
                    || (c >= 0xd800 && c <= 0xf8ff)
                    || (c >= 0x200b && c <= 0x200f)
                    || (c >= 0x2028 && c <= 0x202e)
                    || (c >= 0x2066 && c <= 0x2069)
                    || c == 0x061c
                    || c == 0xfeff
                    || c == 0xffff);
  }
}
