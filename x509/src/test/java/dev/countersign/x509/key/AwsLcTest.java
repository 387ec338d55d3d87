package dev.countersign.x509.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.secret.SecretAccess;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Keys of whichever provider made them, in the JDK's hands. */
class AwsLcTest {
  @Test
  void key_isOfItsSize_andSignsForTheJdk() throws Exception {
    KeyPair pair = KeyPair.generate(KeySpec.RSA_2048, new SecureRandom());
    assertThat(pair.publicKey()).isInstanceOf(RSAPublicKey.class);
    assertThat(((RSAPublicKey) pair.publicKey()).getModulus().bitLength()).isEqualTo(2048);
    assertThat(((RSAPublicKey) pair.publicKey()).getPublicExponent()).hasToString("65537");
    assertThat(pair.privateKey(SecretAccess.because("looked at in a test")))
        .isInstanceOf(RSAPrivateCrtKey.class);
    // Through its PEM, as every reader gets it.
    KeyPair read = PrivateKeys.parsePem(pair.privateKeyPem(PrivateKeyFormat.TRADITIONAL)).orThrow();
    assertThat(jdkTakesItsSignature(read, "SHA256withRSA", "SunRsaSign")).isTrue();
    assertThat(read.publicKeyPem()).isEqualTo(pair.publicKeyPem());
  }

  @Test
  void keys_differ() {
    assertThat(KeyPair.generate(KeySpec.RSA_2048, new SecureRandom()).publicKey())
        .isNotEqualTo(KeyPair.generate(KeySpec.RSA_2048, new SecureRandom()).publicKey());
  }

  @Test
  void ecKey_signsForTheJdk() throws Exception {
    KeyPair pair = KeyPair.generate(KeySpec.ECDSA_P384, new SecureRandom());
    for (PrivateKeyFormat format : PrivateKeyFormat.values()) {
      KeyPair read = PrivateKeys.parsePem(pair.privateKeyPem(format)).orThrow();
      assertThat(jdkTakesItsSignature(read, "SHA384withECDSA", "SunEC")).isTrue();
      assertThat(read.publicKeyPem()).isEqualTo(pair.publicKeyPem());
    }
  }

  private static boolean jdkTakesItsSignature(KeyPair pair, String algorithm, String provider)
      throws GeneralSecurityException {
    byte[] text = {1, 2, 3};
    Signature signer = Signature.getInstance(algorithm, provider);
    signer.initSign(pair.privateKey(SecretAccess.because("signs in a test")));
    signer.update(text);
    Signature verifier = Signature.getInstance(algorithm, provider);
    verifier.initVerify(pair.publicKey());
    verifier.update(text);
    return verifier.verify(signer.sign());
  }

  /** Like a test's source with a seed: what is made from it must be made from it alone. */
  private static final class Seeded extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final Random random = new Random(7);

    @Override
    public void nextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }
  }

  @Test
  void insteadOf_thePlatformsChance_isTheProvider() {
    assertThat(AwsLc.insteadOf(new SecureRandom())).isEqualTo(AwsLc.find());
  }

  @Test
  void insteadOf_anotherChance_isNone() {
    assertThat(AwsLc.insteadOf(new Seeded())).isEmpty();
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"},
      disabledReason = "skipped: AWS-LC has no library for this platform")
  void load_whereThereIsALibrary_isTheProviderWithItsServices() {
    assertThat(AwsLc.load()).isPresent().isEqualTo(AwsLc.find());
    assertThat(AwsLc.load().orElseThrow().getService("KeyPairGenerator", "RSA")).isNotNull();
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"},
      disabledReason = "skipped: AWS-LC has no library for this platform")
  void prefer_makesItTheFirstProvider() {
    String first = Security.getProviders()[0].getName();
    try {
      assertThat(AwsLc.prefer()).isTrue();
      assertThat(Security.getProviders()[0]).isEqualTo(AwsLc.find().orElseThrow());
      assertThat(Security.getProviders()[1].getName()).isEqualTo(first);
    } finally {
      Security.removeProvider(AwsLc.find().orElseThrow().getName());
    }
  }
}
