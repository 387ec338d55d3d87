package dev.countersign.cli.csr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code csr explain --file}: what files can tell. */
class CsrExplainOfflineTest {
  private static final String SERVICES =
      """
      {"apiVersion": "v1", "kind": "ServiceList", "items": [
        {"metadata": {"name": "kubernetes", "namespace": "default"},
         "spec": {"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"]}}]}
      """;

  @TempDir private Path directory = Path.of(".");

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String node(String name, String... addresses) {
    StringBuilder listed =
        new StringBuilder("{\"type\": \"Hostname\", \"address\": \"" + name + "\"}");
    for (String address : addresses) {
      listed.append(", {\"type\": \"InternalIP\", \"address\": \"").append(address).append("\"}");
    }
    return """
    {"apiVersion": "v1", "kind": "Node",
     "metadata": {"name": "%1$s", "uid": "uid-%1$s", "creationTimestamp": "2026-11-22T01:00:00Z"},
     "status": {"addresses": [%2$s]}}
    """
        .formatted(name, listed);
  }

  private Path request(CsrForge forge) throws IOException {
    return file("request.json", requestText("csr-1", forge, "{}"));
  }

  private static String requestText(String name, CsrForge forge, String status) {
    return """
    {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
     "metadata": {"name": "%s", "uid": "u", "creationTimestamp": "2026-11-22T01:00:00Z"},
     "spec": {"request": "%s", "signerName": "kubernetes.io/kubelet-serving",
              "username": "system:node:worker-1",
              "groups": ["system:nodes", "system:authenticated"],
              "usages": ["digital signature", "server auth"]},
     "status": %s}
    """
        .formatted(
            name,
            Base64.getEncoder().encodeToString(forge.pem().getBytes(StandardCharsets.US_ASCII)),
            status);
  }

  private static CsrForge forge(String address) {
    return CsrForge.client("worker-1").withDns("worker-1").withIp(address);
  }

  private String explain(Object... more) {
    List<String> words = new ArrayList<>(List.of("csr", "explain", "--file"));
    words.add(directory.resolve("request.json").toString());
    for (Object word : more) {
      words.add(word.toString());
    }
    StringWriter out = new StringWriter();
    Countersign.run(
        Console.plain(new PrintWriter(out, true), new PrintWriter(out, true)),
        words.toArray(String[]::new));
    return out.toString();
  }

  private static String served(String node, String address) throws IOException {
    SecureRandom random = new SecureRandom();
    Instant now = Instant.parse("2026-11-22T01:00:00Z");
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    CertificateAuthority authority =
        CertificateAuthority.create(
            CertificateProfile.authority(
                DistinguishedName.of(List.of(), "kubernetes"), Duration.ofDays(10)),
            keys,
            random,
            now);
    return authority
        .issue(
            CertificateProfile.server(
                DistinguishedName.of(List.of("system:nodes"), "system:node:" + node),
                List.of(SubjectAltName.Ip.of(InetAddress.getByName(address))),
                Duration.ofDays(1)),
            keys.publicKey(),
            random,
            now)
        .toPem();
  }

  @Test
  void contestedAddress_isSettledByTheCertificateThatIsServed() throws IOException {
    request(forge("192.0.2.1"));
    Path facts =
        file(
            "facts.json", node("worker-1", "192.0.2.1") + node("worker-2", "192.0.2.1") + SERVICES);

    assertThat(explain("--facts", facts))
        .contains("decision  defer", "facts.served", "--served FILE");
    assertThat(explain("--facts", facts, "--served", file("nothing.pem", "")))
        .contains("decision  defer", "AddressContested")
        .doesNotContain("FactUnknown");
    Path own = file("own.pem", "CONNECTED\n" + served("worker-1", "192.0.2.1") + "---\nServer");
    assertThat(explain("--facts", facts, "--served", own)).contains("decision  approve");
    assertThat(explain("--facts", facts, "--served", "192.0.2.1=" + own))
        .contains("decision  approve");
    assertThat(explain("--facts", facts, "--served", "192.0.2.9=" + own))
        .contains("AddressContested");
    assertThat(
            explain(
                "--facts", facts, "--served", file("other.pem", served("worker-2", "192.0.2.1"))))
        .contains("AddressContested");
    assertThat(explain("--facts", facts, "--served", file("broken.pem", "-----BEGIN X")))
        .contains("FactUnknown", "cannot be read");
  }

