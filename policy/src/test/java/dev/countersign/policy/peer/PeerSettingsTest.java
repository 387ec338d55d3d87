package dev.countersign.policy.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a peer's settings are found, and which count. */
class PeerSettingsTest {
  private static final Optional<Peer> CSR_APPROVER = Optional.of(Peer.KUBELET_CSR_APPROVER);

  private static PeerSettings read(Optional<Peer> peer, String file, String... flags) {
    return PolicyImport.read(peer, Optional.of(file), List.of(flags)).orThrow();
  }

  private static PeerSettings flags(Peer peer, String... flags) {
    return PolicyImport.read(Optional.of(peer), Optional.empty(), List.of(flags)).orThrow();
  }

  @Test
  void listOfObjects_asKubectlPrintsIt_isSearched() {
    PeerSettings settings =
        read(
            Optional.empty(),
            """
            apiVersion: v1
            kind: List
            items:
              - {kind: ConfigMap, data: {a: b}}
              - kind: Deployment
                spec:
                  template:
                    spec:
                      containers:
                        - {name: proxy, image: example.com/proxy}
                        - name: kubelet-csr-approver
                          image: example.com/mirror/approver
                          command: [/manager, --allowed-dns-names=3]
                          args: [--skip-deny-step]
            """);

    assertThat(settings.peer()).isEqualTo(Peer.KUBELET_CSR_APPROVER);
    assertThat(settings.values())
        .isEqualTo(Map.of("allowed-dns-names", "3", "skip-deny-step", "true"));
  }

  @Test
  void peerThatIsNamed_isTheOneReadOfTwo() {
    String pod =
        """
        kind: Pod
        spec:
          containers:
            - {name: a, image: x/kubelet-csr-approver, args: [--allowed-dns-names=3]}
            - {name: b, image: x/kubelet-rubber-stamp, args: [--v=2]}
        """;

    assertThat(read(Optional.empty(), pod).peer()).isEqualTo(Peer.KUBELET_CSR_APPROVER);
    assertThat(read(Optional.of(Peer.KUBELET_RUBBER_STAMP), pod).peer())
        .isEqualTo(Peer.KUBELET_RUBBER_STAMP);
    assertThatThrownBy(() -> read(Optional.of(Peer.KUBELET_SERVING_CERT_APPROVER), pod))
        .hasMessageStartingWith("file: got 2 containers; want one whose image or name is of");
  }

  @Test
  void valuesOfHelm_areOneDocument_ofThePeerThatHasAChart() {
    assertThatThrownBy(() -> read(Optional.empty(), "replicas: 1\n---\nreplicas: 2\n"))
        .hasMessage("file: got 2 documents; want one with Helm values");
    assertThatThrownBy(() -> read(Optional.of(Peer.KUBELET_RUBBER_STAMP), "replicas: 1\n"))
        .hasMessage("file: got no workload; want a Deployment: kubelet-rubber-stamp has no chart");
    assertThat(read(CSR_APPROVER, "allowedDnsNames: 2\n").value("allowed-dns-names")).contains("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "null", "[]", "{}", "false", "0"})
  void valueThatHelmTakesForNone_isNotSet(String value) {
    assertThat(read(CSR_APPROVER, "providerRegex: " + value + "\n").values()).isEmpty();
  }

  @Test
  void environment_isUnquotedAsAShellDoes_andOthersVariablesCountForNothing() {
    PeerSettings settings =
        read(
            CSR_APPROVER,
            """
            # of the unit

            PROVIDER_REGEX="^a$"
            export ALLOWED_DNS_NAMES='2'
            PROVIDER_IP_PREFIXES='10.0.0.0/8"
            MAX_EXPIRATION_SEC="
            LEADER_ELECTION=true
            HOME=/root
            """);

    assertThat(settings.values())
        .isEqualTo(
            Map.of(
                "provider-regex", "^a$",
                "allowed-dns-names", "2",
                "provider-ip-prefixes", "'10.0.0.0/8\"",
                "max-expiration-sec", "\""));
    assertThat(settings.others()).isEqualTo(Map.of("LEADER_ELECTION", "approver --leader-elect"));
  }

  @Test
  void commandLine_mayBeginWithTheProgram_andOnlyBegin() {
    assertThat(flags(Peer.KUBELET_CSR_APPROVER, "/ko/kubelet-csr-approver", "-level", "5").others())
        .isEqualTo(Map.of("--level", "approver --log-level"));
    assertThatThrownBy(
            () -> flags(Peer.KUBELET_CSR_APPROVER, "--skip-deny-step", "/ko/kubelet-csr-approver"))
        .hasMessage("flags: got \"/ko/kubelet-csr-approver\"; want flags of kubelet-csr-approver");
    assertThatThrownBy(() -> flags(Peer.KUBELET_CSR_APPROVER, "/ko/another"))
        .hasMessageStartingWith("flags: got \"/ko/another\"");
  }

  @Test
  void switch_takesNoWordAfterIt_anotherFlagDoes() {
    PeerSettings settings =
        flags(
            Peer.KUBELET_CSR_APPROVER,
            "--bypass-dns-resolution",
            "--leader-election",
            "--provider-regex",
            "--odd",
            "--skip-deny-step=false");

    assertThat(settings.values())
        .isEqualTo(
            Map.of(
                "bypass-dns-resolution", "true",
                "provider-regex", "--odd",
                "skip-deny-step", "false"));
    assertThatThrownBy(() -> flags(Peer.KUBELET_CSR_APPROVER, "--level"))
        .hasMessageStartingWith("--level: got no value; want one");
  }

  @Test
  void flags_comeBeforeTheFile() {
    PeerSettings settings =
        read(CSR_APPROVER, "ALLOWED_DNS_NAMES=2\nSKIP_DENY_STEP=true\n", "--allowed-dns-names=4");

    assertThat(settings.values())
        .isEqualTo(Map.of("allowed-dns-names", "4", "skip-deny-step", "true"));
  }

  @Test
  void peers_areFoundByTheirNames() {
    for (Peer peer : Peer.values()) {
      assertThat(Peer.parse(peer.text())).contains(peer);
    }
    assertThat(Peer.parse("another")).isEmpty();
    assertThat(Peer.names())
        .containsExactly(
            "kubelet-csr-approver", "kubelet-serving-cert-approver", "kubelet-rubber-stamp");
  }
}
