package dev.countersign.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseError;
import dev.countersign.common.file.FileMode;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.pki.SuppliedAuthority;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.testkit.GoldenFiles;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TimeZone;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RendererTest {
  private static final RenderOptions DEFAULTS = RenderOptions.defaults();

  private static Rendering again(
      String yaml, Map<String, String> files, Instant now, RenderOptions options) {
    return Renderer.render(
        Specs.parse(yaml), Specs.existing(files), new SeededEntropy("other"), now, options);
  }

  private static Map<String, String> changed(Map<String, String> before, Rendering rendering) {
    Map<String, String> after = new TreeMap<>(Specs.texts(rendering.orThrow()));
    after.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
    return after;
  }

  @Test
  void tree_hasThePathsOfTheReference() {
    List<String> paths = new ArrayList<>(Specs.texts(Specs.render(Specs.MINIMAL)).keySet());
    GoldenFiles.in("src/test/golden").assertMatches("paths.txt", String.join("\n", paths) + "\n");
  }

  static List<KubernetesRelease> releases() {
    return KubernetesReleases.supported().all();
  }

  /** The golden files hold for every release, as nothing but tags of images differs. */
  @ParameterizedTest
  @MethodSource("releases")
  void publicFiles_areGolden(KubernetesRelease release) {
    String dual =
        Specs.MINIMAL
            + """
            podCidr: [10.20.0.0/14, "fd00:20::/48"]
            serviceCidr: [10.3.0.0/24, "fd00:3::/112"]
            cloudProvider: external
            daemonsetTolerations: [gpu-role]
            """;
    Map.of("ipv4", Specs.MINIMAL, "dual-stack", dual)
        .forEach(
            (name, yaml) -> {
              AssetTree tree =
                  Renderer.render(
                          Specs.parse(Specs.withRelease(yaml, release)),
                          ExistingSecrets.none(),
                          new SeededEntropy("a"),
                          Specs.NOW,
                          new RenderOptions(false, false, true))
                      .orThrow();
              GoldenFiles golden = GoldenFiles.in("src/test/golden/" + name);
              Specs.texts(tree)
                  .forEach(
                      (path, text) ->
                          golden.assertMatches(path, Specs.withoutVersions(text, release)));
            });
  }

  @Test
  void rendering_isTheSameInAnotherLocaleAndTimeZone() {
    String yaml = Specs.withNodes(Platform.AWS, OperatingSystem.FEDORA_COREOS);
    Map<String, String> here = Specs.texts(Specs.render(yaml));
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
      assertThat(Specs.texts(Specs.render(yaml))).isEqualTo(here);
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(Specs.texts(Specs.render(yaml))).isEqualTo(here);
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void renderingAgain_changesNothing() {
    String yaml = Specs.withNodes(Platform.AZURE, OperatingSystem.FLATCAR);
    Map<String, String> before = Specs.texts(Specs.render(yaml));
    Rendering rendering = again(yaml, before, Specs.NOW.plus(Duration.ofDays(20)), DEFAULTS);
    assertThat(changed(before, rendering)).isEmpty();
  }

  @Test
  void renderingAgain_withRsaInTheSpec_keepsTheKeys() {
    Map<String, String> before = Specs.texts(Specs.render(Specs.MINIMAL));
    Rendering rendering =
        again(Specs.MINIMAL + "pki: {keyAlgorithm: rsa-2048}\n", before, Specs.NOW, DEFAULTS);
    assertThat(changed(before, rendering)).isEmpty();
  }

  @Test
  void anotherApiServer_reissuesItsCertificateForTheSameKey() {
    Map<String, String> before = Specs.texts(Specs.render(Specs.MINIMAL));
    String more = Specs.MINIMAL.replace("192.0.2.5]", "192.0.2.5, api2.example.com]");
    Rendering rendering = again(more, before, Specs.NOW, DEFAULTS);
    assertThat(changed(before, rendering)).containsOnlyKeys("tls/k8s/apiserver.crt");
    Certificate certificate =
        Certificate.parsePem(text(changed(before, rendering), "tls/k8s/apiserver.crt")).orThrow();
    assertThat(certificate.sans()).contains(new SubjectAltName.Dns("api2.example.com"));
    assertThat(rendering)
        .isInstanceOfSatisfying(
            Rendering.Rendered.class,
            rendered ->
                assertThat(rendered.notes())
                    .anyMatch(note -> note.contains("the spec asks for other names")));
  }

  @Test
  void renew_reissuesWhatIsDue_andNothingBefore() {
    Map<String, String> before = Specs.texts(Specs.render(Specs.MINIMAL));
    RenderOptions renew = new RenderOptions(true, false, false);
    Instant early = Specs.NOW.plus(Duration.ofDays(334));
    Instant due = Specs.NOW.plus(Duration.ofDays(336));
    assertThat(changed(before, again(Specs.MINIMAL, before, early, renew))).isEmpty();
    assertThat(changed(before, again(Specs.MINIMAL, before, due, DEFAULTS))).isEmpty();
    assertThat(changed(before, again(Specs.MINIMAL, before, due, renew)))
        .containsOnlyKeys(
            "auth/admin.conf",
            "auth/controller-manager.conf",
            "auth/scheduler.conf",
            "tls/etcd/etcd-client.crt",
            "tls/etcd/peer.crt",
            "tls/etcd/server.crt",
            "tls/k8s/aggregation-client.crt",
            "tls/k8s/apiserver-kubelet-client.crt",
            "tls/k8s/apiserver.crt");
  }

  @Test
  void rotateToken_replacesTheTokenAlone() {
    Map<String, String> before = Specs.texts(Specs.render(Specs.MINIMAL));
    Rendering rendering =
        again(Specs.MINIMAL, before, Specs.NOW, new RenderOptions(false, true, false));
    assertThat(changed(before, rendering))
        .containsOnlyKeys("auth/kubeconfig-bootstrap", "manifests/bootstrap-token.yaml");
  }

  @Test
  void strictJoin_leavesNoBlanketApproval_andLetsTheApproverDecide() {
    Map<String, String> open = Specs.texts(Specs.render(Specs.MINIMAL));
    Rendering rendering = again(Specs.MINIMAL + "join: Strict\n", open, Specs.NOW, DEFAULTS);
    Map<String, String> strict = Specs.texts(rendering.orThrow());
    assertThat(open.values())
        .anyMatch(text -> text.contains("certificatesigningrequests:nodeclient"))
        .noneMatch(text -> text.contains("--strict-join"));
    assertThat(strict.values())
        .noneMatch(text -> text.contains("nodeclient"))
        .anyMatch(text -> text.contains("system:node-bootstrapper"))
        .anyMatch(text -> text.contains("kubernetes.io/kube-apiserver-client-kubelet"));
    assertThat(strict.get("manifests/approver/deployment.yaml")).contains("--strict-join");
    assertThat(rendering)
        .isInstanceOfSatisfying(
            Rendering.Rendered.class,
            rendered ->
                assertThat(rendered.notes())
                    .filteredOn(note -> note.startsWith("join: Strict: "))
                    .hasSize(3)
                    .anyMatch(note -> note.contains("countersign token create --node"))
                    .anyMatch(note -> note.contains("countersign approver --strict-join"))
                    .anyMatch(note -> note.contains("bootstrap-approve-new")));
  }

  @Test
  void policy_namesTheControlPlaneNodes_andANoteSaysWhereTheirNamesAreNotKnown() {
    String bareMetal = Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS);
    String cloud = Specs.withNodes(Platform.GOOGLE_CLOUD, OperatingSystem.FEDORA_COREOS);
    String named = cloud.replace("- name: node1", "- name: node1\n    domain: cp-0.c.p.internal");
    assertThat(policy(bareMetal))
        .contains("    controlPlaneNodes:\n        - node1.example.com\n")
        .doesNotContain("pool.example.com");
    assertThat(policy(named)).contains("    controlPlaneNodes:\n        - cp-0.c.p.internal\n");
    assertThat(policy(cloud)).doesNotContain("controlPlaneNodes");
    assertThat(notes(bareMetal)).noneMatch(RendererTest::isOfControlPlaneNodes);
    assertThat(notes(named)).noneMatch(RendererTest::isOfControlPlaneNodes);
    assertThat(notes(cloud)).filteredOn(RendererTest::isOfControlPlaneNodes).hasSize(1);
    assertThat(notes(Specs.MINIMAL)).filteredOn(RendererTest::isOfControlPlaneNodes).hasSize(1);
    assertThat(notes(cloud + "components: {approver: {enable: false}}\n"))
        .noneMatch(RendererTest::isOfControlPlaneNodes);
  }

  private static boolean isOfControlPlaneNodes(String note) {
    return note.contains("kubectl label node NAME node-role.kubernetes.io/control-plane=");
  }

  private static String policy(String yaml) {
    return String.valueOf(Specs.texts(Specs.render(yaml)).get("manifests/approver/policy.yaml"));
  }

  private static List<String> notes(String yaml) {
    return again(yaml, Map.of(), Specs.NOW, DEFAULTS) instanceof Rendering.Rendered rendered
        ? rendered.notes()
        : List.of("refused");
  }

  @Test
  void tokenExpiry_countsFromItsMaking_andStays() {
    String yaml = Specs.MINIMAL + "bootstrapToken: {expiresAfter: 24h}\n";
    Map<String, String> before = Specs.texts(Specs.render(yaml));
    assertThat(before.get("manifests/bootstrap-token.yaml"))
        .contains("  expiration: \"2026-01-03T03:04:05Z\"\n");
    Rendering later = again(yaml, before, Specs.NOW.plus(Duration.ofHours(30)), DEFAULTS);
    assertThat(changed(before, later)).isEmpty();
    assertThat(later)
        .isInstanceOfSatisfying(
            Rendering.Rendered.class,
            rendered ->
                assertThat(rendered.notes())
                    .filteredOn(note -> !isOfControlPlaneNodes(note))
                    .containsExactly(
                        "manifests/bootstrap-token.yaml: the token expired 2026-01-03T03:04:05Z;"
                            + " --rotate-token makes a new one"));
  }

  @Test
  void authorityWithoutItsKey_isRefused() {
    Map<String, String> files = Specs.texts(Specs.render(Specs.MINIMAL));
    files.remove("tls/k8s/ca.key");
    assertThat(problems(again(Specs.MINIMAL, files, Specs.NOW, DEFAULTS)))
        .containsExactly(
            "tls/k8s/ca.key: got nothing beside tls/k8s/ca.crt; want the authority's key, which"
                + " kube-controller-manager signs with; restore it; an authority is never"
                + " replaced");
  }

  @Test
  void offlineKeyPutAway_isNotMissedUntilItIsNeeded() {
    Map<String, String> files = Specs.texts(Specs.render(Specs.MINIMAL));
    files.remove("tls/offline/etcd-ca.key");
    Rendering same = again(Specs.MINIMAL, files, Specs.NOW, DEFAULTS);
    assertThat(changed(files, same)).isEmpty();
    String other = Specs.MINIMAL.replace("node1.example.com", "node9.example.com");
    assertThat(problems(again(other, files, Specs.NOW, DEFAULTS)))
        .hasSize(2)
        .allMatch(message -> message.startsWith("tls/offline/etcd-ca.key: got nothing; want"));
  }

  @Test
  void damagedKey_isRefusedAndNeverShown() {
    Map<String, String> files = Specs.texts(Specs.render(Specs.MINIMAL));
    String secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQ=";
    files.put(
        "tls/k8s/ca.key",
        "-----BEGIN EC PRIVATE KEY-----\n" + secret + "\n-----END EC PRIVATE KEY-----\n");
    assertThat(problems(again(Specs.MINIMAL, files, Specs.NOW, DEFAULTS)))
        .hasSize(1)
        .allMatch(message -> message.startsWith("tls/k8s/ca.key: got"))
        .noneMatch(message -> message.contains(secret));
  }

  @Test
  void suppliedAuthority_isUsed_andAnotherOneIsRefusedLater() {
    Map<String, String> own = Specs.texts(Specs.render(Specs.MINIMAL));
    String yaml =
        Specs.MINIMAL
            + "pki: {authorities: {kubernetes: {certificateFile: ca.crt, keyFile: ca.key}}}\n";
    SuppliedAuthority supplied =
        new SuppliedAuthority(
            text(own, "tls/k8s/ca.crt"), SecretText.of(text(own, "tls/k8s/ca.key")));
    Map<String, String> rendered =
        Specs.texts(
            Renderer.render(
                    Specs.parse(yaml),
                    ExistingSecrets.none().withSupplied(Map.of(AuthorityName.KUBERNETES, supplied)),
                    new SeededEntropy("b"),
                    Specs.NOW,
                    DEFAULTS)
                .orThrow());
    assertThat(rendered.get("tls/k8s/ca.crt")).isEqualTo(text(own, "tls/k8s/ca.crt"));
    assertThat(rendered.get("tls/etcd/server-ca.crt"))
        .isNotEqualTo(own.get("tls/etcd/server-ca.crt"));

    Map<String, String> foreign =
        Specs.texts(
            Renderer.render(
                    Specs.parse(Specs.MINIMAL),
                    ExistingSecrets.none(),
                    new SeededEntropy("c"),
                    Specs.NOW,
                    DEFAULTS)
                .orThrow());
    Rendering refused =
        Renderer.render(
            Specs.parse(yaml),
            Specs.existing(foreign).withSupplied(Map.of(AuthorityName.KUBERNETES, supplied)),
            new SeededEntropy("b"),
            Specs.NOW,
            DEFAULTS);
    assertThat(problems(refused))
        .anyMatch(message -> message.startsWith("tls/k8s/ca.crt: got another authority than"));
  }

  @Test
  void certificates_sayWhatTheyAreForAndNoMore() {
    Map<String, String> files = Specs.texts(Specs.render(Specs.MINIMAL));
    Certificate apiServer = Certificate.parsePem(text(files, "tls/k8s/apiserver.crt")).orThrow();
    assertThat(apiServer.extendedKeyUsages()).containsExactly(ExtendedKeyUsage.SERVER_AUTH);
    assertThat(apiServer.subject().values("2.5.4.10")).isEmpty();
    Certificate client =
        Certificate.parsePem(text(files, "tls/k8s/apiserver-kubelet-client.crt")).orThrow();
    assertThat(client.extendedKeyUsages()).containsExactly(ExtendedKeyUsage.CLIENT_AUTH);
    assertThat(client.subject().values("2.5.4.10")).isEmpty();
    assertThat(client.subject().values("2.5.4.3")).containsExactly("kube-apiserver-kubelet-client");
    assertThat(apiServer.sans())
        .contains(
            new SubjectAltName.Dns("kubernetes.default.svc.cluster.local"),
            new SubjectAltName.Dns("mercury.example.com"))
        .filteredOn(name -> name instanceof SubjectAltName.Ip)
        .extracting(name -> ((SubjectAltName.Ip) name).address().toHex())
        .containsExactlyInAnyOrder("c0000205", "0a030001");
    assertThat(Duration.between(apiServer.notBefore(), apiServer.notAfter()))
        .isBetween(Duration.ofDays(365), Duration.ofDays(366));
  }

  @Test
  void secrets_areInFilesOfMode0600Only() {
    for (Platform platform : Platform.values()) {
      AssetTree tree = Specs.render(Specs.withNodes(platform, OperatingSystem.FEDORA_COREOS));
      String token =
          text(Specs.texts(tree), "auth/kubeconfig-bootstrap")
              .lines()
              .filter(line -> line.contains("token:"))
              .findFirst()
              .orElseThrow()
              .replaceAll(".*: ", "");
      tree.assets()
          .forEach(
              (path, asset) -> {
                if (asset.mode() != FileMode.SECRET) {
                  assertThat(asset.toString())
                      .as(path.value())
                      .doesNotContain(token, token.substring(7), "PRIVATE KEY");
                } else {
                  assertThat(asset.toString()).isEqualTo("Secret[redacted]");
                }
              });
      assertThat(tree.toString()).doesNotContain(token.substring(7), "PRIVATE KEY");
    }
  }

  @Test
  void publicOnly_makesNoSecretAndLeavesOutMachinesThatCarryOne() {
    RenderOptions publicOnly = new RenderOptions(false, false, true);
    for (Platform platform : Platform.values()) {
      AssetTree tree =
          again(
                  Specs.withNodes(platform, OperatingSystem.FEDORA_COREOS),
                  Map.of(),
                  Specs.NOW,
                  publicOnly)
              .orThrow();
      assertThat(tree.assets().values()).noneMatch(asset -> asset.mode() == FileMode.SECRET);
      boolean open = platform == Platform.BARE_METAL || platform == Platform.DIGITAL_OCEAN;
      assertThat(tree.find(AssetPath.of("nodes/pool.ign")).isPresent()).isEqualTo(open);
    }
  }

  private static String text(Map<String, String> files, String path) {
    return Objects.requireNonNull(files.get(path), path);
  }

  private static List<String> problems(Rendering rendering) {
    return switch (rendering) {
      case Rendering.Refused(List<ParseError> problems) ->
          problems.stream().map(ParseError::message).toList();
      case Rendering.Rendered rendered -> throw new AssertionError("rendered " + rendered);
    };
  }
}
