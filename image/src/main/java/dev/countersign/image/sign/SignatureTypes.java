package dev.countersign.image.sign;

import dev.countersign.image.plan.Digest;

/** Media types, annotations and tags of cosign's and sigstore's formats. */
final class SignatureTypes {
  static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  static final String SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
  static final String DSSE = "application/vnd.dsse.envelope.v1+json";
  static final String SIGNATURE = "dev.cosignproject.cosign/signature";
  static final String BUNDLE_CONTENT = "dev.sigstore.bundle.content";
  static final String BUNDLE_PREDICATE = "dev.sigstore.bundle.predicateType";

  private SignatureTypes() {}

  /** Where cosign before bundles keeps signatures of a manifest. */
  static String signatureTag(Digest subject) {
    return subject.algorithm().word() + "-" + subject.hex() + ".sig";
  }

  /** Where cosign before bundles keeps attestations about a manifest. */
  static String attestationTag(Digest subject) {
    return subject.algorithm().word() + "-" + subject.hex() + ".att";
  }
}
