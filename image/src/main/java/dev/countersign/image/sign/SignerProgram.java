package dev.countersign.image.sign;

import dev.countersign.image.ImageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A key that this process never sees: a program signs with it, such as a script that calls a key
 * management service or a hardware token's tool. The program reads the message from standard input
 * and writes the signature, in DER or in base64, to standard output. What it says on standard error
 * is shown as it comes.
 */
public final class SignerProgram implements SigningKey {
  private static final int LONGEST_SIGNATURE = 4096;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Path program;
  private final CosignPublicKey publicKey;

  /**
   * A signer.
   *
   * @param program the executable file
   * @param publicKey the key that verifies its signatures; each one is checked before it is used
   */
  public SignerProgram(Path program, CosignPublicKey publicKey) {
    this.program = Objects.requireNonNull(program, "program");
    this.publicKey = Objects.requireNonNull(publicKey, "publicKey");
  }

  @Override
  public CosignPublicKey publicKey() {
    return publicKey;
  }

  @Override
  public byte[] sign(byte[] message) {
    byte[] answer = run(message);
    return signature(message, answer)
        .orElseThrow(
            () ->
                new ImageException(
                    program.toString(),
                    answer.length == 0 ? "nothing" : "no signature that the public key verifies",
                    "an ECDSA signature of the SHA-256 of its input, in DER or base64",
                    "compare its key with --key"));
  }

  private Optional<byte[]> signature(byte[] message, byte[] answer) {
    if (publicKey.verifies(message, answer)) {
      return Optional.of(answer);
    }
    try {
      byte[] decoded =
          Base64.getDecoder().decode(new String(answer, StandardCharsets.ISO_8859_1).strip());
      return Optional.of(decoded).filter(der -> publicKey.verifies(message, der));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  private byte[] run(byte[] message) {
    Process process = start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(message);
      } catch (IOException notRead) {
        // It ended, or needs no input; what it answers tells.
      }
      byte[] answer = process.getInputStream().readNBytes(LONGEST_SIGNATURE);
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw failed("no end within " + PATIENCE.toMinutes() + " minutes");
      }
      if (process.exitValue() != 0) {
        throw failed("exit status " + process.exitValue());
      }
      return answer;
    } catch (IOException unreadable) {
      throw failed("output that cannot be read");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("an interrupt");
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start() {
    try {
      return new ProcessBuilder(program.toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException absent) {
      throw new ImageException(
          program.toString(), "no program that can be run", "an executable file");
    }
  }

  private ImageException failed(String got) {
    return new ImageException(
        program.toString(), got, "exit status 0 and a signature on standard output");
  }
}
