package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.image.ImageException;
import dev.countersign.testkit.CosignKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing by a program that has the key; OpenSSL stands for a key management service. */
final class SignerProgramTest {
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory = Path.of(".");
  private CosignPublicKey publicKey = CosignPublicKey.parse("cosign.pub", CosignKeys.PUBLIC);

  @BeforeEach
  void makeKey() throws Exception {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    Files.writeString(
        directory.resolve("key.pem"), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    publicKey = CosignPublicKey.parse("p", pem("PUBLIC KEY", pair.getPublic().getEncoded()));
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
  }

  private SignerProgram program(String body) throws Exception {
    Path script = directory.resolve("sign");
    Files.writeString(script, "#!/bin/sh\n" + body.replace("KEY", directory + "/key.pem") + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    return new SignerProgram(script, publicKey, Duration.ofSeconds(5));
  }

  @Test
  void signature_inDerOrBase64_isTaken() throws Exception {
    SignerProgram der = program("openssl dgst -sha256 -sign KEY");
    assertThat(publicKey.verifies(MESSAGE, der.sign(MESSAGE))).isTrue();
    assertThat(der.publicKey()).isSameAs(publicKey);
    SignerProgram base64 = program("openssl dgst -sha256 -sign KEY | base64 -w 64");
    assertThat(publicKey.verifies(MESSAGE, base64.sign(MESSAGE))).isTrue();
  }

  @Test
  void whatIsNoSignatureOfTheKey_isRefused_withTheNextStep() throws Exception {
    refused("echo aGVsbG8=", "no signature that the public key verifies", "compare its key");
    refused("printf 'no base64 \\377'", "no signature that the public key verifies", "--key");
    refused("cat > KEY.seen", "got nothing", "in DER or base64");
    assertThat(directory.resolve("key.pem.seen")).hasBinaryContent(MESSAGE);
    refused("exit 3", "got exit status 3", "a signature on standard output");
    refused("sleep 60", "got no end within 5 s");
    refused("head -c 5000 /dev/zero", "got more than 4096 bytes");
    refused("sleep 60 & echo", "something it left running keeps open");
  }

  @Test
  void programThatWritesMuchBeforeItReads_isNotKeptWaiting() throws Exception {
    SignerProgram signer = program("head -c 500000 /dev/zero; cat > /dev/null");
    assertThatThrownBy(() -> signer.sign(new byte[500_000]))
        .hasMessageContaining("more than 4096 bytes");
  }

  private void refused(String body, String... words) throws Exception {
    SignerProgram signer = program(body);
    assertThatThrownBy(() -> signer.sign(MESSAGE))
        .isInstanceOf(ImageException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void programThatIsNotThere_isNamed() {
    Path absent = directory.resolve("absent");
    var signer = new SignerProgram(absent, publicKey);
    assertThatThrownBy(() -> signer.sign(MESSAGE))
        .isInstanceOf(ImageException.class)
        .hasMessageContainingAll(
            absent + ": got no program that can be run (", "; want an executable file");
  }
}
