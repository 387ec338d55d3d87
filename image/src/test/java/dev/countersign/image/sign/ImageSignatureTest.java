package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.publish.FakeRegistry;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.testkit.CosignKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing, and refusing what is not what was signed. */
final class ImageSignatureTest {
  private static final CosignPublicKey KEY = CosignPublicKey.parse("cosign.pub", CosignKeys.PUBLIC);

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

  private static void isRefused(FakeRegistry registry, String why) throws Exception {
    RegistryClient client = registry.client();
    assertThatThrownBy(() -> new ImageVerifier(client, KEY).verify("v1.2.3"))
        .isInstanceOf(ImageException.class)
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
      SignedImages.push(layout, registry.client());
      isRefused(registry, "got no signature; want a signature of the key");
      images.sign(layout, registry.client());
      assertThat(new ImageVerifier(registry.client(), KEY).verify("v1.2.3"))
          .hasSize(3)
          .allSatisfy(
              each -> {
                assertThat(each.sbom()).isEqualTo(ImageVerifier.Attested.SIGNED);
                assertThat(each.provenance()).isEqualTo(ImageVerifier.Attested.SIGNED);
              });
      var before = new HashSet<>(registry.manifests.keySet());
      images.sign(layout, registry.client());
      assertThat(registry.manifests.keySet()).isEqualTo(before);
    }
  }

  @Test
  void image_ofAnotherKey_isRefused() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
      RegistryClient client = registry.client();
      var other = CosignPublicKey.parse("other.pub", CosignKeys.OTHER_PUBLIC);
      assertThatThrownBy(() -> new ImageVerifier(client, other).verify("v1.2.3"))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("got signatures, but none of this key for this image");
    }
  }

  @Test
  void blob_thatIsAltered_isRefused() throws Exception {
    for (String mediaType : List.of(MediaTypes.LAYER, MediaTypes.CONFIG)) {
      try (var registry = new FakeRegistry((_, _) -> false)) {
        SignedImages.push(layout, registry.client());
        images.sign(layout, registry.client());
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
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
      Layout other = images.build("two", "other data");
      SignedImages.push(other, registry.client());
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
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
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
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
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
      SignedImages.push(layout, registry.client());
      images.sign(layout, registry.client());
      Descriptor index = layout.image();
      byte[] forged = "{\"packages\":[]}".getBytes(StandardCharsets.UTF_8);
      Digest digest = Digest.ofSha256(forged);
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
              Descriptor.of(MediaTypes.MANIFEST, Digest.ofSha256(manifest), manifest.length),
              manifest);
      isRefused(registry, "got an SBOM that is not the one that was signed");
    }
  }

  @Test
  void image_thatTheRegistryDoesNotHave_isNotSigned() throws Exception {
    try (var registry = new FakeRegistry((_, _) -> false)) {
      RegistryClient client = registry.client();
      assertThatThrownBy(() -> images.sign(layout, client))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("push it first");
      assertThat(registry.manifests).isEmpty();
    }
  }
}
