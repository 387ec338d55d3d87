package dev.countersign.x509.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.x509.secret.SecretAccess;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import org.junit.jupiter.api.Test;

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
    byte[] text = {1, 2, 3};
    Signature signer = Signature.getInstance("SHA256withRSA", "SunRsaSign");
    // Through its PEM, as every reader gets it.
    KeyPair read = PrivateKeys.parsePem(pair.privateKeyPem(PrivateKeyFormat.TRADITIONAL)).orThrow();
    signer.initSign(read.privateKey(SecretAccess.because("signs in a test")));
    signer.update(text);
    Signature verifier = Signature.getInstance("SHA256withRSA", "SunRsaSign");
    verifier.initVerify(pair.publicKey());
    verifier.update(text);
    assertThat(verifier.verify(signer.sign())).isTrue();
  }

  @Test
  void keys_differ() {
    assertThat(KeyPair.generate(KeySpec.RSA_2048, new SecureRandom()).publicKey())
        .isNotEqualTo(KeyPair.generate(KeySpec.RSA_2048, new SecureRandom()).publicKey());
  }
}
