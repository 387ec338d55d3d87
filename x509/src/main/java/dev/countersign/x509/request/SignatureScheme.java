package dev.countersign.x509.request;

/** The signature algorithms this module can verify. */
public enum SignatureScheme {
  RSA_PKCS1_MD5("MD5withRSA", true),
  RSA_PKCS1_SHA1("SHA1withRSA", true),
  RSA_PKCS1_SHA256("SHA256withRSA", false),
  RSA_PKCS1_SHA384("SHA384withRSA", false),
  RSA_PKCS1_SHA512("SHA512withRSA", false),
  RSA_PSS_SHA256("RSASSA-PSS", false),
  RSA_PSS_SHA384("RSASSA-PSS", false),
  RSA_PSS_SHA512("RSASSA-PSS", false),
  ECDSA_SHA1("SHA1withECDSA", true),
  ECDSA_SHA256("SHA256withECDSA", false),
  ECDSA_SHA384("SHA384withECDSA", false),
  ECDSA_SHA512("SHA512withECDSA", false),
  ED25519("Ed25519", false);

  private final String jdkName;
  private final boolean weakDigest;

  SignatureScheme(String jdkName, boolean weakDigest) {
    this.jdkName = jdkName;
    this.weakDigest = weakDigest;
  }

  String jdkName() {
    return jdkName;
  }

  /** Whether it rests on MD5 or SHA-1, for which collisions can be bought. */
  public boolean weakDigest() {
    return weakDigest;
  }
}
