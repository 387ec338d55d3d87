package dev.countersign.x509.key;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.pem.PemBlock;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reading private keys. Errors tell where and what kind, never the bytes. */
public final class PrivateKeys {
  private static final String WANT = "one private key: PKCS#8, PKCS#1 or SEC1, not encrypted";

  /** P-256, P-384 and P-521: all that the JDK can use. */
  private static final Set<Bytes> CURVES =
      Set.of(
          Bytes.copyOf(DerWriter.oid("1.2.840.10045.3.1.7")),
          Bytes.copyOf(DerWriter.oid("1.3.132.0.34")),
          Bytes.copyOf(DerWriter.oid("1.3.132.0.35")));

  private PrivateKeys() {}

  /**
   * Reads one private key from PEM: PKCS#8 ({@code PRIVATE KEY}: RSA, EC, Ed25519), PKCS#1 ({@code
   * RSA PRIVATE KEY}), SEC1 ({@code EC PRIVATE KEY}, with or without an {@code EC PARAMETERS} block
   * before it). Certificates beside the key are skipped, so that a kubelet's combined file can be
   * read. The public half is computed from the private one and the two are tried on each other.
   */
  public static ParseResult<KeyPair> parsePem(SecretText pem) {
    return Pem.parseAll(pem.reveal(SecretAccess.because("read into a key pair")))
        .then(PrivateKeys::parseBlocks);
  }

  private static ParseResult<KeyPair> parseBlocks(List<PemBlock> blocks) {
    Optional<Bytes> parameters = Optional.empty();
    List<PemBlock> keys = new ArrayList<>(1);
    for (PemBlock block : blocks) {
      switch (block.label()) {
        case PrivateKeyEncoding.PKCS8_LABEL,
            PrivateKeyEncoding.PKCS1_LABEL,
            PrivateKeyEncoding.SEC1_LABEL ->
            keys.add(block);
        case PrivateKeyEncoding.EC_PARAMETERS_LABEL -> parameters = Optional.of(block.content());
        case "CERTIFICATE", "PUBLIC KEY" -> {}
        default -> {
          return ParseResult.refused("key", "a block " + SafeText.quote(block.label()), WANT);
        }
      }
    }
    if (keys.size() != 1) {
      return ParseResult.refused("key", keys.size() + " private keys", WANT);
    }
    PemBlock block = keys.getFirst();
    try {
      return switch (block.label()) {
        case PrivateKeyEncoding.PKCS1_LABEL -> ParseResult.parsed(fromPkcs1(block.content()));
        case PrivateKeyEncoding.SEC1_LABEL ->
            ParseResult.parsed(fromSec1(block.content(), parameters));
        default -> ParseResult.parsed(fromPkcs8(block.content()));
      };
    } catch (DerException e) {
      return ParseResult.refused(e.path(), e.got(), e.want());
    }
  }

  private static KeyPair fromPkcs8(Bytes pkcs8) throws DerException {
    List<DerValue> fields = DerValue.parse("key", pkcs8).childrenOf("key", DerTag.SEQUENCE, 3, 5);
    List<DerValue> algorithm = fields.get(1).childrenOf("key.algorithm", DerTag.SEQUENCE, 1, 2);
    String oid = algorithm.get(0).oid("key.algorithm");
    Bytes inner = fields.get(2).contentOf("key.privateKey", DerTag.OCTET_STRING);
    return switch (oid) {
      case PrivateKeyEncoding.RSA_OID -> fromPkcs1(inner);
      case PrivateKeyEncoding.EC_OID ->
          fromSec1(
              inner,
              algorithm.size() == 2 ? Optional.of(algorithm.get(1).encoded()) : Optional.empty());
      case PrivateKeyEncoding.ED25519_OID -> ed25519(inner);
      default -> throw new DerException("key.algorithm", oid, "RSA, EC or Ed25519");
    };
  }

  private static KeyPair fromPkcs1(Bytes pkcs1) throws DerException {
    byte[] pkcs8 =
        DerWriter.sequence(
            DerWriter.integer(0),
            DerWriter.sequence(DerWriter.oid(PrivateKeyEncoding.RSA_OID), DerWriter.nullValue()),
            DerWriter.octetString(pkcs1.toByteArray()));
    List<DerValue> numbers = DerValue.parse("key", pkcs1).childrenOf("key", DerTag.SEQUENCE, 9, 9);
    for (DerValue number : numbers) {
      number.contentOf("key", DerTag.INTEGER);
    }
    try {
      KeyFactory factory = KeyFactory.getInstance("RSA");
      PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      if (!(privateKey instanceof RSAPrivateCrtKey crt)) {
        throw new DerException("key", "an RSA key without its primes", "one with them");
      }
      PublicKey publicKey =
          factory.generatePublic(new RSAPublicKeySpec(crt.getModulus(), crt.getPublicExponent()));
      return tried(privateKey, publicKey, "SHA256withRSA");
    } catch (GeneralSecurityException e) {
      throw new DerException("key", "an RSA key that the JDK refuses", WANT);
    }
  }

