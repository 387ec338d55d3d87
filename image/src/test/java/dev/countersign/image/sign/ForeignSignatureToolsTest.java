package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.publish.FakeRegistry;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.RegistryHttp;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.publish.RetryPolicy;
import dev.countersign.testkit.CosignKeys;
import dev.countersign.testkit.LocalRegistry;
import dev.countersign.testkit.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What others make of our signatures, and we of theirs: cosign, and skopeo for Podman and CRI-O.
 * cosign reads manifests and signatures only; who pulls an image by digest checks its blobs.
 */
final class ForeignSignatureToolsTest {
  private static final CosignPublicKey KEY = CosignPublicKey.parse("cosign.pub", CosignKeys.PUBLIC);

  /** Roots of trust for an air-gapped cosign: none, as the key is given. */
  private static final String NO_ROOTS =
      "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}";

  @TempDir Path directory;
  private SignedImages images;
  private Layout layout;

  @BeforeEach
  void build() throws Exception {
    images = new SignedImages(directory);
    layout = images.build("one", "some data");
  }

  @AfterEach
  void stop() {
    images.close();
  }

  private record Run(int status, String output) {}

  private Run run(String... command) throws Exception {
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).directory(directory.toFile());
    builder.environment().put("COSIGN_PASSWORD", CosignKeys.PASSWORD);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), output);
  }

  private static RegistryClient client(LocalRegistry registry) throws Exception {
    return new RegistryClient(
        Repository.parse("http://" + registry.host() + "/you/tiny"),
        Optional.empty(),
        RegistryHttp.client(Optional.empty(), HttpProxies.none()),
        new RetryPolicy(2, Duration.ofMillis(50), Duration.ofSeconds(60)));
  }

  private void keyFiles() throws Exception {
    Files.writeString(directory.resolve("cosign.key"), CosignKeys.PRIVATE);
    Files.writeString(directory.resolve("cosign.pub"), CosignKeys.PUBLIC);
    Files.writeString(directory.resolve("other.pub"), CosignKeys.OTHER_PUBLIC);
    Files.writeString(directory.resolve("roots.json"), NO_ROOTS);
  }

  private Run cosign(String command, String key, String image, String... more) throws Exception {
    var words =
        new ArrayList<>(
            List.of(
                "cosign",
                command,
                "--key",
                key,
                "--allow-http-registry",
                "--insecure-ignore-tlog",
                "--new-bundle-format",
                "--trusted-root",
                "roots.json"));
    words.addAll(List.of(more));
    words.add(image);
    return run(words.toArray(String[]::new));
  }

  @Test
  @EnabledIfSystemProperty(
      named = "cosign.tests",
      matches = "true",
      disabledReason = "cosign is no Debian package; mvn -Pnightly runs it where it is installed")
  @RequiresTool({"cosign", "docker-registry"})
  void cosign_verifiesWhatWeSign_andRefusesWhatWeRefuse() throws Exception {
    keyFiles();
    try (var registry = new LocalRegistry(directory, "registry")) {
      SignedImages.push(layout, client(registry));
      images.sign(layout, client(registry));
      String image = registry.host() + "/you/tiny@" + layout.image().digest();
      assertThat(cosign("verify", "cosign.pub", image)).extracting(Run::status).isEqualTo(0);
      assertThat(cosign("verify", "other.pub", image)).extracting(Run::status).isNotEqualTo(0);
      for (Descriptor each : Layout.references("index", layout.readJson(layout.image()))) {
        String platform = registry.host() + "/you/tiny@" + each.digest();
        assertThat(cosign("verify", "cosign.pub", platform)).extracting(Run::status).isEqualTo(0);
        for (String type : List.of("spdxjson", "slsaprovenance1")) {
          assertThat(cosign("verify-attestation", "cosign.pub", platform, "--type", type))
              .satisfies(run -> assertThat(run.status()).as(run.output()).isZero());
          assertThat(cosign("verify-attestation", "other.pub", platform, "--type", type))
              .extracting(Run::status)
              .isNotEqualTo(0);
        }
      }
      Layout unsigned = images.build("two", "other data");
      SignedImages.push(unsigned, client(registry));
      assertThat(cosign("verify", "cosign.pub", registry.host() + "/you/tiny:v1.2.3"))
          .extracting(Run::status)
          .isNotEqualTo(0);
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "cosign.tests",
      matches = "true",
      disabledReason = "cosign is no Debian package; mvn -Pnightly runs it where it is installed")
  @RequiresTool({"cosign", "docker-registry"})
  void whatCosignSigns_isVerified_inBothOfItsFormats() throws Exception {
    keyFiles();
    for (String format : List.of("true", "false")) {
      try (var registry = new LocalRegistry(directory, "registry-" + format)) {
        SignedImages.push(layout, client(registry));
        Run signed =
            run(
                "cosign",
                "sign",
                "--key",
                "cosign.key",
                "--tlog-upload=false",
                "--allow-http-registry",
                "--recursive",
                "--yes",
                "--new-bundle-format=" + format,
                registry.host() + "/you/tiny@" + layout.image().digest());
        assertThat(signed.status()).as(signed.output()).isZero();
        assertThat(new ImageVerifier(client(registry), KEY).verify("v1.2.3"))
            .hasSize(3)
            .allSatisfy(each -> assertThat(each.sbom()).isEqualTo(ImageVerifier.Attested.UNSIGNED));
      }
    }
  }

  /**
   * In a registry in memory: cosign verifies what we signed, and refuses another index, the
   * signatures of another image, and altered signatures and attestations, as this program does.
   */
  @Test
  @EnabledIfSystemProperty(
      named = "cosign.tests",
      matches = "true",
      disabledReason = "cosign is no Debian package; mvn -Pnightly runs it where it is installed")
  @RequiresTool("cosign")
  void cosign_refusesEachTampering() throws Exception {
    keyFiles();
    try (var registry = new FakeRegistry((_, _) -> false)) {
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
      String first = layout.image().digest().hex();
      String name = registry.name() + "@sha256:";
      Descriptor platform = Layout.references("index", layout.readJson(layout.image())).getFirst();
      String manifest = name + platform.digest().hex();
      assertVerified(true, cosign("verify", "cosign.pub", name + first));
      assertVerified(
          true, cosign("verify-attestation", "cosign.pub", manifest, "--type", "spdxjson"));

      Layout other = images.build("two", "other data");
      SignedImages.push(other, registry.client());
      // The tag leads to another index now; and then that one has the signatures of the first.
      assertVerified(false, cosign("verify", "cosign.pub", registry.name() + ":v1.2.3"));
      String second = other.image().digest().hex();
      registry.manifests.put("sha256-" + second, manifest(registry, "sha256-" + first));
      assertVerified(false, cosign("verify", "cosign.pub", name + second));

      // The bundles: signatures and the attested SBOM.
      registry.blobs.replaceAll(
          (_, blob) -> {
            String text = new String(blob, StandardCharsets.UTF_8);
            return text.contains("dsseEnvelope")
                ? text.replace("\"payload\":\"e", "\"payload\":\"f")
                    .getBytes(StandardCharsets.UTF_8)
                : blob;
          });
      assertVerified(false, cosign("verify", "cosign.pub", name + first));
      assertVerified(
          false, cosign("verify-attestation", "cosign.pub", manifest, "--type", "spdxjson"));
    }
  }

  private static byte[] manifest(FakeRegistry registry, String reference) {
    return Objects.requireNonNull(registry.manifests.get(reference));
  }

  private static void assertVerified(boolean wanted, Run run) {
    assertThat(run.status() == 0).as(run.output()).isEqualTo(wanted);
  }

  /** Podman, CRI-O and skopeo share the library that reads signature policies. */
  @Test
  @RequiresTool({"skopeo", "docker-registry"})
  void skopeo_pullsBySignaturePolicy_whatIsSigned_andNothingElse() throws Exception {
    keyFiles();
    Path registries = Files.createDirectories(directory.resolve("registries.d"));
    Files.writeString(
        registries.resolve("default.yaml"), "default-docker: {use-sigstore-attachments: true}\n");
    for (String key : List.of("cosign.pub", "other.pub")) {
      Files.writeString(
          directory.resolve("policy-" + key + ".json"),
          """
          {"default": [{"type": "sigstoreSigned", "keyPath": "%s",
            "signedIdentity": {"type": "matchRepository"}}]}
          """
              .formatted(directory.resolve(key)));
    }
    try (var registry = new LocalRegistry(directory, "registry")) {
      SignedImages.push(layout, client(registry));
      assertThat(pull(registry, "cosign.pub").status()).isNotZero();
      images.sign(layout, client(registry));
      Run pulled = pull(registry, "cosign.pub");
      assumeFalse(
          pulled.output().contains("sigstore disabled"), "skopeo was built without sigstore");
      assertThat(pulled.status()).as(pulled.output()).isZero();
      assertThat(pull(registry, "other.pub").status()).isNotZero();
    }
  }

  private Run pull(LocalRegistry registry, String key) throws Exception {
    return run(
        "skopeo",
        "--policy",
        directory.resolve("policy-" + key + ".json").toString(),
        "--registries.d",
        directory.resolve("registries.d").toString(),
        "copy",
        "--override-arch",
        "amd64",
        "--src-tls-verify=false",
        "docker://" + registry.host() + "/you/tiny:v1.2.3",
        "dir:" + Files.createTempDirectory(directory, "pulled"));
  }
}
