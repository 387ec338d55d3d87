package dev.countersign.x509.authority;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.authority.CertificateProfile.Purpose;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.KeyAlgorithm;
import dev.countersign.x509.request.KeyDescription;
import dev.countersign.x509.request.SubjectAltName;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A certificate and the key to sign others with.
 *
 * <p>Everything in a certificate follows from the arguments; with RSA or Ed25519 and a source of
 * chance that repeats itself, so does every byte.
 *
 * <p>Immutable and safe for use by several threads as far as the given {@link SecureRandom} is.
 */
public final class CertificateAuthority {
  /** Validity begins this long before the moment of issue, for clocks that run behind. */
  public static final Duration BACKDATE = Duration.ofMinutes(5);

  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("uuMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final Instant FIRST_GENERALIZED = Instant.parse("2050-01-01T00:00:00Z");
  private static final int SERIAL_BITS = 127;

  private final Certificate certificate;
  private final KeyPair keys;
  private final CertificateSigner signer;

  private CertificateAuthority(Certificate certificate, KeyPair keys) {
    this.certificate = certificate;
    this.keys = keys;
    this.signer = new CertificateSigner(keys);
  }

  /**
   * Makes a self-signed authority.
   *
   * @param profile of purpose {@link Purpose#AUTHORITY}
   * @param now the moment of issue
   * @throws IllegalArgumentException where the profile is of another purpose
   */
  public static CertificateAuthority create(
      CertificateProfile profile, KeyPair keys, SecureRandom random, Instant now) {
    if (profile.purpose() != Purpose.AUTHORITY) {
      throw new IllegalArgumentException(
          "profile.purpose: got " + profile.purpose() + "; want " + Purpose.AUTHORITY);
    }
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    KeyDescription key = keys.description();
    Certificate certificate =
        sign(
            new CertificateSigner(keys),
            profile,
            profile.subject(),
            keyIdentifier(key),
            key,
            second.minus(BACKDATE),
            second.plus(profile.validity()),
            random);
    return new CertificateAuthority(certificate, keys);
  }

  /** Joins a certificate and its key; refuses a pair that does not match or must not issue. */
  public static ParseResult<CertificateAuthority> load(Certificate certificate, KeyPair keys) {
    if (!certificate.isAuthority()) {
      return ParseResult.refused(
          "certificate", certificate + " without CA:TRUE", "the certificate of an authority");
    }
    boolean[] usage = certificate.x509().getKeyUsage();
    if (usage != null && !usage[5]) {
      return ParseResult.refused(
          "certificate", certificate + " that must not sign certificates", "key usage keyCertSign");
    }
    if (!certificate.key().spki().equals(keys.description().spki())) {
      return ParseResult.refused(
          "key", "the key of another certificate", "the key of " + certificate);
    }
    return ParseResult.parsed(new CertificateAuthority(certificate, keys));
  }

  /**
   * Issues a certificate.
   *
   * @param now the moment of issue; validity begins {@link #BACKDATE} before it, but never before
   *     the authority's, and ends no later than the authority's
   * @throws IllegalArgumentException where the authority has expired
   */
  public Certificate issue(
      CertificateProfile profile, PublicKey publicKey, SecureRandom random, Instant now) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    Instant from = second.minus(BACKDATE);
    Instant until = second.plus(profile.validity());
    if (from.isBefore(certificate.notBefore())) {
      from = certificate.notBefore();
    }
    if (until.isAfter(certificate.notAfter())) {
      until = certificate.notAfter();
    }
    if (!second.isBefore(until) || !from.isBefore(until)) {
      throw new IllegalArgumentException(
          "now: got " + now + "; want a moment before the authority's end, " + until);
    }
    return sign(
        signer,
        profile,
        certificate.subject(),
        certificate.subjectKeyIdentifier().orElseGet(() -> keyIdentifier(certificate.key())),
        KeyDescription.of(publicKey),
        from,
        until,
        random);
  }

