package dev.countersign.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

class CsrForgeTest {
  private static boolean verifies(CsrForge forge) throws Exception {
    return new PKCS10CertificationRequest(forge.der())
        .isSignatureValid(new JcaContentVerifierProviderBuilder().build(forge.keys().getPublic()));
  }

  @Test
  void serving_unchanged_isAValidRequest() throws Exception {
    CsrForge forge = CsrForge.serving("a");
    assertThat(verifies(forge)).isTrue();
    assertThat(new PKCS10CertificationRequest(forge.der()).getSubject())
        .hasToString("O=system:nodes,CN=system:node:a");
  }

  @Test
  void with_anyChange_leavesTheOriginalAlone() {
    CsrForge forge = CsrForge.client("a").withKey(TestKeys.ed25519());
    byte[] before = forge.der();
    assertThat(forge.withDns("b").der()).isNotEqualTo(before);
    assertThat(forge.der()).isEqualTo(before);
  }

  @Test
  void withBrokenSignature_request_doesNotVerify() throws Exception {
    CsrForge forge = CsrForge.serving("a").withKey(TestKeys.ed25519());
    assertThat(verifies(forge)).isTrue();
    assertThat(verifies(forge.withBrokenSignature())).isFalse();
  }

  @Test
  void signedBy_another_doesNotVerify() throws Exception {
    assertThat(verifies(CsrForge.serving("a").signedBy(TestKeys.otherP256().getPrivate())))
        .isFalse();
  }

  @Test
  void pem_request_isReadByBouncyCastle() throws Exception {
    try (PEMParser parser = new PEMParser(new StringReader(CsrForge.serving("a").pem()))) {
      assertThat(parser.readObject()).isInstanceOf(PKCS10CertificationRequest.class);
    }
  }
}
