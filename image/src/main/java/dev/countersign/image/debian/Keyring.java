package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/** The OpenPGP keys that may sign an archive, binary or armoured (RFC 9580). Immutable. */
public final class Keyring {
  private final List<PGPPublicKeyRing> rings;

  private Keyring(List<PGPPublicKeyRing> rings) {
    this.rings = List.copyOf(rings);
  }

  /**
   * Reads a keyring file.
   *
   * @throws ImageException where it has no public key
   */
  public static Keyring read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return parse(in, file.toString());
    }
  }

  /** Reads a keyring from a stream; the name is for messages. */
  public static Keyring parse(InputStream in, String name) throws IOException {
    var rings = new ArrayList<PGPPublicKeyRing>();
    try {
      var all =
          new PGPPublicKeyRingCollection(
              PGPUtil.getDecoderStream(in), new BcKeyFingerprintCalculator());
      all.forEach(rings::add);
    } catch (PGPException unreadable) {
      throw new IOException(name + " is not an OpenPGP keyring", unreadable);
    }
    if (rings.isEmpty()) {
      throw new ImageException(name, "no public key", "a keyring with the archive's public keys");
    }
    return new Keyring(rings);
  }

  /** A key that may have made a signature, and the primary key that vouches for it. */
  record Found(PGPPublicKey signer, PGPPublicKey primary) {
    /** The primary key's fingerprint, upper-case hexadecimal. */
    String fingerprint() {
      return hex(primary);
    }

    boolean isSubkey() {
      return !signer.isMasterKey();
    }
  }

  Optional<Found> find(long keyId) {
    for (PGPPublicKeyRing ring : rings) {
      PGPPublicKey key = ring.getPublicKey(keyId);
      if (key != null) {
        return Optional.of(new Found(key, ring.getPublicKey()));
      }
    }
    return Optional.empty();
  }

  static String hex(PGPPublicKey key) {
    return HexFormat.of().formatHex(key.getFingerprint()).toUpperCase(Locale.ROOT);
  }
}