  private static Certificate sign(
      CertificateSigner signer,
      CertificateProfile profile,
      DistinguishedName issuer,
      Bytes authorityKeyIdentifier,
      KeyDescription key,
      Instant from,
      Instant until,
      SecureRandom random) {
    byte[] info =
        DerWriter.sequence(
            DerWriter.explicit(0, DerWriter.integer(2)),
            DerWriter.integer(serial(random)),
            signer.algorithm(),
            issuer.encoded().toByteArray(),
            DerWriter.sequence(time(from), time(until)),
            profile.subject().encoded().toByteArray(),
            key.spki().toByteArray(),
            DerWriter.explicit(
                3, DerWriter.sequence(extensions(profile, key, authorityKeyIdentifier))));
    return Certificate.parseDer(signer.sign(info, random)).orThrow();
  }

  private static List<byte[]> extensions(
      CertificateProfile profile, KeyDescription key, Bytes authorityKeyIdentifier) {
    boolean authority = profile.purpose() == Purpose.AUTHORITY;
    boolean keyTransport = key.algorithm() == KeyAlgorithm.RSA;
    List<byte[]> extensions = new ArrayList<>();
    // digitalSignature (0), keyEncipherment (2), keyCertSign (5), cRLSign (6)
    extensions.add(
        extension(
            "2.5.29.15",
            true,
            authority
                ? DerWriter.namedBits(0, 5, 6)
                : keyTransport ? DerWriter.namedBits(0, 2) : DerWriter.namedBits(0)));
    usages(profile.purpose())
        .ifPresent(usages -> extensions.add(extension("2.5.29.37", false, usages)));
    extensions.add(
        extension(
            "2.5.29.19",
            true,
            authority ? DerWriter.sequence(DerWriter.booleanTrue()) : DerWriter.sequence()));
    extensions.add(
        extension("2.5.29.14", false, DerWriter.octetString(keyIdentifier(key).toByteArray())));
    extensions.add(
        extension(
            "2.5.29.35",
            false,
            DerWriter.sequence(DerWriter.implicit(0, authorityKeyIdentifier.toByteArray()))));
    if (!profile.sans().isEmpty()) {
      extensions.add(
          extension("2.5.29.17", false, SubjectAltName.encodeAll(profile.sans()).toByteArray()));
    }
    return extensions;
  }

  private static Optional<byte[]> usages(Purpose purpose) {
    byte[] server = DerWriter.oid(ExtendedKeyUsage.SERVER_AUTH.oid());
    byte[] client = DerWriter.oid(ExtendedKeyUsage.CLIENT_AUTH.oid());
    return switch (purpose) {
      case AUTHORITY -> Optional.empty();
      case SERVER -> Optional.of(DerWriter.sequence(server));
      case CLIENT -> Optional.of(DerWriter.sequence(client));
      case SERVER_AND_CLIENT -> Optional.of(DerWriter.sequence(server, client));
    };
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? DerWriter.sequence(
            DerWriter.oid(oid), DerWriter.booleanTrue(), DerWriter.octetString(value))
        : DerWriter.sequence(DerWriter.oid(oid), DerWriter.octetString(value));
  }

  /** 127 bits of chance below a leading one: positive, never zero, always 16 bytes. */
  private static BigInteger serial(SecureRandom random) {
    return new BigInteger(SERIAL_BITS - 1, random).setBit(SERIAL_BITS - 1);
  }

  /** UTCTime through 2049 and GeneralizedTime from 2050 (RFC 5280, section 4.1.2.5). */
  private static byte[] time(Instant instant) {
    return instant.isBefore(FIRST_GENERALIZED)
        ? DerWriter.tagged(
            DerTag.UTC_TIME, UTC_TIME.format(instant).getBytes(StandardCharsets.US_ASCII))
        : DerWriter.tagged(
            DerTag.GENERALIZED_TIME,
            GENERALIZED_TIME.format(instant).getBytes(StandardCharsets.US_ASCII));
  }

  /** The leftmost 160 bits of SHA-256 over the key's bits (RFC 7093, section 2, method 1). */
  private static Bytes keyIdentifier(KeyDescription key) {
    return key.publicKeyBits().sha256().slice(0, 20);
  }

  /** The authority's own certificate. */
  public Certificate certificate() {
    return certificate;
  }

  /** The authority's own key. */
  public KeyPair keys() {
    return keys;
  }

  @Override
  public String toString() {
    return "CertificateAuthority[" + certificate + ", key redacted]";
  }
}
