package dev.countersign.render.pki;

import dev.countersign.common.ParseError;
import dev.countersign.render.AssetPath;
import dev.countersign.render.ExistingSecrets;
import dev.countersign.render.RandomSource;
import dev.countersign.render.pki.ExistingPki.Found;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.key.KeyPair;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts a cluster's keys and certificates together: what exists is kept, what is missing is made.
 *
 * <p>A leaf certificate is issued again, for the same key, where the spec now asks for other names,
 * where its authority is another one, or where a renewal was asked for and it is due.
 */
public final class PkiBuilder {
  private final ClusterSpec spec;
  private final ExistingPki existing;
  private final RandomSource entropy;
  private final Instant now;
  private final boolean renew;
  private final List<String> notes = new ArrayList<>();

  private PkiBuilder(
      ClusterSpec spec,
      ExistingSecrets existing,
      RandomSource entropy,
      Instant now,
      boolean renew) {
    this.spec = spec;
    this.existing = new ExistingPki(spec, existing);
    this.entropy = entropy;
    this.now = now;
    this.renew = renew;
  }

  /** The outcome: the keys and certificates, or why what exists cannot be kept. */
  public sealed interface Outcome {
    /** Complete. */
    record Built(ClusterPki pki) implements Outcome {
      public Built {
        Objects.requireNonNull(pki, "pki");
      }
    }

    /** Nothing may be written. */
    record Refused(List<ParseError> problems) implements Outcome {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Builds.
   *
   * @param now the moment of issue
   * @param renew whether certificates that are due are issued again
   */
  public static Outcome build(
      ClusterSpec spec,
      ExistingSecrets existing,
      RandomSource entropy,
      Instant now,
      boolean renew) {
    return new PkiBuilder(spec, existing, entropy, now, renew).build();
  }

  /** Every file whose content a later rendering needs. */
  public static Set<AssetPath> readBack() {
    Set<AssetPath> paths = new TreeSet<>();
    for (AuthorityName name : AuthorityName.values()) {
      paths.addAll(PkiPaths.certificates(name));
      paths.add(PkiPaths.key(name));
    }
    for (CertificateName name : CertificateName.values()) {
      paths.add(PkiPaths.certificate(name));
      paths.add(PkiPaths.key(name));
    }
    paths.add(PkiPaths.SERVICE_ACCOUNT_KEY);
    return paths;
  }

  private Outcome build() {
    Map<AuthorityName, Found> authorities = new EnumMap<>(AuthorityName.class);
    for (AuthorityName name : AuthorityName.values()) {
      if (spec.enableAggregation() || name != AuthorityName.AGGREGATION) {
        authorities.put(name, existing.authority(name));
      }
    }
    Map<CertificateName, Found> leaves = new EnumMap<>(CertificateName.class);
    for (CertificateName name : CertificateName.values()) {
      if (authorities.containsKey(Profiles.issuer(name))) {
        leaves.put(name, existing.leaf(name));
      }
    }
    Optional<KeyPair> serviceAccount = existing.serviceAccount();
    if (!existing.problems().isEmpty()) {
      return new Outcome.Refused(existing.problems());
    }

    Map<AssetPath, KeyPair> made = makeMissing(authorities, leaves, serviceAccount.isPresent());
    Map<AuthorityName, Certificate> certificates = new EnumMap<>(AuthorityName.class);
    Map<AuthorityName, KeyPair> authorityKeys = new EnumMap<>(AuthorityName.class);
    Map<AuthorityName, CertificateAuthority> issuers = new EnumMap<>(AuthorityName.class);
    authorities.forEach(
        (name, found) -> {
          Optional<CertificateAuthority> issuer = issuer(name, found, made);
          if (issuer.isPresent()) {
            issuers.put(name, issuer.get());
            authorityKeys.put(name, issuer.get().keys());
            certificates.put(name, issuer.get().certificate());
          } else if (found.certificate().isPresent()) {
            certificates.put(name, found.certificate().get());
          }
        });
    Map<CertificateName, Identity> identities = new EnumMap<>(CertificateName.class);
    leaves.forEach(
        (name, found) -> {
          AuthorityName issuer = Profiles.issuer(name);
          Certificate authority = certificates.get(issuer);
          if (authority != null) {
            identity(name, found, made, authority, Optional.ofNullable(issuers.get(issuer)))
                .ifPresent(identity -> identities.put(name, identity));
          }
        });
    if (!existing.problems().isEmpty()) {
      return new Outcome.Refused(existing.problems());
    }
    certificates.forEach(
        (name, certificate) -> noteExpiry(PkiPaths.certificates(name).getFirst(), certificate));
    KeyPair tokens =
        serviceAccount.orElseGet(
            () -> Objects.requireNonNull(made.get(PkiPaths.SERVICE_ACCOUNT_KEY)));
    return new Outcome.Built(
        new ClusterPki(certificates, authorityKeys, identities, tokens, notes));
  }

