package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/**
 * A text with OpenPGP signatures around it (RFC 9580 section 7), as Debian's {@code InRelease} is.
 *
 * <p>Guarantee: {@link Verified#text()} is exactly what was signed. Anything outside the signed
 * frame is refused, because tools that skip it read other bytes than they verified.
 */
public final class ClearSigned {
  private static final String BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
  private static final String SIGNATURE = "-----BEGIN PGP SIGNATURE-----";
  private static final String END = "-----END PGP SIGNATURE-----";
  private static final Duration SKEW = Duration.ofHours(24);
  private static final int LEAST_RSA_BITS = 2048;

  private ClearSigned() {}

  /** The signed text, and the fingerprints of the primary keys whose signatures are good. */
  public record Verified(String text, Set<String> fingerprints) {
    public Verified {
      fingerprints = Set.copyOf(fingerprints);
      if (fingerprints.isEmpty()) {
        throw new IllegalArgumentException("a verified text must have a good signature");
      }
    }
  }

  /**
   * Verifies a clear-signed text. One good signature by a key of the keyring is enough, as for apt;
   * a signature that claims such a key and does not verify is refused even beside a good one.
   *
   * @param name what is verified, for messages
   * @param now the time keys and signatures are judged at
   * @throws ImageException where no signature is good or the frame is not exact
   */
  public static Verified verify(String name, byte[] content, Keyring keyring, Instant now) {
    List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().stripTrailing().equals(BEGIN)) {
      throw new ImageException(name, lines.isEmpty() ? "nothing" : lines.getFirst(), BEGIN);
    }
    int at = 1;
    while (at < lines.size() && !lines.get(at).isBlank()) {
      if (!lines.get(at).startsWith("Hash: ")) {
        throw new ImageException(name, lines.get(at), "no armour header but Hash");
      }
      at++;
    }
    at++;
    var text = new ArrayList<String>();
    while (at < lines.size() && !lines.get(at).equals(SIGNATURE)) {
      String line = lines.get(at);
      if (line.startsWith("- ")) {
        line = line.substring(2);
      } else if (line.startsWith("-")) {
        throw new ImageException(name, line, "dash-escaped text until " + SIGNATURE);
      }
      text.add(line);
      at++;
    }
    if (at >= lines.size()) {
      throw new ImageException(name, "no signature (cut off?)", SIGNATURE);
    }
    var armour = new StringBuilder();
    boolean ended = false;
    for (; at < lines.size(); at++) {
      if (ended && !lines.get(at).isBlank()) {
        throw new ImageException(name, "text after the signature", "nothing after " + END);
      }
      armour.append(lines.get(at)).append('\n');
      ended = ended || lines.get(at).equals(END);
    }
    Set<String> good = check(name, signed(text), signatures(name, armour.toString()), keyring, now);
    return new Verified(String.join("\n", text) + "\n", good);
  }

  /** Canonical form for hashing: no trailing blanks, CRLF between lines, none after the last. */
  private static byte[] signed(List<String> lines) {
    var canonical = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        canonical.append("\r\n");
      }
      canonical.append(stripBlanks(lines.get(i)));
    }
    return canonical.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String stripBlanks(String line) {
    int end = line.length();
    while (end > 0 && " \t\r".indexOf(line.charAt(end - 1)) >= 0) {
      end--;
    }
    return line.substring(0, end);
  }

  private static List<PGPSignature> signatures(String name, String armour) {
    var all = new ArrayList<PGPSignature>();
    try (var in =
        new ArmoredInputStream(
            new ByteArrayInputStream(armour.getBytes(StandardCharsets.US_ASCII)))) {
      var packets = new BcPGPObjectFactory(in);
      Object packet = packets.nextObject();
      while (packet != null) {
        if (packet instanceof PGPSignatureList list) {
          list.forEach(all::add);
        }
        packet = packets.nextObject();
      }
    } catch (IOException | RuntimeException unreadable) {
      throw (ImageException)
          new ImageException(name, "a damaged signature block", "an OpenPGP signature")
              .initCause(unreadable);
    }
    return all;
  }

  private static Set<String> check(
      String name, byte[] text, List<PGPSignature> signatures, Keyring keyring, Instant now) {
    var good = new TreeSet<String>();
    var why = new ArrayList<String>();
    for (PGPSignature signature : signatures) {
      var found = keyring.find(signature.getKeyID());
      if (found.isEmpty()) {
        why.add("key " + id(signature.getKeyID()) + " is not in the keyring");
        continue;
      }
      Keyring.Found key = found.get();
      String problem = problem(signature, key, now);
      if (!problem.isEmpty()) {
        why.add("key " + Keyring.hex(key.signer()) + " " + problem);
        continue;
      }
      if (!verifies(signature, key.signer(), text)) {
        throw new ImageException(
            name,
            "a signature of key " + Keyring.hex(key.signer()) + " that does not match the text",
            "the text as it was signed",
            "the file was altered on its way: try another mirror");
      }
      good.add(key.fingerprint());
    }
    if (good.isEmpty()) {
      throw new ImageException(
          name,
          why.isEmpty() ? "no signature" : String.join(", ", why),
          "a good signature by a key of the keyring",
          "update the keyring package or name the right keyring");
    }
    return good;
  }

  private static boolean verifies(PGPSignature signature, PGPPublicKey key, byte[] text) {
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), key);
      signature.update(text);
      return signature.verify();
    } catch (PGPException | RuntimeException unreadable) {
      return false;
    }
  }

  /** Why the signature does not count although its key is known; empty where it may count. */
  private static String problem(PGPSignature signature, Keyring.Found key, Instant now) {
    if (signature.getSignatureType() != PGPSignature.CANONICAL_TEXT_DOCUMENT
        && signature.getSignatureType() != PGPSignature.BINARY_DOCUMENT) {
      return "made a signature of type " + signature.getSignatureType();
    }
    if (signature.getSignatureType() == PGPSignature.BINARY_DOCUMENT) {
      return "made a binary signature in a clear-signed text";
    }
    switch (signature.getHashAlgorithm()) {
      case HashAlgorithmTags.SHA256, HashAlgorithmTags.SHA384, HashAlgorithmTags.SHA512 -> {}
      default -> {
        return "signed with weak hash algorithm " + signature.getHashAlgorithm();
      }
    }
    switch (key.signer().getAlgorithm()) {
      case PublicKeyAlgorithmTags.RSA_GENERAL -> {
        if (key.signer().getBitStrength() < LEAST_RSA_BITS) {
          return "is RSA of " + key.signer().getBitStrength() + " bits";
        }
      }
      case PublicKeyAlgorithmTags.EDDSA_LEGACY,
          PublicKeyAlgorithmTags.Ed25519,
          PublicKeyAlgorithmTags.Ed448,
          PublicKeyAlgorithmTags.ECDSA -> {}
      default -> {
        return "is of algorithm " + key.signer().getAlgorithm();
      }
    }
    Instant made = signature.getCreationTime().toInstant();
    if (made.isAfter(now.plus(SKEW))) {
      return "signed at " + made + ", after now, " + now;
    }
    PGPSignatureSubpacketVector subpackets = signature.getHashedSubPackets();
    if (subpackets != null && subpackets.getSignatureExpirationTime() > 0) {
      Instant until = made.plusSeconds(subpackets.getSignatureExpirationTime());
      if (now.isAfter(until)) {
        return "made a signature that expired at " + until;
      }
    }
    for (PGPPublicKey each : List.of(key.signer(), key.primary())) {
      if (each.hasRevocation()) {
        return "was revoked";
      }
      if (each.getValidSeconds() > 0) {
        Instant until = each.getCreationTime().toInstant().plusSeconds(each.getValidSeconds());
        if (now.isAfter(until)) {
          return "expired at " + until;
        }
      }
    }
    return key.isSubkey() && !isBoundForSigning(key)
        ? "is a subkey that its primary key did not bind for signing"
        : "";
  }

  private static boolean isBoundForSigning(Keyring.Found key) {
    Iterator<PGPSignature> bindings = key.signer().getSignaturesOfType(PGPSignature.SUBKEY_BINDING);
    while (bindings.hasNext()) {
      PGPSignature binding = bindings.next();
      try {
        PGPSignatureSubpacketVector subpackets = binding.getHashedSubPackets();
        binding.init(new BcPGPContentVerifierBuilderProvider(), key.primary());
        if (subpackets != null
            && (subpackets.getKeyFlags() & KeyFlags.SIGN_DATA) != 0
            && binding.verifyCertification(key.primary(), key.signer())) {
          return true;
        }
      } catch (PGPException | RuntimeException unreadable) {
        // An unreadable binding binds nothing; another one may.
      }
    }
    return false;
  }

  private static String id(long keyId) {
    return HexFormat.of().toHexDigits(keyId).toUpperCase(Locale.ROOT);
  }
}
