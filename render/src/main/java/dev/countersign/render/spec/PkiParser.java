package dev.countersign.render.spec;

import dev.countersign.common.time.Durations;
import dev.countersign.render.spec.FieldReader.Scalar;
import dev.countersign.render.spec.PkiSpec.AuthorityFiles;
import dev.countersign.x509.key.KeySpec;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads what a spec says of keys and certificates. */
final class PkiParser {
  static PkiSpec pki(FieldReader fields) {
    Map<String, KeySpec> algorithms = new LinkedHashMap<>();
    algorithms.put("ecdsa-p256", KeySpec.ECDSA_P256);
    algorithms.put("ecdsa-p384", KeySpec.ECDSA_P384);
    algorithms.put("rsa-2048", KeySpec.RSA_2048);
    algorithms.put("rsa-3072", KeySpec.RSA_3072);
    algorithms.put("rsa-4096", KeySpec.RSA_4096);
    KeySpec algorithm = SpecFields.choice(fields, "keyAlgorithm", KeySpec.ECDSA_P256, algorithms);
    Map<AuthorityName, AuthorityFiles> supplied = new EnumMap<>(AuthorityName.class);
    FieldReader authorities = fields.mapping("authorities");
    for (AuthorityName name : AuthorityName.values()) {
      if (!authorities.has(name.key())) {
        continue;
      }
      FieldReader files = authorities.mapping(name.key());
      Optional<String> certificate = file(files, "certificateFile");
      Optional<String> key = file(files, "keyFile");
      files.refuseUnknown();
      if (certificate.isPresent() && key.isPresent()) {
        supplied.put(name, new AuthorityFiles(certificate.get(), key.get()));
      }
    }
    authorities.refuseUnknown();
    FieldReader validity = fields.mapping("validity");
    Duration ofAuthority = SpecFields.duration(validity, "authority", Duration.ofDays(3650));
    Duration ofCertificate = SpecFields.duration(validity, "certificate", Duration.ofDays(365));
    FieldReader single = validity.mapping("certificates");
    Map<CertificateName, Duration> validityOf = new EnumMap<>(CertificateName.class);
    for (CertificateName name : CertificateName.values()) {
      single
          .scalar(name.key())
          .flatMap(scalar -> SpecFields.duration(single, scalar))
          .ifPresent(duration -> validityOf.put(name, duration));
    }
    single.refuseUnknown();
    validity.refuseUnknown();
    Duration renewBefore = SpecFields.duration(fields, "renewBefore", Duration.ofDays(30));
    fields.refuseUnknown();
    if (ofCertificate.compareTo(ofAuthority) > 0) {
      validity.problem(
          "certificate",
          Durations.format(ofCertificate),
          "at most the authority's " + Durations.format(ofAuthority));
    }
    if (renewBefore.compareTo(ofCertificate) >= 0) {
      fields.problem(
          "renewBefore",
          Durations.format(renewBefore),
          "less than validity.certificate, " + Durations.format(ofCertificate));
    }
    return new PkiSpec(algorithm, supplied, ofAuthority, ofCertificate, validityOf, renewBefore);
  }

  private static Optional<String> file(FieldReader fields, String key) {
    Optional<Scalar> scalar = fields.scalar(key);
    if (scalar.isEmpty()) {
      fields.missing(key, "the path of a PEM file");
      return Optional.empty();
    }
    if (scalar.get().text().isBlank() || scalar.get().text().indexOf('\0') >= 0) {
      fields.problem(scalar.get(), "the path of a PEM file");
      return Optional.empty();
    }
    return scalar.map(Scalar::text);
  }

  private PkiParser() {}
}
