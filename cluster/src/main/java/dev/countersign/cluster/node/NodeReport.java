package dev.countersign.cluster.node;

import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code node verify} says about one node.
 *
 * @param node its name
 * @param endpoint where its kubelet was dialed; empty where there is no address
 * @param certificate what it served
 * @param findings what is wrong, sorted; none means that all was checked and is right
 * @param notes what could not be compared, and why
 */
public record NodeReport(
    String node,
    Optional<String> endpoint,
    Optional<Served> certificate,
    List<Finding> findings,
    List<String> notes) {
  public NodeReport {
    Objects.requireNonNull(node, "node");
    findings = findings.stream().sorted().toList();
    notes = List.copyOf(notes);
  }

  /**
   * A certificate that is served, or was issued to be.
   *
   * @param serial in hexadecimal
   * @param sha256 of the whole, in hexadecimal
   */
  public record Served(
      String subject,
      String issuer,
      String serial,
      String sha256,
      Instant notBefore,
      Instant notAfter,
      List<String> names) {
    public Served {
      names = List.copyOf(names);
    }

    /** Of that certificate. */
    public static Served of(Certificate certificate) {
      return new Served(
          certificate.subject().toString(),
          certificate.issuer().toString(),
          certificate.serial().toString(16),
          ServingVerdict.sha256(certificate),
          certificate.notBefore(),
          certificate.notAfter(),
          shown(certificate.sans()));
    }

    /** How long it is valid. */
    public CertificateValidity validity() {
      return new CertificateValidity(Optional.of(notBefore), notAfter);
    }
  }

  /** Names and addresses as texts to show and to compare. */
  public static List<String> shown(List<SubjectAltName> names) {
    return names.stream().map(ServingVerdict::shown).toList();
  }

  /** What can be wrong. Stable. */
  public enum Cause {
    /** The Node has no address to dial. */
    NO_ADDRESS,
    /** Nothing answers, or not with TLS. */
    UNREACHABLE,
    /** The kubelet made its certificate itself. */
    SELF_SIGNED,
    /** The cluster's authority did not sign it, or not for a server. */
    UNTRUSTED,
    /** It is over, or not yet valid. */
    NOT_VALID_NOW,
    /** It ends soon. */
    EXPIRES_SOON,
    /** It names another node, or none. */
    OTHER_SUBJECT,
    /** It is for names or addresses that are not the Node's. */
    FOREIGN_NAME,
    /** It is not for the address that was dialed. */
    ADDRESS_NOT_NAMED,
    /** It is another one than the last that was issued. */
    NOT_THE_LAST_ISSUED
  }

  /** One thing that is wrong. */
  public record Finding(Cause cause, String got, String want, String next)
      implements Comparable<Finding> {
    @Override
    public int compareTo(Finding other) {
      return cause.compareTo(other.cause);
    }

    /** {@code got …; want …; next}. */
    public String message() {
      return "got " + got + "; want " + want + (next.isEmpty() ? "" : "; " + next);
    }
  }
}
