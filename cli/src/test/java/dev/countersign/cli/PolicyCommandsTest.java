package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.CsrForge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyCommandsTest {
  private static final String POLICY =
      "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: %s\n";

  @TempDir private Path directory = Path.of(".");

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private static String csr(String name, String conditions) {
    String pem = CsrForge.client("worker-1").withDns("worker-1").withIp("192.0.2.10").pem();
    return """
    apiVersion: certificates.k8s.io/v1
    kind: CertificateSigningRequest
    metadata: {name: %s, uid: u-%s, creationTimestamp: "2026-01-01T00:00:00Z"}
    spec:
      signerName: kubernetes.io/kubelet-serving
      username: system:node:worker-1
      groups: [system:nodes, system:authenticated]
      usages: [digital signature, server auth]
      request: %s
    status: {conditions: [%s]}
    ---
    """
        .formatted(
            name,
            name,
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)),
            conditions);
  }

  private String facts() throws IOException {
    return file(
        "facts.yaml",
        csr("waiting", "")
            + csr("approved", "{type: Approved, status: 'True'}")
            + csr("denied", "{type: Denied, status: 'True'}")
            + """
            apiVersion: v1
            kind: Node
            metadata: {name: worker-1, uid: n-1, creationTimestamp: "2026-01-01T00:00:00Z"}
            status:
              addresses: [{type: Hostname, address: worker-1}, {type: InternalIP, address: 192.0.2.10}]
            ---
            {apiVersion: v1, kind: ServiceList, items: []}
            """);
  }

  @Test
  void check_ofAGoodFile_says_nothingOnStandardOutput() throws IOException {
    Ran ran = Ran.of("policy", "check", file("p.yaml", POLICY.formatted("{}")));
    assertThat(ran.status()).isZero();
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).doesNotContain("warning").contains("an ApprovalPolicy");
  }

  @Test
  void check_ofAWrongFile_namesTheField() throws IOException {
    Ran ran = Ran.of("policy", "check", file("p.yaml", POLICY.formatted("{mod: Enforce}")));
    assertThat(ran.status()).isEqualTo(3);
    assertThat(ran.err()).contains("spec.mod").contains("did you mean \"mode\"?");
  }

  @Test
  void check_remarksOnWhatIsPerhapsNotMeant() throws IOException {
    Ran ran =
        Ran.of(
            "policy",
            "check",
            file(
                "p.yaml",
                POLICY.formatted(
                    "{mode: Audit, names: {allowedPatterns: ['*.svc.cluster.local']},"
                        + " addresses: {allowedRanges: [0.0.0.0/0, 10.96.1.0/24]},"
                        + " protected: {serviceCIDRs: [10.96.0.0/12]}, ownership: {mode: Off}}")));
    assertThat(ran.status()).isZero();
    assertThat(ran.err().lines().filter(line -> line.startsWith("warning: ")))
        .hasSize(5)
        .anyMatch(line -> line.startsWith("warning: mode: got Audit; nothing is approved"))
        .anyMatch(
            line -> line.contains("no such name is ever approved: cluster.local is protected"))
        .anyMatch(line -> line.contains("got 10.96.1.0/24; no such address is ever approved"));
  }

  @Test
  void check_warnsOfFormerWords() throws IOException {
    Ran ran = Ran.of("policy", "check", file("p.yaml", POLICY.formatted("{mode: DryRun}")));
    assertThat(ran.status()).isZero();
    assertThat(ran.err())
        .contains(
            "warning: mode: got DryRun; deprecated", "want Audit\n", "warning: mode: got Audit;");
  }

  @Test
  void check_offline_showsWhatWouldChange() throws IOException {
    String facts = "--facts=" + facts();
    Ran same =
        Ran.of("policy", "check", file("p.yaml", POLICY.formatted("{}")), facts, "-o", "name");
    assertThat(same.out()).isEqualTo("certificatesigningrequest.certificates.k8s.io/denied\n");
    assertThat(same.err()).contains("3 requests: 2 unchanged, 1 newly approved, 0 no");
    assertThat(same.status()).isEqualTo(3);

    Ran stricter =
        Ran.of(
            "policy",
            "check",
            file("q.yaml", POLICY.formatted("{limits: {names: 1}}")),
            facts,
            "--no-headers",
            "--sort-by=.metadata.name");
    assertThat(stricter.out().lines().map(line -> line.replaceAll(" +", " ")).toList())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("approved ")
                    .endsWith("approve (decided) defer SanTooMany"),
            line ->
                assertThat(line).startsWith("denied ").endsWith("deny (decided) defer SanTooMany"),
            line -> assertThat(line).startsWith("waiting ").endsWith(" approve defer SanTooMany"));
    assertThat(stricter.err()).contains("3 requests: 0 unchanged, 0 newly approved, 2 no");
    assertThat(
            Ran.of("policy", "check", directory.resolve("q.yaml").toString(), facts, "--live")
                .status())
        .isEqualTo(2);
  }

  @Test
  void import_printsAPolicyThatCheckAccepts_andTheDifferencesOnStandardError() throws IOException {
    Ran imported =
        Ran.of("policy", "import", "kubelet-csr-approver", "--", "--provider-regex=^w-\\d+$");
    assertThat(imported.status()).isZero();
    assertThat(imported.out()).startsWith("# Decides as kubelet-csr-approver with these settings:");
    assertThat(imported.err()).contains("stricter: ", "deferred: ", "denied: ");
    assertThat(Ran.of("policy", "check", file("p.yaml", imported.out())).status()).isZero();

    assertThat(Ran.of("policy", "import").status()).isEqualTo(2);
    assertThat(Ran.of("policy", "import", "cert-manager").err())
        .contains("PEER: got \"cert-manager\"; want one of kubelet-csr-approver,");
    assertThat(Ran.of("policy", "import", "-f", file("v.yaml", "providerRegexp: a\n")).err())
        .contains("v.yaml: providerRegexp: got a value; want values of");
  }
}
