package dev.countersign.render.spec;

import dev.countersign.x509.key.KeySpec;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Keys and certificates.
 *
 * @param keyAlgorithm of every key that is generated; existing ones stay as they are
 * @param supplied the authorities that the operator brings, with the paths of their files
 * @param authorityValidity of generated authorities
 * @param certificateValidity of leaf certificates without a validity of their own
 * @param validityOf validities of single leaf certificates
 * @param renewBefore how long before its end a leaf certificate counts as due for renewal
 */
public record PkiSpec(
    KeySpec keyAlgorithm,
    Map<AuthorityName, AuthorityFiles> supplied,
    Duration authorityValidity,
    Duration certificateValidity,
    Map<CertificateName, Duration> validityOf,
    Duration renewBefore) {

  public PkiSpec {
    Objects.requireNonNull(keyAlgorithm, "keyAlgorithm");
    supplied = Map.copyOf(supplied);
    Objects.requireNonNull(authorityValidity, "authorityValidity");
    Objects.requireNonNull(certificateValidity, "certificateValidity");
    validityOf = Map.copyOf(validityOf);
    Objects.requireNonNull(renewBefore, "renewBefore");
  }

  /** How long a leaf certificate is good for. */
  public Duration validityOf(CertificateName name) {
    return validityOf.getOrDefault(name, certificateValidity);
  }

  /**
   * Where an operator keeps an authority of their own.
   *
   * @param certificateFile PEM; relative to the spec's directory
   * @param keyFile PEM; relative to the spec's directory
   */
  public record AuthorityFiles(String certificateFile, String keyFile) {
    public AuthorityFiles {
      Objects.requireNonNull(certificateFile, "certificateFile");
      Objects.requireNonNull(keyFile, "keyFile");
    }
  }
}
