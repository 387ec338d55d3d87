package dev.countersign.policy.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.config.Mode;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Requestors;
import dev.countersign.policy.file.ApprovalPolicyFile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyImportTest {
  private static final String VALUES =
      """
      providerRegex: ^node-\\w*\\.int\\.company\\.ch$
      providerIpPrefixes: [192.168.8.0/22, "fc00::/7"]
      maxExpirationSeconds: "86400"
      bypassDnsResolution: true
      bypassHostnameCheck: false
      ignoreNonSystemNode: true
      skipDenyStep: true
      allowedDnsNames: 2
      leaderElection: true
      replicas: 2
      env: [{name: ALLOWED_DNS_NAMES, value: "3"}]
      """;

  private static ImportedPolicy imported(Optional<Peer> peer, String file, String... flags) {
    return PolicyImport.of(
            PolicyImport.read(
                    peer, file.isEmpty() ? Optional.empty() : Optional.of(file), List.of(flags))
                .orThrow())
        .orThrow();
  }

  private static PolicyConfig config(ImportedPolicy imported) {
    return ApprovalPolicyFile.parse(imported.text()).orThrow();
  }

  private static ImportedPolicy approver(String... flags) {
    return imported(Optional.of(Peer.KUBELET_CSR_APPROVER), "", flags);
  }

  @Test
  void defaults_askDns_denyOthers_andBoundALifetime() {
    PolicyConfig config = config(approver());
    assertThat(config.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(config.requestors().others()).isEqualTo(Requestors.Others.DENY);
    assertThat(config.names().resolution()).isEqualTo(Names.Resolution.EXACT);
    assertThat(config.names().nodeNamePrefix()).isTrue();
    assertThat(config.addresses().allowedRanges()).isEmpty();
    assertThat(config.limits().longest()).isEqualTo(Duration.ofDays(367));
  }

  @Test
  void helmValues_areReadAsTheChartReadsThem() {
    ImportedPolicy imported = imported(Optional.empty(), VALUES);
    PolicyConfig config = config(imported);
    assertThat(config.mode()).isEqualTo(Mode.APPROVE_ONLY);
    assertThat(config.requestors().others()).isEqualTo(Requestors.Others.IGNORE);
    assertThat(config.names().resolution()).isEqualTo(Names.Resolution.OFF);
    assertThat(config.addresses().allowedRanges())
        .extracting(Object::toString)
        .containsExactly("192.168.8.0/22", "fc00::/7");
    assertThat(config.limits().longest()).isEqualTo(Duration.ofDays(1));
    assertThat(imported.text())
        .contains("dnsNames.size() <= 3", "#   --allowed-dns-names=\"3\"", "# Stricter here:");
    assertThat(imported.differences())
        .extracting(ImportedPolicy.Difference::toString)
        .contains("elsewhere: replicas: see the value of the same purpose of countersign's chart");
  }

  @Test
  void valuesOfAnUmbrella_andOfKubespray_areFound() {
    for (String key : new String[] {"kubelet-csr-approver", "kubelet_csr_approver_values"}) {
      String nested = key + ":\n" + VALUES.indent(2) + "other: {a: 1}\n";
      assertThat(imported(Optional.empty(), nested).text())
          .isEqualTo(imported(Optional.empty(), VALUES).text());
    }
  }

  @Test
  void workload_tellsThePeer_andFlagsComeBeforeTheEnvironment() {
    String deployment =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: approver}
        spec:
          template:
            spec:
              containers:
                - name: sidecar
                  image: example.com/proxy:1
                - name: main
                  image: ghcr.io/postfinance/kubelet-csr-approver:v1.2.3
                  args: [-metrics-bind-address, ":8080", -leader-election, -level, "5",
                    --max-expiration-sec=3600]
                  env:
                    - {name: MAX_EXPIRATION_SEC, value: "7200"}
                    - {name: BYPASS_DNS_RESOLUTION, value: "1"}
                    - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        """;
    ImportedPolicy imported = imported(Optional.empty(), deployment);
    assertThat(config(imported).limits().longest()).isEqualTo(Duration.ofHours(1));
    assertThat(config(imported).names().resolution()).isEqualTo(Names.Resolution.OFF);
    assertThat(imported.text()).contains("--leader-election: see approver --leader-elect");
    for (Peer peer : List.of(Peer.KUBELET_SERVING_CERT_APPROVER, Peer.KUBELET_RUBBER_STAMP)) {
      String other =
          "kind: Pod\nspec:\n  containers:\n    - {name: x, image: 'r/%s:main', args: []}\n"
              .formatted(peer.text());
      assertThat(config(imported(Optional.empty(), other)).mode()).isEqualTo(Mode.APPROVE_ONLY);
      assertThat(config(imported(Optional.empty(), other)).access()).isPresent();
    }
  }

  @Test
  void environment_isReadLineByLine() {
    String environment =
        "# as the unit has it\nexport PROVIDER_REGEX='^a$'\nHOME=/root\nSKIP_DENY_STEP=\"t\"\n";
    ImportedPolicy imported = imported(Optional.of(Peer.KUBELET_CSR_APPROVER), environment);
    assertThat(config(imported).mode()).isEqualTo(Mode.APPROVE_ONLY);
    assertThat(imported.text()).contains("name.matches(\\\"^a$\\\")");
  }

  @Test
  void lifetimeBelowTheApiServersOwnBound_admitsNoOther() {
    assertThat(config(approver("--max-expiration-sec=0")).limits().longest())
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void bounds_areThoseOfThePeer_andOfAPolicy() {
    assertThat(config(approver("--max-expiration-sec=31708800")).limits().longest())
        .isEqualTo(Duration.ofDays(367));
    assertThat(config(approver("--max-expiration-sec=599")).limits().shortest())
        .isEqualTo(Duration.ofSeconds(599));
    assertThat(config(approver("--max-expiration-sec=600")).limits().shortest())
        .isEqualTo(PolicyConfig.defaults().limits().shortest());
    assertThat(approver("--allowed-dns-names=1000").text()).contains("dnsNames.size() <= 1000");
    for (String flag :
        List.of("--max-expiration-sec=31708801", "--allowed-dns-names=1001", "--level")) {
      assertThatThrownBy(() -> approver(flag)).as(flag).isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void rangesOfBothFamilies_boundNothing_oneOfThemDoes() {
    assertThat(
            config(approver("--provider-ip-prefixes=0.0.0.0/0,::/0")).addresses().allowedRanges())
        .isEmpty();
    assertThat(config(approver("--provider-ip-prefixes=0.0.0.0/0")).addresses().allowedRanges())
        .extracting(Object::toString)
        .containsExactly("0.0.0.0/0");
  }

  /** Each switch of the peer takes its own differences with it. */
  @Test
  void differences_areThoseOfTheSettings() {
    assertThat(about(approver()))
        .contains("DNS", "names and ranges", "--bypass-hostname-check=false");
    assertThat(about(approver("--skip-deny-step"))).doesNotContain("DNS", "names and ranges");
    assertThat(about(approver("--bypass-dns-resolution")))
        .contains("names and ranges")
        .doesNotContain("DNS");
    assertThat(about(approver("--bypass-hostname-check")))
        .doesNotContain("--bypass-hostname-check=false");
    assertThat(approver("--bypass-hostname-check").text()).doesNotContain("startsWith");
    assertThat(about(imported(Optional.of(Peer.KUBELET_RUBBER_STAMP), "", "--v=2")))
        .containsExactly("form", "names", "--v");
  }

  private static List<String> about(ImportedPolicy imported) {
    return imported.differences().stream().map(ImportedPolicy.Difference::about).toList();
  }

  @Test
  void comments_fitInAHundredColumns_andNameEachDifferenceOnce() {
    ImportedPolicy imported = approver("--leader-election");
    String text = imported.text();

    assertThat(text.lines().filter(line -> line.startsWith("#   - ")))
        .hasSameSizeAs(imported.differences());

    assertThat(text.lines().filter(line -> line.startsWith("#")))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100))
        .anySatisfy(line -> assertThat(line).startsWith("#     "))
        .contains("# No matter of a policy:", "# Left pending there, denied here:");
    assertThat(approver().text()).contains("with these settings: its defaults.\n");
    assertThat(text).startsWith("# Decides as kubelet-csr-approver with these settings: its");
    assertThat(approver("--skip-deny-step").text())
        .startsWith(
            "# Decides as kubelet-csr-approver with these settings:\n#   --skip-deny-step=");
  }

  @Test
  void theirFlags_areReadAsTheirProgramsReadThem() {
    assertThat(
            config(
                    imported(
                        Optional.of(Peer.KUBELET_SERVING_CERT_APPROVER),
                        "",
                        "serve",
                        "--enable-leader-election",
                        "-n",
                        "kube-system"))
                .access())
        .isPresent();
    assertThat(imported(Optional.of(Peer.KUBELET_RUBBER_STAMP), "", "--v=2").text())
        .contains("name: peer-usages", "#   - --v: see approver --log-level");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--provider-regx=a|flags: got \"--provider-regx=a\"; want flags of kubelet-csr-approver;"
            + " did you mean --provider-regex?",
        "--skip-deny-step=yes|--skip-deny-step: got \"yes\"; want true or false",
        "--max-expiration-sec=99999999|--max-expiration-sec: got \"99999999\"; want 0 to 31708800",
        "--allowed-dns-names=0|--allowed-dns-names: got \"0\"; want 1 to 1000",
        "--provider-ip-prefixes=10.0.0.1|--provider-ip-prefixes: got \"10.0.0.1\"; want ranges",
        "--provider-regex|--provider-regex: got no value; want one",
        "--provider-regex=|--provider-regex: got nothing; want a regular expression",
        "word|flags: got \"word\"; want flags of kubelet-csr-approver",
      })
  void whatThePeerWouldNotTake_isRefused(String flag, String message) {
    assertThatThrownBy(() -> approver(flag)).hasMessageStartingWith(message);
  }

  @Test
  void whatIsNotKnown_isRefused() {
    assertThatThrownBy(() -> imported(Optional.empty(), "providerRegexp: a\n"))
        .hasMessage("providerRegexp: got a value; want values of kubelet-csr-approver's chart");
    assertThatThrownBy(() -> imported(Optional.empty(), "kind: Pod\nspec: {containers: []}\n"))
        .hasMessageStartingWith("file: got 0 containers; want one whose image or name is of");
    assertThatThrownBy(() -> imported(Optional.empty(), "A=b\n"))
        .hasMessageStartingWith("PEER: got nothing; want one of kubelet-csr-approver,");
    assertThatThrownBy(
            () ->
                imported(
                    Optional.empty(),
                    "env: [{name: PROVIDER_REGEX, valueFrom: {secretKeyRef: {}}}]\n"))
        .hasMessageStartingWith("env.PROVIDER_REGEX: got valueFrom; want its value");
  }
}
