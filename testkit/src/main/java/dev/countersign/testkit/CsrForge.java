package dev.countersign.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERNumericString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.DERUniversalString;
import org.bouncycastle.asn1.DERVisibleString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;

/**
 * Forges certificate requests: a valid one as a kubelet makes it, or the same with one thing
 * changed.
 *
 * <p>Immutable: every {@code with…} method returns a changed copy, so that a test reads {@code
 * CsrForge.serving("node-a").withSubject(…).pem()}. The signature is made last, over the changed
 * request, unless the test asks to break it.
 */
public final class CsrForge {
  /** id-at-commonName. */
  public static final String CN = "2.5.4.3";

  /** id-at-organizationName. */
  public static final String O = "2.5.4.10";

  /** id-at-organizationalUnitName. */
  public static final String OU = "2.5.4.11";

  /** String types a name may be written in. */
  public enum Text {
    PRINTABLE,
    UTF8,
    IA5,
    TELETEX,
    BMP,
    UNIVERSAL,
    NUMERIC,
    VISIBLE;

    ASN1Encodable of(String text) {
      return switch (this) {
        case PRINTABLE -> new DERPrintableString(text);
        case UTF8 -> new DERUTF8String(text);
        case IA5 -> new DERIA5String(text);
        case TELETEX -> new DERT61String(text);
        case BMP -> new DERBMPString(text);
        case UNIVERSAL -> {
          byte[] bytes = new byte[4 * text.length()];
          for (int i = 0; i < text.length(); i++) {
            bytes[4 * i + 2] = (byte) (text.charAt(i) >> 8);
            bytes[4 * i + 3] = (byte) text.charAt(i);
          }
          yield new DERUniversalString(bytes);
        }
        case NUMERIC -> new DERNumericString(text);
        case VISIBLE -> new DERVisibleString(text);
      };
    }
  }

