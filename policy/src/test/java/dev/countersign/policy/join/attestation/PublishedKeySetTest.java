package dev.countersign.policy.join.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.countersign.testkit.TestKeys;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishedKeySetTest {
  private final KeyPair ec = TestKeys.p256();
  private final KeyPair rsa = TestKeys.rsa(2048);
  private final KeyPair ed = TestKeys.ed25519();

  private ECKey.Builder p256() {
    return new ECKey.Builder(Curve.P_256, (ECPublicKey) ec.getPublic());
  }

  private static OctetKeyPair ed25519(KeyPair keys, int bytes) {
    byte[] encoded = keys.getPublic().getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - bytes, encoded.length);
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(point)).build();
  }

  private static List<PublicKey> keys(JWK... keys) {
    return PublishedKeySet.keys(new JWKSet(List.of(keys)), Optional.empty());
  }

  @Test
  void keysOfEveryAlgorithm_areRead() {
    assertThat(
            keys(
                p256().build(),
                new RSAKey.Builder((RSAPublicKey) rsa.getPublic()).build(),
                ed25519(ed, 32)))
        .containsExactly(ec.getPublic(), rsa.getPublic(), ed.getPublic());
  }

  @Test
  void keysForOtherThings_doNotCount() {
    assertThat(keys(p256().keyUse(KeyUse.ENCRYPTION).build())).isEmpty();
    assertThat(keys(p256().keyUse(KeyUse.SIGNATURE).build())).hasSize(1);
    assertThat(keys(p256().algorithm(JWSAlgorithm.ES256).build())).hasSize(1);
    assertThat(
            keys(
                new RSAKey.Builder((RSAPublicKey) rsa.getPublic())
                    .algorithm(JWSAlgorithm.RS512)
                    .build()))
        .isEmpty();
    assertThat(keys(new RSAKey.Builder((RSAPublicKey) TestKeys.rsa(1024).getPublic()).build()))
        .isEmpty();
    assertThat(keys(ed25519(ed, 31))).isEmpty();
    assertThat(keys(new OctetSequenceKey.Builder(new byte[32]).build())).isEmpty();
    assertThat(keys(p256().privateKey((ECPrivateKey) ec.getPrivate()).build()))
        .as("one that its issuer gave away")
        .isEmpty();
  }

  @Test
  void keyId_choosesAmongKeysThatHaveOne() {
    JWKSet set = new JWKSet(List.of(p256().keyID("a").build(), ed25519(ed, 32)));
    assertThat(PublishedKeySet.keys(set, Optional.of("a")))
        .containsExactly(ec.getPublic(), ed.getPublic());
    assertThat(PublishedKeySet.keys(set, Optional.of("b"))).containsExactly(ed.getPublic());
    assertThat(PublishedKeySet.keys(set, Optional.empty())).hasSize(2);
  }
}
