package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.key.AwsLc;
import dev.countersign.x509.request.ProofOfPossession.Proven;
import dev.countersign.x509.request.ProofOfPossession.Refuted;
import dev.countersign.x509.request.ProofOfPossession.Unverifiable;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies the signature of a request with the process's providers. A running approver prefers
 * {@link dev.countersign.x509.key.AwsLc}, which is some forty times as quick as the JDK without the
 * optimising compiler.
 */
final class SignatureVerifier {
  /** Larger keys cost more to verify than a request is worth, and nobody has them. */
  static final int MAX_RSA_BITS = 8192;

  private static final Set<KeyWeakness> NOT_A_KEY =
      Set.of(
          KeyWeakness.EC_EXPLICIT_PARAMETERS,
          KeyWeakness.EC_UNKNOWN_CURVE,
          KeyWeakness.EC_POINT_NOT_UNCOMPRESSED,
          KeyWeakness.EC_POINT_NOT_ON_CURVE,
          KeyWeakness.RSA_EXPONENT_UNUSABLE,
          KeyWeakness.RSA_EXPONENT_LARGE,
          KeyWeakness.EDWARDS_POINT_UNUSABLE);

  private SignatureVerifier() {}

  static ProofOfPossession verify(
      KeyDescription key, DerValue algorithm, Bytes signedPart, Bytes signature) {
    String oid;
    Optional<SignatureScheme> declared;
    try {
      List<DerValue> fields = algorithm.childrenOf("algorithm", DerTag.SEQUENCE, 1, 2);
      oid = fields.get(0).oid("algorithm");
      declared = scheme(oid, fields.size() == 2 ? Optional.of(fields.get(1)) : Optional.empty());
    } catch (DerException e) {
      throw new AssertionError("checked when the request was parsed", e);
    }
    if (declared.isEmpty()) {
      return new Unverifiable(
          oid, "an unknown signature algorithm, or parameters it must not have");
    }
    SignatureScheme scheme = declared.get();
    if (!goesWith(scheme, key.algorithm())) {
      return new Unverifiable(oid, scheme + " does not go with a key of " + key.algorithm());
    }
    if (key.weaknesses().stream().anyMatch(NOT_A_KEY::contains)) {
      return new Unverifiable(oid, "the key is unusable");
    }
    if (key.bits() > MAX_RSA_BITS) {
      return new Unverifiable(oid, "the key has more than " + MAX_RSA_BITS + " bits");
    }
    if (key.algorithm() == KeyAlgorithm.ECDSA && !isPairOfIntegers(signature)) {
      return new Refuted(scheme);
    }
    // Its yes is taken; its no is not, as a denial is final and the JDK is the measure.
    if (AwsLc.preferred()
        && AwsLc.find()
            .flatMap(quick -> verify(quick, scheme, key, signedPart, signature))
            .orElse(false)) {
      return new Proven(scheme);
    }
    return verify(jdkProvider(key.algorithm()), scheme, key, signedPart, signature)
        .<ProofOfPossession>map(verified -> verified ? new Proven(scheme) : new Refuted(scheme))
        .orElseGet(() -> new Unverifiable(oid, "the key is refused by the verifier"));
  }

