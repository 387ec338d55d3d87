package dev.countersign.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import java.io.IOException;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

/**
 * Why requests are not read with BouncyCastle, and what the forge and the fuzz target rely on when
 * they use it as the second implementation. Where one of these fails after an update, read the code
 * that leans on it again.
 */
class BouncyCastleAssumptionsTest {
  @Test
  void getRequestedExtensions_secondAttribute_isDropped() throws IOException {
    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(
            CsrForge.serving("a").withSecondExtensionRequest("kubernetes").der());
    GeneralNames names =
        GeneralNames.fromExtensions(
            request.getRequestedExtensions(), Extension.subjectAlternativeName);
    assertThat(names.getNames())
        .extracting(GeneralName::toString)
        .noneMatch(name -> name.contains("kubernetes"));
  }

  @Test
  void asn1Parser_ber_isAccepted() throws IOException {
    byte[] indefinite = {0x30, (byte) 0x80, 0x02, 0x01, 0x00, 0x00, 0x00};
    assertThat(ASN1Primitive.fromByteArray(indefinite).getEncoded(ASN1Encoding.DER))
        .isEqualTo(new byte[] {0x30, 0x03, 0x02, 0x01, 0x00});
  }

  @Test
  void asn1Parser_longLength_isAcceptedAndRewritten() throws IOException {
    byte[] longLength = {0x30, (byte) 0x81, 0x03, 0x02, 0x01, 0x00};
    assertThat(ASN1Primitive.fromByteArray(longLength).getEncoded(ASN1Encoding.DER))
        .isEqualTo(new byte[] {0x30, 0x03, 0x02, 0x01, 0x00});
  }

  @Test
  void asn1Parser_booleanOfOne_isAcceptedAndRewritten() throws IOException {
    byte[] notDer = {0x01, 0x01, 0x01};
    assertThat(ASN1Primitive.fromByteArray(notDer).getEncoded(ASN1Encoding.DER))
        .isEqualTo(new byte[] {0x01, 0x01, (byte) 0xff});
  }

  @Test
  void requestConstructor_versionOne_isAccepted() throws IOException {
    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(CsrForge.serving("a").withVersion(1).der());
    assertThat(request.getSubject()).hasToString("O=system:nodes,CN=system:node:a");
  }

  @Test
  void subject_printableStringWithOtherCharacters_isAccepted() throws IOException {
    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(
            CsrForge.client("a").withSubject(new Rdn(CsrForge.CN, Text.PRINTABLE, "a*b@c")).der());
    assertThat(request.getSubject()).hasToString("CN=a*b@c");
  }
}
