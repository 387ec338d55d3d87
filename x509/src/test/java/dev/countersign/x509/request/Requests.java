package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.request.RequestParse.Malformed;
import dev.countersign.x509.request.RequestParse.Parsed;

/** Parses what the forge made and expects one of the two outcomes. */
final class Requests {
  private Requests() {}

  static CertificateRequest parsed(CsrForge forge) {
    return switch (CertificateRequest.parseDer(Bytes.copyOf(forge.der()))) {
      case Parsed(CertificateRequest request) -> request;
      case Malformed malformed -> throw new AssertionError(malformed.message());
    };
  }

  static String malformed(byte[] der) {
    return message(CertificateRequest.parseDer(Bytes.copyOf(der)));
  }

  static String malformed(CsrForge forge) {
    return malformed(forge.der());
  }

  static String message(RequestParse outcome) {
    return switch (outcome) {
      case Parsed parsed -> throw new AssertionError("was parsed: " + parsed);
      case Malformed malformed -> malformed.message();
    };
  }
}
