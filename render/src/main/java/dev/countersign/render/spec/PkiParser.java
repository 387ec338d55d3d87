package dev.countersign.render.spec;

import dev.countersign.common.document.Fields;
import dev.countersign.common.time.Durations;
import dev.countersign.render.spec.PkiSpec.AuthorityFiles;
import dev.countersign.x509.key.KeySpec;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what a spec says of keys and certificates. */
final class PkiParser {
  private static final List<KeySpec> ALGORITHMS =
      List.of(
          KeySpec.ECDSA_P256,
          KeySpec.ECDSA_P384,
          KeySpec.RSA_2048,
          KeySpec.RSA_3072,
          KeySpec.RSA_4096);

  static PkiSpec pki(Fields fields) {
    KeySpec algorithm =
        fields.choice("keyAlgorithm", ALGORITHMS, SpecFields::word).orElse(KeySpec.ECDSA_P256);
    Map<AuthorityName, AuthorityFiles> supplied = new EnumMap<>(AuthorityName.class);
    Fields authorities = fields.child("authorities");
    for (AuthorityName name : AuthorityName.values()) {
      if (!authorities.has(name.key())) {
        continue;
      }
      Fields files = authorities.child(name.key());
      Optional<String> certificate = file(files, "certificateFile");
      Optional<String> key = file(files, "keyFile");
      files.end();
      if (certificate.isPresent() && key.isPresent()) {
        supplied.put(name, new AuthorityFiles(certificate.get(), key.get()));
      }
    }
    authorities.end();
    Fields validity = fields.child("validity");
    Duration ofAuthority = SpecFields.duration(validity, "authority", Duration.ofDays(3650));
    Duration ofCertificate = SpecFields.duration(validity, "certificate", Duration.ofDays(365));
    Fields single = validity.child("certificates");
    Map<CertificateName, Duration> validityOf = new EnumMap<>(CertificateName.class);
    for (CertificateName name : CertificateName.values()) {
      SpecFields.duration(single, name.key()).ifPresent(duration -> validityOf.put(name, duration));
    }
    single.end();
    validity.end();
    Duration renewBefore = SpecFields.duration(fields, "renewBefore", Duration.ofDays(30));
    fields.end();
    if (ofCertificate.compareTo(ofAuthority) > 0) {
      validity.wrong(
          "certificate",
          Durations.format(ofCertificate),
          "at most the authority's " + Durations.format(ofAuthority));
    }
    if (renewBefore.compareTo(ofCertificate) >= 0) {
      fields.wrong(
          "renewBefore",
          Durations.format(renewBefore),
          "less than validity.certificate, " + Durations.format(ofCertificate));
    }
    return new PkiSpec(algorithm, supplied, ofAuthority, ofCertificate, validityOf, renewBefore);
  }

  private static Optional<String> file(Fields fields, String key) {
    return fields.required(key, "the path of a PEM file", Fields.matching(SpecFields::isFile));
  }

  private PkiParser() {}
}