  private static KeyPair fromSec1(Bytes sec1, Optional<Bytes> parameters) throws DerException {
    List<DerValue> fields = DerValue.parse("key", sec1).childrenOf("key", DerTag.SEQUENCE, 2, 4);
    if (!fields.get(0).integer("key.version").equals(BigInteger.ONE)) {
      throw new DerException("key.version", "another number", "1");
    }
    Bytes scalar = fields.get(1).contentOf("key.privateKey", DerTag.OCTET_STRING);
    Optional<Bytes> curve = parameters;
    for (DerValue field : fields.subList(2, fields.size())) {
      if (field.isContext(0) && field.children().size() == 1) {
        Bytes own = field.children().getFirst().encoded();
        if (curve.isPresent() && !curve.get().equals(own)) {
          throw new DerException("key.parameters", "two different curves", "one");
        }
        curve = Optional.of(own);
      }
    }
    if (curve.isEmpty()) {
      throw new DerException("key.parameters", "no curve", "its name, or a block EC PARAMETERS");
    }
    if (!DerValue.parse("key.parameters", curve.get()).is(DerTag.OBJECT_IDENTIFIER)) {
      throw new DerException("key.parameters", "explicit parameters", "the name of a curve");
    }
    if (!CURVES.contains(curve.get())) {
      throw new DerException(
          "key", "an EC key that the JDK refuses", "one on P-256, P-384 or P-521");
    }
    byte[] pkcs8 =
        DerWriter.sequence(
            DerWriter.integer(0),
            DerWriter.sequence(DerWriter.oid(PrivateKeyEncoding.EC_OID), curve.get().toByteArray()),
            DerWriter.octetString(
                DerWriter.sequence(
                    DerWriter.integer(1), DerWriter.octetString(scalar.toByteArray()))));
    try {
      KeyFactory factory = KeyFactory.getInstance("EC");
      if (!(factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8)) instanceof ECPrivateKey key)) {
        throw new DerException("key", "an EC key of another kind", WANT);
      }
      PublicKey publicKey =
          factory.generatePublic(
              new ECPublicKeySpec(publicPoint(key.getParams(), key.getS()), key.getParams()));
      // Its public half was made from the private one, so there is nothing to try: that would take
      // a tenth of a second where nothing is compiled yet.
      return new KeyPair(key, publicKey);
    } catch (GeneralSecurityException e) {
      throw new DerException(
          "key", "an EC key that the JDK refuses", "one on P-256, P-384 or P-521");
    }
  }

  /** The base point times the scalar; only on a secret that is ours already, so timing is moot. */
  private static ECPoint publicPoint(ECParameterSpec parameters, BigInteger scalar)
      throws DerException {
    if (scalar.signum() <= 0 || scalar.compareTo(parameters.getOrder()) >= 0) {
      throw new DerException("key.privateKey", "a number out of range", "1 to the curve's order");
    }
    EllipticCurve curve = parameters.getCurve();
    if (!(curve.getField() instanceof ECFieldFp field)) {
      throw new DerException("key.parameters", "a binary curve", "P-256, P-384 or P-521");
    }
    // Below the order no step meets the point at infinity, so neither formula needs a case for it.
    ECPoint point = parameters.getGenerator();
    for (int i = scalar.bitLength() - 2; i >= 0; i--) {
      point = twice(point, curve.getA(), field.getP());
      if (scalar.testBit(i)) {
        point = sum(point, parameters.getGenerator(), field.getP());
      }
    }
    return point;
  }

  private static ECPoint twice(ECPoint point, BigInteger a, BigInteger p) {
    BigInteger x = point.getAffineX();
    BigInteger slope =
        x.multiply(x)
            .multiply(BigInteger.valueOf(3))
            .add(a)
            .multiply(point.getAffineY().shiftLeft(1).modInverse(p));
    return third(point, x, slope, p);
  }

  private static ECPoint sum(ECPoint left, ECPoint right, BigInteger p) {
    BigInteger rise = right.getAffineY().subtract(left.getAffineY());
    BigInteger run = right.getAffineX().subtract(left.getAffineX());
    return third(left, right.getAffineX(), rise.multiply(run.modInverse(p)), p);
  }

  /** Where the line through two points meets the curve again, mirrored. */
  private static ECPoint third(ECPoint one, BigInteger otherX, BigInteger slope, BigInteger p) {
    BigInteger x = slope.multiply(slope).subtract(one.getAffineX()).subtract(otherX).mod(p);
    BigInteger y = slope.multiply(one.getAffineX().subtract(x)).subtract(one.getAffineY()).mod(p);
    return new ECPoint(x, y);
  }

  private static KeyPair ed25519(Bytes inner) throws DerException {
    Bytes seed =
        DerValue.parse("key.privateKey", inner).contentOf("key.privateKey", DerTag.OCTET_STRING);
    if (seed.size() != 32) {
      throw new DerException("key.privateKey", seed.size() + " bytes", "32");
    }
    byte[] pkcs8 =
        DerWriter.sequence(
            DerWriter.integer(0),
            DerWriter.sequence(DerWriter.oid(PrivateKeyEncoding.ED25519_OID)),
            DerWriter.octetString(DerWriter.octetString(seed.toByteArray())));
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      if (!(privateKey instanceof EdECPrivateKey)) {
        throw new DerException("key", "an Edwards key of another kind", WANT);
      }
      // The JDK computes a public key only while it makes a pair, and takes the seed from the
      // source of chance it is given.
      KeyPairGenerator pairs = KeyPairGenerator.getInstance("Ed25519");
      pairs.initialize(NamedParameterSpec.ED25519, new FixedSeed(seed));
      return tried(privateKey, pairs.generateKeyPair().getPublic(), "Ed25519");
    } catch (GeneralSecurityException e) {
      throw new DerException("key", "an Ed25519 key that the JDK refuses", WANT);
    }
  }

  /** A source of no chance at all. */
  private static final class FixedSeed extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final transient Bytes seed;

    FixedSeed(Bytes seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed.toByteArray(), 0, bytes, 0, bytes.length);
    }
  }

  private static KeyPair tried(PrivateKey privateKey, PublicKey publicKey, String algorithm)
      throws GeneralSecurityException, DerException {
    byte[] message = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(privateKey);
    signature.update(message);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(message);
    if (!signature.verify(signed)) {
      throw new DerException("key", "halves that do not belong together", "a key pair");
    }
    return new KeyPair(privateKey, publicKey);
  }
}
