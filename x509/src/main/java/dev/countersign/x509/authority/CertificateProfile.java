package dev.countersign.x509.authority;

import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a certificate is to say.
 *
 * @param subject whom it names
 * @param purpose what it is good for
 * @param sans DNS names and addresses, in the order they will stand in
 * @param validity from the moment of issue
 */
public record CertificateProfile(
    DistinguishedName subject, Purpose purpose, List<SubjectAltName> sans, Duration validity) {

  /** What a certificate is good for. */
  public enum Purpose {
    /** Issues certificates; signs nothing else. */
    AUTHORITY,
    /** TLS server. */
    SERVER,
    /** TLS client. */
    CLIENT,
    /** TLS server and client, as etcd members are to each other. */
    SERVER_AND_CLIENT
  }

  public CertificateProfile {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(purpose, "purpose");
    sans = List.copyOf(sans);
    if (!validity.isPositive()) {
      throw new IllegalArgumentException(
          "validity: got " + validity + "; want a duration above zero");
    }
  }

  /** A certificate authority. */
  public static CertificateProfile authority(DistinguishedName subject, Duration validity) {
    return new CertificateProfile(subject, Purpose.AUTHORITY, List.of(), validity);
  }

  /** A TLS server. */
  public static CertificateProfile server(
      DistinguishedName subject, List<SubjectAltName> sans, Duration validity) {
    return new CertificateProfile(subject, Purpose.SERVER, sans, validity);
  }

  /** A TLS client. */
  public static CertificateProfile client(DistinguishedName subject, Duration validity) {
    return new CertificateProfile(subject, Purpose.CLIENT, List.of(), validity);
  }

  /** A TLS server that is a client, too. */
  public static CertificateProfile serverAndClient(
      DistinguishedName subject, List<SubjectAltName> sans, Duration validity) {
    return new CertificateProfile(subject, Purpose.SERVER_AND_CLIENT, sans, validity);
  }
}
