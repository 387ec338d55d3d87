package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.testkit.CsrForge;

/** Parses what the forge made and expects one of the two outcomes. */
final class Requests {
  private Requests() {}

  static CertificateRequest parsed(CsrForge forge) {
    return switch (CertificateRequest.parseDer(Bytes.copyOf(forge.der()))) {
      case ParseResult.Parsed<CertificateRequest>(CertificateRequest request) -> request;
      case ParseResult.Refused<CertificateRequest> malformed ->
          throw new AssertionError(malformed.message());
    };
  }

  static String malformed(byte[] der) {
    return message(CertificateRequest.parseDer(Bytes.copyOf(der)));
  }

  static String malformed(CsrForge forge) {
    return malformed(forge.der());
  }

  static String message(ParseResult<CertificateRequest> outcome) {
    return switch (outcome) {
      case ParseResult.Parsed<CertificateRequest> parsed ->
          throw new AssertionError("was parsed: " + parsed);
      case ParseResult.Refused<CertificateRequest> malformed -> malformed.message();
    };
  }
}
