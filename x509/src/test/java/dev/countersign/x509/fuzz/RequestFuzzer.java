package dev.countersign.x509.fuzz;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.ProofOfPossession;
import dev.countersign.x509.request.RequestedExtension;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;

/**
 * The target of the fuzzers: whatever the bytes are, the parser answers, and what it accepts holds
 * together. Entry point of Jazzer, which needs this signature.
 */
public final class RequestFuzzer {
  private RequestFuzzer() {}

  /** Tries one input as DER and as PEM; throws where a promise is broken. */
  public static void fuzzerTestOneInput(byte[] input) {
    check(CertificateRequest.parseDer(Bytes.copyOf(input)), input);
    checkMessage(CertificateRequest.parsePem(new String(input, StandardCharsets.ISO_8859_1)));
  }

  private static void check(ParseResult<CertificateRequest> outcome, byte[] input) {
    checkMessage(outcome);
    if (!(outcome instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request))) {
      return;
    }
    require(request.der().equals(Bytes.copyOf(input)), "the request is not its input");
    require(isDerToBouncyCastle(input), "BouncyCastle would write these bytes differently");
    require(
        CertificateRequest.parsePem(request.toPem()).equals(outcome),
        "the request does not survive PEM");
    require(isPrintable(request.toString()), "toString lets control characters through");
    ProofOfPossession proof = request.proofOfPossession();
    require(request.proofOfPossession().equals(proof), "two proofs of one request");
    long sanExtensions =
        request.extensions().stream()
            .filter(extension -> extension.oid().equals(RequestedExtension.SUBJECT_ALT_NAME))
            .count();
    require(sanExtensions > 0 == !request.sans().isEmpty(), "names and extensions disagree");
    if (sanExtensions == 1) {
      List<SubjectAltName> sans = request.sans();
      require(
          request.extensions().stream()
              .anyMatch(extension -> extension.value().equals(SubjectAltName.encodeAll(sans))),
          "the names are not all that the extension holds");
    }
  }

  private static void checkMessage(ParseResult<CertificateRequest> outcome) {
    if (outcome instanceof ParseResult.Refused<CertificateRequest> malformed) {
      require(isPrintable(malformed.message()), "the message lets control characters through");
      require(malformed.message().length() < 700, "the message is long");
    }
  }

  /** A second implementation agrees that there is no other way to write these bytes. */
  private static boolean isDerToBouncyCastle(byte[] input) {
    try {
      return Arrays.equals(ASN1Primitive.fromByteArray(input).getEncoded(ASN1Encoding.DER), input);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> (c >= 0x20 && c < 0x7f) || c == '…');
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
