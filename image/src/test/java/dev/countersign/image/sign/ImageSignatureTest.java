package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.countersign.image.ImageFixture;
import dev.countersign.image.ImageRefusal;
import dev.countersign.image.assemble.Compression;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Checksum;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.image.publish.FakeRegistry;
import dev.countersign.image.publish.Publisher;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.RegistryHttp;
import dev.countersign.image.publish.Repository;
import dev.countersign.image.publish.RetryPolicy;
import dev.countersign.image.publish.TagPlan;
import dev.countersign.testkit.LocalRegistry;
import dev.countersign.testkit.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Signing, and refusing what is not what was signed: by this program, and by cosign and skopeo. */
final class ImageSignatureTest {
  private static final CosignPublicKey KEY = CosignPublicKey.parse("cosign.pub", TestKeys.PUBLIC);

  /** Roots of trust for an air-gapped cosign: none, as the key is given. */
  private static final String NO_ROOTS =
      "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}";

  @TempDir Path folder;
  private ImageFixture fixture;
  private Layout layout;

  @BeforeEach
  void build() throws Exception {
    fixture = new ImageFixture(folder);
    layout = image("one", "some data");
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Layout image(String name, String content) throws Exception {
    Files.writeString(fixture.inputs().resolve("data"), content);
    ImageLock lock =
        fixture.lock(
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ImageSpec
            name: tiny
            version: v1.2.3
            files: [{from: data, to: /opt/data}]
            config: {entrypoint: [/opt/data]}
            """);
    Path out = folder.resolve(name);
    ImageOutput.write(
        out,
        made -> fixture.builder(Compression.GZIP).build(lock, lock.platforms().keySet(), made));
    return Layout.open(out);
  }

  private static void push(Layout layout, RegistryClient registry) throws Exception {
    TagPlan tags =
        TagPlan.of(
            TagScheme.KUBELET,
            "v1.2.3",
            Set.of(Architecture.values()),
            new TagPlan.Build(Optional.empty(), Optional.empty(), true));
    assertThat(new Publisher(layout, Progress.silent()).push(List.of(registry), tags).getFirst())
        .isInstanceOf(Publisher.Outcome.Pushed.class);
  }

  private void sign(Layout signed, RegistryClient registry) throws Exception {
    new ImageSigner(
            signed,
            Layout.create(Files.createTempDirectory(folder, "made")),
            TestKeys.key(),
            "https://builder.example")
        .sign(registry);
  }

  private static void isRefused(FakeRegistry registry, String why) throws Exception {
    RegistryClient client = registry.client();
    assertThatThrownBy(() -> new ImageVerifier(client, KEY).verify("v1.2.3"))
        .isInstanceOf(ImageRefusal.class)
        .hasMessageContaining(why);
  }

  private Descriptor part(String mediaType) throws Exception {
    Descriptor manifest = Layout.references("index", layout.readJson(layout.image())).getFirst();
    return Layout.references("manifest", layout.readJson(manifest)).stream()
        .filter(each -> each.mediaType().equals(mediaType))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void image_thatIsSigned_isVerifiedWithItsAttestations_andSigningAgainChangesNothing()
      throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      isRefused(registry, "got no signature; want a signature of the key");
      sign(layout, registry.client());
      assertThat(new ImageVerifier(registry.client(), KEY).verify("v1.2.3"))
          .hasSize(3)
          .allSatisfy(
              each -> {
                assertThat(each.sbom()).isEqualTo(ImageVerifier.Attested.SIGNED);
                assertThat(each.provenance()).isEqualTo(ImageVerifier.Attested.SIGNED);
              });
      var before = new HashSet<>(registry.manifests.keySet());
      sign(layout, registry.client());
      assertThat(registry.manifests.keySet()).isEqualTo(before);
    }
  }

  @Test
  void image_ofAnotherKey_isRefused() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      sign(layout, registry.client());
      RegistryClient client = registry.client();
      var other = CosignPublicKey.parse("other.pub", TestKeys.OTHER_PUBLIC);
      assertThatThrownBy(() -> new ImageVerifier(client, other).verify("v1.2.3"))
          .isInstanceOf(ImageRefusal.class)
          .hasMessageContaining("got signatures, but none of this key for this image");
    }
  }

  @Test
  void blob_thatIsAltered_isRefused() throws Exception {
    for (String mediaType : List.of(MediaTypes.LAYER, MediaTypes.CONFIG)) {
      try (var registry = new FakeRegistry((_, _) -> false)) {
        push(layout, registry.client());
        sign(layout, registry.client());
        String digest = part(mediaType).digest().toString();
        byte[] altered = Objects.requireNonNull(registry.blobs.get(digest)).clone();
        altered[altered.length / 2] ^= 1;
        registry.blobs.put(digest, altered);
        isRefused(registry, "want " + digest);
      }
    }
  }

  /** The tag leads to an index that was pushed later, and signatures of the first are copied. */
  @Test
  void index_thatIsAnother_isRefused_alsoWithTheSignaturesOfTheFirst() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      sign(layout, registry.client());
      Layout other = image("two", "other data");
      push(other, registry.client());
      isRefused(registry, "got no signature; want a signature of the key");
      String first = layout.image().digest().hex();
      String second = other.image().digest().hex();
      registry.manifests.put(
          "sha256-" + second + ".sig", registry.manifests.get("sha256-" + first + ".sig"));
      registry.manifests.put("sha256-" + second, registry.manifests.get("sha256-" + first));
      isRefused(registry, "got signatures, but none of this key for this image");
    }
  }

  @Test
  void platform_withoutSignature_isRefused() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      sign(layout, registry.client());
      Descriptor platform = Layout.references("index", layout.readJson(layout.image())).getLast();
      registry.manifests.remove("sha256-" + platform.digest().hex());
      registry.manifests.remove("sha256-" + platform.digest().hex() + ".sig");
      registry.manifests.remove("sha256-" + platform.digest().hex() + ".att");
      isRefused(registry, platform.digest() + ": got no signature");
    }
  }

  @Test
  void signature_thatIsAltered_isRefused() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      sign(layout, registry.client());
      String hex = layout.image().digest().hex();
      registry.manifests.remove("sha256-" + hex);
      String tag = "sha256-" + hex + ".sig";
      byte[] manifest = Objects.requireNonNull(registry.manifests.get(tag)).clone();
      // A character in the middle of the signature, whatever it is.
      int at =
          new String(manifest, StandardCharsets.US_ASCII).indexOf(SignatureTypes.SIGNATURE)
              + SignatureTypes.SIGNATURE.length()
              + 40;
      manifest[at] = manifest[at] == 'A' ? (byte) 'B' : (byte) 'A';
      registry.manifests.put(tag, manifest);
      isRefused(registry, "none of this key for this image");
    }
  }

  @Test
  void sbom_thatIsAnother_isRefused() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      push(layout, registry.client());
      sign(layout, registry.client());
      Descriptor index = layout.image();
      byte[] forged = "{\"packages\":[]}".getBytes(StandardCharsets.UTF_8);
      Checksum digest = Checksum.ofSha256(forged);
      registry.blobs.put(digest.toString(), forged);
      byte[] manifest =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"%s\",\"layers\":[%s],\"subject\":%s}"
              .formatted(
                  MediaTypes.MANIFEST,
                  MediaTypes.SPDX,
                  Descriptor.of(MediaTypes.SPDX, digest, forged.length).toJson(),
                  Descriptor.of(index.mediaType(), index.digest(), index.size()).toJson())
              .getBytes(StandardCharsets.UTF_8);
      registry
          .client()
          .pushReferrer(
              Descriptor.of(MediaTypes.MANIFEST, Checksum.ofSha256(manifest), manifest.length),
              manifest);
      isRefused(registry, "got an SBOM that is not the one that was signed");
    }
  }

  @Test
  void image_thatTheRegistryDoesNotHave_isNotSigned() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      RegistryClient client = registry.client();
      assertThatThrownBy(() -> sign(layout, client))
          .isInstanceOf(ImageRefusal.class)
          .hasMessageContaining("push it first");
      assertThat(registry.manifests).isEmpty();
    }
  }

  private record Run(int status, String output) {}

  private Run run(String... command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(folder.toFile());
    builder.environment().put("COSIGN_PASSWORD", TestKeys.PASSWORD);
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
    Files.writeString(folder.resolve("cosign.key"), TestKeys.PRIVATE);
    Files.writeString(folder.resolve("cosign.pub"), TestKeys.PUBLIC);
    Files.writeString(folder.resolve("other.pub"), TestKeys.OTHER_PUBLIC);
    Files.writeString(folder.resolve("roots.json"), NO_ROOTS);
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
    try (var registry = new LocalRegistry(folder, "registry")) {
      push(layout, client(registry));
      sign(layout, client(registry));
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
      Layout unsigned = image("two", "other data");
      push(unsigned, client(registry));
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
      try (var registry = new LocalRegistry(folder, "registry-" + format)) {
        push(layout, client(registry));
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

  /** Podman, CRI-O and skopeo share the library that reads signature policies. */
  @Test
  @RequiresTool({"skopeo", "docker-registry"})
  void skopeo_pullsBySignaturePolicy_whatIsSigned_andNothingElse() throws Exception {
    keyFiles();
    Path registries = Files.createDirectories(folder.resolve("registries.d"));
    Files.writeString(
        registries.resolve("default.yaml"), "default-docker: {use-sigstore-attachments: true}\n");
    for (String key : List.of("cosign.pub", "other.pub")) {
      Files.writeString(
          folder.resolve("policy-" + key + ".json"),
          """
          {"default": [{"type": "sigstoreSigned", "keyPath": "%s",
            "signedIdentity": {"type": "matchRepository"}}]}
          """
              .formatted(folder.resolve(key)));
    }
    try (var registry = new LocalRegistry(folder, "registry")) {
      push(layout, client(registry));
      assertThat(pull(registry, "cosign.pub").status()).isNotZero();
      sign(layout, client(registry));
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
        folder.resolve("policy-" + key + ".json").toString(),
        "--registries.d",
        folder.resolve("registries.d").toString(),
        "copy",
        "--override-arch",
        "amd64",
        "--src-tls-verify=false",
        "docker://" + registry.host() + "/you/tiny:v1.2.3",
        "dir:" + Files.createTempDirectory(folder, "pulled"));
  }
}
