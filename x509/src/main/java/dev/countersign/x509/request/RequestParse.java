package dev.countersign.x509.request;

import java.util.Objects;

/** The outcome of reading a certificate request: all of it, or the first thing that is not one. */
public sealed interface RequestParse {

  /** The input is one PKCS#10 request in DER and nothing else. */
  record Parsed(CertificateRequest request) implements RequestParse {
    public Parsed {
      Objects.requireNonNull(request, "request");
    }
  }

  /**
   * The input is something else.
   *
   * @param path where: {@code pem}, {@code request byte 17}, {@code request.attributes[0]} …
   * @param got what is there; escaped and short, yet still written by the requestor
   * @param want what must be there
   */
  record Malformed(String path, String got, String want) implements RequestParse {
    public Malformed {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(got, "got");
      Objects.requireNonNull(want, "want");
    }

    /** {@code path: got …; want …}. */
    public String message() {
      return path + ": got " + got + "; want " + want;
    }
  }
}
