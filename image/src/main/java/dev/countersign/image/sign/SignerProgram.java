package dev.countersign.image.sign;

import dev.countersign.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A key that this process never sees: a program signs with it, such as a script that calls a key
 * management service or a hardware token's tool. The program reads the message from standard input
 * and writes the signature, in DER or in base64, to standard output. What it says on standard error
 * is shown as it comes.
 */
public final class SignerProgram implements SigningKey {
  private static final int LONGEST_SIGNATURE = 4096;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration AFTER_THE_END = Duration.ofSeconds(5);

  private final Path program;
  private final CosignPublicKey publicKey;
  private final Duration patience;

  /**
   * A signer.
   *
   * @param program the executable file
   * @param publicKey the key that verifies its signatures; each one is checked before it is used
   */
  public SignerProgram(Path program, CosignPublicKey publicKey) {
    this(program, publicKey, PATIENCE);
  }

  SignerProgram(Path program, CosignPublicKey publicKey, Duration patience) {
    this.program = Objects.requireNonNull(program, "program");
    this.publicKey = Objects.requireNonNull(publicKey, "publicKey");
    this.patience = Objects.requireNonNull(patience, "patience");
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
          Base64.getDecoder()
              .decode(new String(answer, StandardCharsets.ISO_8859_1).replaceAll("\\s", ""));
      return Optional.of(decoded).filter(der -> publicKey.verifies(message, der));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  private byte[] run(byte[] message) {
    Process process = start();
    // Both at once: the program may write before it has read all.
    FutureTask<byte[]> answer = new FutureTask<>(() -> drain(process.getInputStream()));
    Thread.ofVirtual().name("signer's answer").start(answer);
    Thread.ofVirtual().name("signer's input").start(() -> feed(process, message));
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failed("no end within " + patience.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw failed("exit status " + process.exitValue());
      }
      byte[] found = answer.get(AFTER_THE_END.toMillis(), TimeUnit.MILLISECONDS);
      if (found.length > LONGEST_SIGNATURE) {
        throw failed("more than " + LONGEST_SIGNATURE + " bytes");
      }
      return found;
    } catch (TimeoutException heldOpen) {
      throw failed("a standard output that something it left running keeps open");
    } catch (ExecutionException unreadable) {
      throw failed("output that cannot be read");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw failed("an interrupt");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void feed(Process process, byte[] message) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(message);
    } catch (IOException notRead) {
      // It ended, or needs no input; what it answers tells.
    }
  }

  /** Everything to the end, so that the program is not kept from it; one byte too many is kept. */
  private static byte[] drain(InputStream out) throws IOException {
    byte[] answer = out.readNBytes(LONGEST_SIGNATURE + 1);
    out.transferTo(OutputStream.nullOutputStream());
    return answer;
  }

  private Process start() {
    try {
      return new ProcessBuilder(program.toString())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException absent) {
      throw new ImageException(
          program.toString(),
          "no program that can be run ("
              + ImageException.printable(String.valueOf(absent.getMessage()))
              + ")",
          "an executable file");
    }
  }

  private ImageException failed(String got) {
    return new ImageException(
        program.toString(), got, "exit status 0 and a signature on standard output");
  }
}