  private Map<AssetPath, KeyPair> makeMissing(
      Map<AuthorityName, Found> authorities,
      Map<CertificateName, Found> leaves,
      boolean hasServiceAccount) {
    List<AssetPath> missing = new ArrayList<>();
    authorities.forEach(
        (name, found) -> {
          if (found.certificate().isEmpty() && found.keys().isEmpty()) {
            missing.add(PkiPaths.key(name));
          }
        });
    leaves.forEach(
        (name, found) -> {
          if (found.keys().isEmpty()) {
            missing.add(PkiPaths.key(name));
          }
        });
    if (!hasServiceAccount) {
      missing.add(PkiPaths.SERVICE_ACCOUNT_KEY);
    }
    return KeyMaker.make(spec.pki().keyAlgorithm(), missing, entropy);
  }

  private Optional<CertificateAuthority> issuer(
      AuthorityName name, Found found, Map<AssetPath, KeyPair> made) {
    AssetPath certificatePath = PkiPaths.certificates(name).getFirst();
    AssetPath keyPath = PkiPaths.key(name);
    if (found.certificate().isEmpty()) {
      return Optional.of(
          CertificateAuthority.create(
              Profiles.authority(name, spec),
              Objects.requireNonNull(made.get(keyPath)),
              entropy.purpose("certificate " + certificatePath),
              now));
    }
    if (found.keys().isEmpty()) {
      if (name == AuthorityName.KUBERNETES) {
        existing.problem(
            keyPath.value(),
            "nothing beside " + certificatePath,
            "the authority's key, which kube-controller-manager signs with",
            "restore it; an authority is never replaced");
      }
      return Optional.empty();
    }
    return existing.read(
        certificatePath + ", " + keyPath,
        CertificateAuthority.load(found.certificate().get(), found.keys().get()));
  }

  private Optional<Identity> identity(
      CertificateName name,
      Found found,
      Map<AssetPath, KeyPair> made,
      Certificate authority,
      Optional<CertificateAuthority> issuer) {
    AssetPath path = PkiPaths.certificate(name);
    CertificateProfile profile = Profiles.leaf(name, spec);
    KeyPair keys =
        found.keys().orElseGet(() -> Objects.requireNonNull(made.get(PkiPaths.key(name))));
    Optional<String> why = reasonToIssue(found, keys, profile, authority);
    if (why.isEmpty()) {
      noteExpiry(path, found.certificate().orElseThrow());
      return Optional.of(new Identity(found.certificate().orElseThrow(), keys));
    }
    if (issuer.isEmpty()) {
      existing.problem(
          PkiPaths.key(Profiles.issuer(name)).value(),
          "nothing",
          "the authority's key, as " + path + " must be issued: " + why.get(),
          "put it back for this rendering");
      return Optional.empty();
    }
    if (found.certificate().isPresent()) {
      notes.add(path + ": issued again for the same key: " + why.get());
    }
    return Optional.of(
        new Identity(
            issuer
                .get()
                .issue(profile, keys.publicKey(), entropy.purpose("certificate " + path), now),
            keys));
  }

  private Optional<String> reasonToIssue(
      Found found, KeyPair keys, CertificateProfile profile, Certificate authority) {
    if (found.certificate().isEmpty()) {
      return Optional.of("there is none");
    }
    Certificate certificate = found.certificate().get();
    if (!Arrays.equals(
        certificate.x509().getPublicKey().getEncoded(), keys.publicKey().getEncoded())) {
      return Optional.of("it is for another key");
    }
    try {
      certificate.x509().verify(authority.x509().getPublicKey());
    } catch (GeneralSecurityException e) {
      return Optional.of("it is by another authority");
    }
    if (!certificate.subject().encoded().equals(profile.subject().encoded())) {
      return Optional.of("it names another subject");
    }
    if (!new HashSet<>(certificate.sans()).equals(new HashSet<>(profile.sans()))) {
      return Optional.of("the spec asks for other names");
    }
    if (!certificate.extendedKeyUsages().equals(usages(profile))) {
      return Optional.of("it is for another purpose");
    }
    if (renew && certificate.notAfter().isBefore(now.plus(renewBefore(profile)))) {
      return Optional.of("it ends " + certificate.notAfter());
    }
    return Optional.empty();
  }

  /** Never so early that a certificate is due from its first day. */
  private Duration renewBefore(CertificateProfile profile) {
    Duration third = profile.validity().dividedBy(3);
    return third.compareTo(spec.pki().renewBefore()) < 0 ? third : spec.pki().renewBefore();
  }

  private static Set<ExtendedKeyUsage> usages(CertificateProfile profile) {
    return switch (profile.purpose()) {
      case AUTHORITY -> Set.of();
      case SERVER -> Set.of(ExtendedKeyUsage.SERVER_AUTH);
      case CLIENT -> Set.of(ExtendedKeyUsage.CLIENT_AUTH);
      case SERVER_AND_CLIENT -> Set.of(ExtendedKeyUsage.SERVER_AUTH, ExtendedKeyUsage.CLIENT_AUTH);
    };
  }

  private void noteExpiry(AssetPath path, Certificate certificate) {
    Instant end = certificate.notAfter();
    String next = certificate.isAuthority() ? "" : "; render --renew issues a new one";
    if (end.isBefore(now)) {
      notes.add(path + ": expired " + end + next);
    } else if (end.isBefore(now.plus(spec.pki().renewBefore()))) {
      notes.add(path + ": ends " + end + next);
    }
  }
}