  @Test
  void servedCertificate_canBeAmongTheFacts() throws IOException {
    request(forge("192.0.2.1"));
    Path facts =
        file(
            "facts.yaml",
            "kind: ServedCertificate\naddress: 192.0.2.1\ncertificate: |\n"
                + served("worker-1", "192.0.2.1").indent(2)
                + "---\n"
                + node("worker-1", "192.0.2.1")
                + "---\n"
                + node("worker-2", "192.0.2.1")
                + "---\n"
                + SERVICES);
    assertThat(explain("--facts", facts)).contains("decision  approve");
    assertThat(explain("--facts", file("wrong.yaml", "{kind: ServedCertificate, address: here}")))
        .contains("ServedCertificate address: got \"here\"");
  }

  @Test
  void facts_areTakenAsKubectlPrintsThem() throws IOException {
    request(forge("192.0.2.1"));
    String node = node("worker-1", "192.0.2.1");
    Path services = file("services.json", SERVICES);
    Path single = file("node.json", node);
    Path list =
        file(
            "list.json", "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [" + node + "]}");
    Path kind =
        file(
            "nodes.json",
            "{\"kind\": \"NodeList\", \"items\": ["
                + node.replace("\"apiVersion\": \"v1\", \"kind\": \"Node\",", "")
                + "]}");
    for (Path nodes : List.of(single, list, kind)) {
      assertThat(explain("--facts", nodes, "--facts", services)).contains("decision  approve");
    }
    assertThat(explain("--facts", file("both.json", Files.readString(list) + SERVICES)))
        .contains("decision  approve");
    assertThat(explain("--facts", file("yaml.yaml", YAML_NODE + "---\n" + SERVICES)))
        .contains("decision  approve");
    assertThat(
            explain(
                "--facts", file("mixed.yaml", node + "\n---\n" + YAML_OTHER + "---\n" + SERVICES)))
        .contains("decision  approve");
  }

  @Test
  void newerRequestsAmongTheFacts_count() throws IOException {
    request(forge("192.0.2.1"));
    Path policy =
        file(
            "policy.yaml",
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ApprovalPolicy
            spec: {limits: {pendingPerNode: 1}}
            """);
    String newer =
        requestText("csr-2", forge("192.0.2.1"), "{}").replace("T01:00:00Z", "T02:00:00Z");
    Path facts = file("facts.json", node("worker-1", "192.0.2.1") + SERVICES + newer);
    assertThat(explain("--facts", facts, "--policy", policy)).contains("PendingLimit");
  }

  @Test
  void deniedRequest_isToldAsTooLate() throws IOException {
    file(
        "request.json",
        requestText(
            "csr-1",
            forge("192.0.2.1"),
            """
            {"conditions": [{"type": "Denied", "status": "True", "reason": "SanNotAllowed",
             "message": "spec", "lastUpdateTime": "2026-11-22T01:00:05Z"}]}
            """));
    assertThat(explain())
        .contains(
            "policy    built-in default",
            "denied at 2026-11-22T01:00:05Z for SanNotAllowed (spec). A denial is final");
  }

  private static final String YAML_NODE =
      """
      apiVersion: v1
      items:
      - apiVersion: v1
        kind: Node
        metadata:
          name: worker-1
          uid: uid-worker-1
        status:
          addresses:
          - address: 192.0.2.1
            type: InternalIP
          - address: worker-1
            type: Hostname
      kind: List
      """;

  private static final String YAML_OTHER =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: worker-9, uid: u9}
      """;
}
