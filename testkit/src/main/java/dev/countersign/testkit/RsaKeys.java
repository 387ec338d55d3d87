package dev.countersign.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;

/**
 * RSA key pairs. Where the system property {@code testkit.keys} names a directory, each is made
 * once and kept there as PKCS #8: mutation testing starts hundreds of processes that need the same.
 */
final class RsaKeys {
  private RsaKeys() {}

  static KeyPair get(RSAKeyGenParameterSpec spec) {
    String directory = System.getProperty("testkit.keys");
    try {
      return directory == null ? generate(spec) : kept(Path.of(directory), spec);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK makes such keys", e);
    }
  }

  private static KeyPair kept(Path directory, RSAKeyGenParameterSpec spec)
      throws IOException, GeneralSecurityException {
    Path file = directory.resolve(spec.getKeysize() + "-" + spec.getPublicExponent() + ".der");
    if (Files.notExists(file)) {
      Files.createDirectories(directory);
      Path made = Files.createTempFile(directory, "key", "");
      Files.write(made, generate(spec).getPrivate().getEncoded());
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    }
    KeyFactory factory = KeyFactory.getInstance("RSA");
    var key =
        (RSAPrivateCrtKey)
            factory.generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(file)));
    return new KeyPair(
        factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())),
        key);
  }

  private static KeyPair generate(RSAKeyGenParameterSpec spec) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(spec);
    return generator.generateKeyPair();
  }
}
