package dev.countersign.image.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.image.ImageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program {@code docker-credential-NAME} that keeps credentials: a server's name goes in, JSON
 * comes out.
 *
 * @param file the auth file that names it, for messages
 * @param directory where the program is; empty for one on the PATH
 */
record CredentialHelper(Path file, String name, String directory) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = 30;
  private static final int LONGEST_ANSWER = 1 << 16;

  /** What helpers answer where they know no such server (docker-credential-helpers). */
  private static final String NOT_FOUND = "credentials not found";

  CredentialHelper {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw new ImageException(
          file + " credential helper", name, "a helper's name without its prefix");
    }
  }

  CredentialHelper(Path file, String name) {
    this(file, name, "");
  }

  private String program() {
    return "docker-credential-" + name;
  }

  /**
   * The credentials for a server; nothing where the helper has none.
   *
   * @throws IOException where it cannot be run, or ends with another error: its own words are told
   */
  Optional<Credentials> get(String server) throws IOException {
    Process process = start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(server.getBytes(StandardCharsets.UTF_8));
      } catch (IOException closed) {
        // It may end without having read its input; what it says counts.
      }
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            program() + ": got no answer for " + server + " in " + SECONDS + " s; want one");
      }
      String answer = read(process.getInputStream());
      if (process.exitValue() == 0) {
        return parse(answer);
      }
      // Helpers say what is wrong on standard output; the wrappers around them on standard error.
      String said = answer.isBlank() ? read(process.getErrorStream()) : answer;
      if (said.contains(NOT_FOUND)) {
        return Optional.empty();
      }
      throw new IOException(
          program()
              + " get "
              + server
              + ": got exit status "
              + process.exitValue()
              + (said.isBlank() ? "" : ", saying " + ImageException.printable(said.strip()))
              + "; want credentials; it is named in "
              + file);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    try {
      return new ProcessBuilder(
              directory.isEmpty() ? program() : directory + "/" + program(), "get")
          .start();
    } catch (IOException absent) {
      throw new IOException(
          program() + ": got no such program; want it on the PATH; it is named in " + file, absent);
    }
  }

  private static String read(java.io.InputStream in) throws IOException {
    return new String(in.readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8);
  }

  private Optional<Credentials> parse(String answer) {
    JsonNode tree;
    try {
      tree = JSON.readTree(answer);
    } catch (JsonProcessingException unreadable) {
      // The cause is left out: it quotes the answer, and the answer has secrets.
      throw new ImageException(program(), "text that is not JSON", "JSON");
    }
    String secret = tree.path("Secret").asText();
    return secret.isEmpty()
        ? Optional.empty()
        : Optional.of(
            tree.path("Username").asText().equals("<token>")
                ? Credentials.ofIdentityToken(secret)
                : Credentials.ofPassword(tree.path("Username").asText(), secret));
  }
}
