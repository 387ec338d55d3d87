package dev.countersign.cluster.node;

import dev.countersign.x509.certificate.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How long a certificate is valid.
 *
 * @param notBefore when it begins; empty where that is not known
 * @param notAfter when it ends
 */
public record CertificateValidity(Optional<Instant> notBefore, Instant notAfter) {
  public CertificateValidity {
    Objects.requireNonNull(notBefore, "notBefore");
    Objects.requireNonNull(notAfter, "notAfter");
  }

  /** That of a certificate. */
  public static CertificateValidity of(Certificate certificate) {
    return new CertificateValidity(Optional.of(certificate.notBefore()), certificate.notAfter());
  }

  /**
   * When a kubelet renews it at the earliest: it chooses a moment between 70 and 90 % of the time
   * (client-go, certificate_manager.go, jitteryDuration).
   */
  public Optional<Instant> renewsFrom() {
    return notBefore.map(start -> start.plus(percent(start, 70)));
  }

  /** When a kubelet has asked for the next one at the latest. */
  public Optional<Instant> renewsUntil() {
    return notBefore.map(start -> start.plus(percent(start, 90)));
  }

  private Duration percent(Instant start, int percent) {
    return Duration.ofSeconds(Duration.between(start, notAfter).toSeconds() * percent / 100);
  }
}