  /** One attribute of a name. */
  public record Rdn(String oid, Text type, String value) {
    ASN1Encodable encode() {
      return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(oid), type.of(value)});
    }
  }

  private final long version;
  private final List<List<Rdn>> subject;
  private final Optional<byte[]> rawSubject;
  private final List<ASN1Encodable> sans;
  private final List<ASN1Encodable> extraExtensions;
  private final List<ASN1Encodable> extraAttributes;
  private final KeyPair keys;
  private final Optional<byte[]> rawSpki;
  private final PrivateKey signingKey;
  private final Optional<String> signatureName;
  private final UnaryOperator<byte[]> signatureChange;
  private final UnaryOperator<byte[]> derChange;

  private CsrForge(
      long version,
      List<List<Rdn>> subject,
      Optional<byte[]> rawSubject,
      List<ASN1Encodable> sans,
      List<ASN1Encodable> extraExtensions,
      List<ASN1Encodable> extraAttributes,
      KeyPair keys,
      Optional<byte[]> rawSpki,
      PrivateKey signingKey,
      Optional<String> signatureName,
      UnaryOperator<byte[]> signatureChange,
      UnaryOperator<byte[]> derChange) {
    this.version = version;
    this.subject = List.copyOf(subject);
    this.rawSubject = rawSubject;
    this.sans = List.copyOf(sans);
    this.extraExtensions = List.copyOf(extraExtensions);
    this.extraAttributes = List.copyOf(extraAttributes);
    this.keys = keys;
    this.rawSpki = rawSpki;
    this.signingKey = signingKey;
    this.signatureName = signatureName;
    this.signatureChange = signatureChange;
    this.derChange = derChange;
  }

  /** A kubelet's serving request: its name and two addresses, ECDSA P-256. */
  public static CsrForge serving(String nodeName) {
    return client(nodeName).withDns(nodeName).withIp("192.0.2.10");
  }

  /** A kubelet's client request: no extensions, ECDSA P-256. */
  public static CsrForge client(String nodeName) {
    KeyPair keys = TestKeys.p256();
    return new CsrForge(
        0,
        List.of(
            List.of(new Rdn(O, Text.PRINTABLE, "system:nodes")),
            List.of(new Rdn(CN, Text.PRINTABLE, "system:node:" + nodeName))),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        keys,
        Optional.empty(),
        keys.getPrivate(),
        Optional.empty(),
        UnaryOperator.identity(),
        UnaryOperator.identity());
  }

  // ---- subject

  /** Another subject, one RDN for each attribute, in this order. */
  public CsrForge withSubject(Rdn... attributes) {
    List<List<Rdn>> rdns = new ArrayList<>();
    for (Rdn attribute : attributes) {
      rdns.add(List.of(attribute));
    }
    return copy().subject(rdns).build();
  }

  /** Another subject of possibly multi-valued RDNs. */
  public CsrForge withRdns(List<List<Rdn>> rdns) {
    return copy().subject(rdns).build();
  }

  /** Another Name, in any encoding. */
  public CsrForge withRawSubject(byte[] encodedName) {
    return copy().rawSubject(encodedName).build();
  }

  /** One more attribute at the end of the subject, in an RDN of its own. */
  public CsrForge plusSubject(Rdn attribute) {
    List<List<Rdn>> rdns = new ArrayList<>(subject);
    rdns.add(List.of(attribute));
    return copy().subject(rdns).build();
  }

  // ---- names

  /** No SAN extension. */
  public CsrForge withoutSans() {
    return copy().sans(List.of()).build();
  }

  /** One more DNS name. */
  public CsrForge withDns(String name) {
    return withGeneralName(false, 2, name.getBytes(StandardCharsets.UTF_8));
  }

  /** One more address, from its text; never resolves names. */
  public CsrForge withIp(String address) {
    return withIpBytes(InetAddress.ofLiteral(address).getAddress());
  }

  /** One more address of any length. */
  public CsrForge withIpBytes(byte[] address) {
    return withGeneralName(false, 7, address);
  }

  /** One more e-mail address. */
  public CsrForge withEmail(String address) {
    return withGeneralName(false, 1, address.getBytes(StandardCharsets.UTF_8));
  }

  /** One more URI. */
  public CsrForge withUri(String uri) {
    return withGeneralName(false, 6, uri.getBytes(StandardCharsets.UTF_8));
  }

  /** One more directory name of a single common name. */
  public CsrForge withDirectoryName(String commonName) {
    ASN1Encodable rdn = new DERSet(new Rdn(CN, Text.UTF8, commonName).encode());
    return plusName(new DERTaggedObject(true, 4, new DERSequence(rdn)));
  }

  /** One more otherName of UTF-8 text, such as a Microsoft UPN. */
  public CsrForge withOtherName(String typeOid, String text) {
    return plusName(
        new DERTaggedObject(
            false,
            0,
            new DERSequence(
                new ASN1Encodable[] {
                  new ASN1ObjectIdentifier(typeOid),
                  new DERTaggedObject(true, 0, new DERUTF8String(text))
                })));
  }

  /** One more registeredID. */
  public CsrForge withRegisteredId(String oid) {
    return plusName(new DERTaggedObject(false, 8, new ASN1ObjectIdentifier(oid)));
  }

  /** One more GeneralName of any tag and content. */
  public CsrForge withGeneralName(boolean explicit, int tagNumber, byte[] content) {
    return plusName(new DERTaggedObject(explicit, tagNumber, new DEROctetString(content)));
  }

  private CsrForge plusName(ASN1Encodable name) {
    List<ASN1Encodable> names = new ArrayList<>(sans);
    names.add(name);
    return copy().sans(names).build();
  }

  // ---- extensions and attributes

  /** One more extension after the SANs. */
  public CsrForge withExtension(String oid, boolean critical, byte[] value) {
    List<ASN1Encodable> extensions = new ArrayList<>(extraExtensions);
    extensions.add(
        new Extension(new ASN1ObjectIdentifier(oid), critical, new DEROctetString(value)));
    return copy().extraExtensions(extensions).build();
  }

  /** A second SAN extension with one DNS name. */
  public CsrForge withSecondSanExtension(String dnsName) {
    ASN1Encodable name =
        new DERTaggedObject(false, 2, new DEROctetString(dnsName.getBytes(StandardCharsets.UTF_8)));
    return withExtension("2.5.29.17", false, der(new DERSequence(name)));
  }

  /** Asks to become an authority. */
  public CsrForge withAuthorityConstraint() {
    return withExtension("2.5.29.19", true, new byte[] {0x30, 0x03, 0x01, 0x01, (byte) 0xff});
  }

  /** One more attribute after the extension request. */
  public CsrForge withAttribute(String oid, byte[]... encodedValues) {
    ASN1EncodableVector values = new ASN1EncodableVector();
    for (byte[] value : encodedValues) {
      values.add(raw(value));
    }
    List<ASN1Encodable> attributes = new ArrayList<>(extraAttributes);
    attributes.add(
        new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(oid), new DERSet(values)}));
    return copy().extraAttributes(attributes).build();
  }

  /** A second extensionRequest attribute with a SAN extension of one DNS name. */
  public CsrForge withSecondExtensionRequest(String dnsName) {
    ASN1Encodable name =
        new DERTaggedObject(false, 2, new DEROctetString(dnsName.getBytes(StandardCharsets.UTF_8)));
    ASN1Encodable extension =
        new Extension(
            Extension.subjectAlternativeName,
            false,
            new DEROctetString(der(new DERSequence(name))));
    return withAttribute(
        PKCSObjectIdentifiers.pkcs_9_at_extensionRequest.getId(), der(new DERSequence(extension)));
  }

  // ---- key and signature

  /** Another key, which also signs. */
  public CsrForge withKey(KeyPair keys) {
    return copy().keys(keys).signingKey(keys.getPrivate()).build();
  }

  /** Another SubjectPublicKeyInfo, while the old key signs. */
  public CsrForge withRawKey(byte[] encodedSpki) {
    return copy().rawSpki(encodedSpki).build();
  }

  /** Signed by somebody else. */
  public CsrForge signedBy(PrivateKey key) {
    return copy().signingKey(key).build();
  }

  /**
   * Signed by another algorithm: a JDK name such as {@code SHA1withECDSA}, or {@code
   * SHA256withRSAandMGF1}.
   */
  public CsrForge withSignature(String name) {
    return copy().signatureName(name).build();
  }

  /** One bit of the signature flipped. */
  public CsrForge withBrokenSignature() {
    return withSignatureBytes(
        signature -> {
          signature[signature.length - 1] ^= 1;
          return signature;
        });
  }

  /** The bytes of the signature changed. */
  public CsrForge withSignatureBytes(UnaryOperator<byte[]> change) {
    return copy().signatureChange(change).build();
  }

  /** Another version number; 0 is the only one. */
  public CsrForge withVersion(long number) {
    return copy().version(number).build();
  }

  /** The finished request changed byte by byte. */
  public CsrForge withDer(UnaryOperator<byte[]> change) {
    return copy().derChange(change).build();
  }

  /** The finished request with bytes after it. */
  public CsrForge withTrailing(byte... bytes) {
    return withDer(
        der -> {
          byte[] longer = Arrays.copyOf(der, der.length + bytes.length);
          System.arraycopy(bytes, 0, longer, der.length, bytes.length);
          return longer;
        });
  }

  // ---- results

  /** The key in the request. */
  public KeyPair keys() {
    return keys;
  }

  /** The request in DER, or what a test made of it. */
  public byte[] der() {
    try {
      byte[] info = info();
      String name = signatureName.orElseGet(() -> defaultSignature(signingKey));
      byte[] signature = signatureChange.apply(sign(name, info));
      ASN1EncodableVector request = new ASN1EncodableVector();
      request.add(raw(info));
      request.add(algorithm(name));
      request.add(new DERBitString(signature));
      return derChange.apply(der(new DERSequence(request)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the forge could not sign", e);
    }
  }

  /** The request as {@code spec.request} holds it. */
  public String pem() {
    return pem("CERTIFICATE REQUEST", der());
  }

  /** A PEM block of any label. */
  public static String pem(String label, byte[] content) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
        + "\n-----END "
        + label
        + "-----\n";
  }

  private byte[] info() {
    ASN1EncodableVector info = new ASN1EncodableVector();
    info.add(new ASN1Integer(version));
    if (rawSubject.isPresent()) {
      info.add(raw(rawSubject.get()));
    } else {
      ASN1EncodableVector rdns = new ASN1EncodableVector();
      for (List<Rdn> rdn : subject) {
        rdns.add(new DERSet(rdn.stream().map(Rdn::encode).toArray(ASN1Encodable[]::new)));
      }
      info.add(new DERSequence(rdns));
    }
    info.add(raw(rawSpki.orElseGet(() -> keys.getPublic().getEncoded())));
    ASN1EncodableVector attributes = new ASN1EncodableVector();
    ASN1EncodableVector extensions = new ASN1EncodableVector();
    if (!sans.isEmpty()) {
      extensions.add(
          new Extension(
              Extension.subjectAlternativeName,
              false,
              new DEROctetString(der(new DERSequence(sans.toArray(ASN1Encodable[]::new))))));
    }
    extraExtensions.forEach(extensions::add);
    if (extensions.size() > 0) {
      attributes.add(
          new DERSequence(
              new ASN1Encodable[] {
                PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                new DERSet(new DERSequence(extensions))
              }));
    }
    extraAttributes.forEach(attributes::add);
    info.add(new DERTaggedObject(false, 0, new DERSequence(attributes)));
    return der(new DERSequence(info));
  }

  private byte[] sign(String name, byte[] message) throws GeneralSecurityException {
    Signature signer;
    if (name.endsWith("withRSAandMGF1")) {
      String digest = "SHA-" + name.substring(3, 6);
      signer = Signature.getInstance("RSASSA-PSS");
      signer.setParameter(
          new PSSParameterSpec(
              digest,
              "MGF1",
              new MGF1ParameterSpec(digest),
              Integer.parseInt(name.substring(3, 6)) / 8,
              PSSParameterSpec.TRAILER_FIELD_BC));
    } else {
      signer = Signature.getInstance(name);
    }
    signer.initSign(signingKey);
    signer.update(message);
    return signer.sign();
  }

  private static String defaultSignature(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> "Ed25519";
    };
  }

  private static ASN1Encodable algorithm(String name) {
    return switch (name) {
      case "MD5withRSA" -> withNull("1.2.840.113549.1.1.4");
      case "SHA1withRSA" -> withNull("1.2.840.113549.1.1.5");
      case "SHA224withRSA" -> withNull("1.2.840.113549.1.1.14");
      case "SHA256withRSA" -> withNull("1.2.840.113549.1.1.11");
      case "SHA384withRSA" -> withNull("1.2.840.113549.1.1.12");
      case "SHA512withRSA" -> withNull("1.2.840.113549.1.1.13");
      case "SHA256withRSAandMGF1" -> pss("2.16.840.1.101.3.4.2.1", 32);
      case "SHA384withRSAandMGF1" -> pss("2.16.840.1.101.3.4.2.2", 48);
      case "SHA512withRSAandMGF1" -> pss("2.16.840.1.101.3.4.2.3", 64);
      case "SHA1withECDSA" -> alone("1.2.840.10045.4.1");
      case "SHA224withECDSA" -> alone("1.2.840.10045.4.3.1");
      case "SHA256withECDSA" -> alone("1.2.840.10045.4.3.2");
      case "SHA384withECDSA" -> alone("1.2.840.10045.4.3.3");
      case "SHA512withECDSA" -> alone("1.2.840.10045.4.3.4");
      case "Ed25519" -> alone("1.3.101.112");
      default -> throw new IllegalArgumentException("the forge has no identifier for " + name);
    };
  }

  private static ASN1Encodable withNull(String oid) {
    return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(oid), DERNull.INSTANCE});
  }

  private static ASN1Encodable alone(String oid) {
    return new DERSequence(new ASN1ObjectIdentifier(oid));
  }

  private static ASN1Encodable pss(String digestOid, long salt) {
    ASN1Encodable digest = withNull(digestOid);
    return new DERSequence(
        new ASN1Encodable[] {
          new ASN1ObjectIdentifier("1.2.840.113549.1.1.10"),
          new DERSequence(
              new ASN1Encodable[] {
                new DERTaggedObject(true, 0, digest),
                new DERTaggedObject(
                    true,
                    1,
                    new DERSequence(
                        new ASN1Encodable[] {
                          new ASN1ObjectIdentifier("1.2.840.113549.1.1.8"), digest
                        })),
                new DERTaggedObject(true, 2, new ASN1Integer(salt))
              })
        });
  }

  private static byte[] der(ASN1Encodable value) {
    try {
      return value.toASN1Primitive().getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ASN1Primitive raw(byte[] encoded) {
    try {
      return ASN1Primitive.fromByteArray(encoded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Copy copy() {
    return new Copy(this);
  }

  /** All fields once more, to be changed. */
  private static final class Copy {
    private long version;
    private List<List<Rdn>> subject;
    private Optional<byte[]> rawSubject;
    private List<ASN1Encodable> sans;
    private List<ASN1Encodable> extraExtensions;
    private List<ASN1Encodable> extraAttributes;
    private KeyPair keys;
    private Optional<byte[]> rawSpki;
    private PrivateKey signingKey;
    private Optional<String> signatureName;
    private UnaryOperator<byte[]> signatureChange;
    private UnaryOperator<byte[]> derChange;

    Copy(CsrForge from) {
      version = from.version;
      subject = from.subject;
      rawSubject = from.rawSubject;
      sans = from.sans;
      extraExtensions = from.extraExtensions;
      extraAttributes = from.extraAttributes;
      keys = from.keys;
      rawSpki = from.rawSpki;
      signingKey = from.signingKey;
      signatureName = from.signatureName;
      signatureChange = from.signatureChange;
      derChange = from.derChange;
    }

    Copy version(long value) {
      version = value;
      return this;
    }

    Copy subject(List<List<Rdn>> value) {
      subject = value;
      return this;
    }

    Copy rawSubject(byte[] value) {
      rawSubject = Optional.of(value.clone());
      return this;
    }

    Copy sans(List<ASN1Encodable> value) {
      sans = value;
      return this;
    }

    Copy extraExtensions(List<ASN1Encodable> value) {
      extraExtensions = value;
      return this;
    }

    Copy extraAttributes(List<ASN1Encodable> value) {
      extraAttributes = value;
      return this;
    }

    Copy keys(KeyPair value) {
      keys = value;
      return this;
    }

    Copy rawSpki(byte[] value) {
      rawSpki = Optional.of(value.clone());
      return this;
    }

    Copy signingKey(PrivateKey value) {
      signingKey = value;
      return this;
    }

    Copy signatureName(String value) {
      signatureName = Optional.of(value);
      return this;
    }

    Copy signatureChange(UnaryOperator<byte[]> value) {
      signatureChange = value;
      return this;
    }

    Copy derChange(UnaryOperator<byte[]> value) {
      derChange = value;
      return this;
    }

    CsrForge build() {
      return new CsrForge(
          version,
          subject,
          rawSubject,
          sans,
          extraExtensions,
          extraAttributes,
          keys,
          rawSpki,
          signingKey,
          signatureName,
          signatureChange,
          derChange);
    }
  }
}