  /** Whether the signature is right; empty where this provider does not take such a key. */
  private static Optional<Boolean> verify(
      Provider provider,
      SignatureScheme scheme,
      KeyDescription key,
      Bytes signedPart,
      Bytes signature) {
    try {
      PublicKey publicKey =
          KeyFactory.getInstance(keyFactory(key.algorithm()), provider)
              .generatePublic(new X509EncodedKeySpec(key.spki().toByteArray()));
      Signature verifier = Signature.getInstance(scheme.jdkName(), provider);
      Optional<PSSParameterSpec> pss = pss(scheme);
      if (pss.isPresent()) {
        verifier.setParameter(pss.get());
      }
      verifier.initVerify(publicKey);
      verifier.update(signedPart.toByteArray());
      return Optional.of(verifier.verify(signature.toByteArray()));
    } catch (SignatureException e) {
      return Optional.of(false);
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  private static Provider jdkProvider(KeyAlgorithm algorithm) {
    String name =
        switch (algorithm) {
          case RSA, RSA_PSS -> "SunRsaSign";
          case ECDSA, ED25519 -> "SunEC";
          case OTHER -> throw new AssertionError("no scheme goes with it");
        };
    Provider provider = Security.getProvider(name);
    if (provider == null) {
      throw new IllegalStateException("this Java runtime lacks the module of " + name);
    }
    return provider;
  }

  private static boolean isPairOfIntegers(Bytes signature) {
    return pair(signature)
        .filter(pair -> pair.stream().allMatch(number -> number.signum() > 0))
        .isPresent();
  }

  private static Optional<List<BigInteger>> pair(Bytes signature) {
    try {
      List<DerValue> numbers =
          DerValue.parse(signature).childrenOf("signature", DerTag.SEQUENCE, 2, 2);
      return Optional.of(
          List.of(numbers.get(0).integer("signature"), numbers.get(1).integer("signature")));
    } catch (DerException e) {
      return Optional.empty();
    }
  }

  private static String keyFactory(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case RSA -> "RSA";
      case RSA_PSS -> "RSASSA-PSS";
      case ECDSA -> "EC";
      case ED25519 -> "Ed25519";
      case OTHER -> throw new AssertionError("no scheme goes with it");
    };
  }

  private static boolean goesWith(SignatureScheme scheme, KeyAlgorithm key) {
    return switch (scheme) {
      case RSA_PKCS1_MD5, RSA_PKCS1_SHA1, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512 ->
          key == KeyAlgorithm.RSA;
      case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 ->
          key == KeyAlgorithm.RSA || key == KeyAlgorithm.RSA_PSS;
      case ECDSA_SHA1, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 -> key == KeyAlgorithm.ECDSA;
      case ED25519 -> key == KeyAlgorithm.ED25519;
    };
  }

  private static Optional<PSSParameterSpec> pss(SignatureScheme scheme) {
    return switch (scheme) {
      case RSA_PSS_SHA256 -> Optional.of(pss("SHA-256", MGF1ParameterSpec.SHA256, 32));
      case RSA_PSS_SHA384 -> Optional.of(pss("SHA-384", MGF1ParameterSpec.SHA384, 48));
      case RSA_PSS_SHA512 -> Optional.of(pss("SHA-512", MGF1ParameterSpec.SHA512, 64));
      default -> Optional.empty();
    };
  }

  private static PSSParameterSpec pss(String digest, MGF1ParameterSpec mask, int salt) {
    return new PSSParameterSpec(digest, "MGF1", mask, salt, PSSParameterSpec.TRAILER_FIELD_BC);
  }

  private static Optional<SignatureScheme> scheme(String oid, Optional<DerValue> parameters) {
    boolean isNull = parameters.isPresent() && parameters.get().is(DerTag.NULL);
    boolean isAbsent = parameters.isEmpty();
    return switch (oid) {
      case "1.2.840.113549.1.1.4" -> when(isNull, SignatureScheme.RSA_PKCS1_MD5);
      case "1.2.840.113549.1.1.5" -> when(isNull, SignatureScheme.RSA_PKCS1_SHA1);
      case "1.2.840.113549.1.1.11" -> when(isNull, SignatureScheme.RSA_PKCS1_SHA256);
      case "1.2.840.113549.1.1.12" -> when(isNull, SignatureScheme.RSA_PKCS1_SHA384);
      case "1.2.840.113549.1.1.13" -> when(isNull, SignatureScheme.RSA_PKCS1_SHA512);
      case "1.2.840.10045.4.1" -> when(isAbsent, SignatureScheme.ECDSA_SHA1);
      case "1.2.840.10045.4.3.2" -> when(isAbsent, SignatureScheme.ECDSA_SHA256);
      case "1.2.840.10045.4.3.3" -> when(isAbsent, SignatureScheme.ECDSA_SHA384);
      case "1.2.840.10045.4.3.4" -> when(isAbsent, SignatureScheme.ECDSA_SHA512);
      case PublicKeyReader.ED25519 -> when(isAbsent, SignatureScheme.ED25519);
      case PublicKeyReader.RSASSA_PSS -> parameters.flatMap(SignatureVerifier::pssScheme);
      default -> Optional.empty();
    };
  }

  private static Optional<SignatureScheme> when(boolean holds, SignatureScheme scheme) {
    return holds ? Optional.of(scheme) : Optional.empty();
  }

  /**
   * Only the three sets of parameters that Go's crypto/x509 takes; digest parameters may be NULL.
   */
  private static Optional<SignatureScheme> pssScheme(DerValue parameters) {
    Bytes encoded = parameters.encoded();
    for (boolean withNull : new boolean[] {true, false}) {
      if (encoded.equals(pssParameters("2.16.840.1.101.3.4.2.1", 32, withNull))) {
        return Optional.of(SignatureScheme.RSA_PSS_SHA256);
      }
      if (encoded.equals(pssParameters("2.16.840.1.101.3.4.2.2", 48, withNull))) {
        return Optional.of(SignatureScheme.RSA_PSS_SHA384);
      }
      if (encoded.equals(pssParameters("2.16.840.1.101.3.4.2.3", 64, withNull))) {
        return Optional.of(SignatureScheme.RSA_PSS_SHA512);
      }
    }
    return Optional.empty();
  }

  private static Bytes pssParameters(String digestOid, int salt, boolean withNull) {
    byte[] oid = DerWriter.oid(digestOid);
    byte[] digest =
        withNull ? DerWriter.sequence(oid, DerWriter.nullValue()) : DerWriter.sequence(oid);
    return Bytes.copyOf(
        DerWriter.sequence(
            DerWriter.explicit(0, digest),
            DerWriter.explicit(
                1, DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.8"), digest)),
            DerWriter.explicit(2, DerWriter.integer(salt))));
  }
}
