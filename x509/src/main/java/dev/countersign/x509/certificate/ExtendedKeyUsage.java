package dev.countersign.x509.certificate;

/** What a certificate is good for (RFC 5280, section 4.2.1.12). */
public enum ExtendedKeyUsage {
  /** id-kp-serverAuth. */
  SERVER_AUTH("1.3.6.1.5.5.7.3.1"),
  /** id-kp-clientAuth. */
  CLIENT_AUTH("1.3.6.1.5.5.7.3.2"),
  /** Any usage this module has no name for, anyExtendedKeyUsage among them. */
  OTHER("");

  private final String oid;

  ExtendedKeyUsage(String oid) {
    this.oid = oid;
  }

  /** In dotted form; empty for {@link #OTHER}. */
  public String oid() {
    return oid;
  }

  static ExtendedKeyUsage ofOid(String oid) {
    return switch (oid) {
      case "1.3.6.1.5.5.7.3.1" -> SERVER_AUTH;
      case "1.3.6.1.5.5.7.3.2" -> CLIENT_AUTH;
      default -> OTHER;
    };
  }
}
