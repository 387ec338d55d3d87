package dev.countersign.image.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.image.ImageRefusal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Credentials where Podman and Docker keep them: {@code auth.json} and {@code config.json}, with
 * credential helpers (containers-auth.json(5)).
 */
public final class CredentialStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long HELPER_SECONDS = 30;

  private final List<Path> files;

  /** Looks into these files, in order; those that are not there are passed over. */
  public CredentialStore(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /** The files Podman and Docker would look into. */
  public static CredentialStore ofEnvironment(Map<String, String> environment, Path home) {
    var files = new ArrayList<Path>();
    Optional.ofNullable(environment.get("REGISTRY_AUTH_FILE")).map(Path::of).ifPresent(files::add);
    Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
        .map(folder -> Path.of(folder, "containers", "auth.json"))
        .ifPresent(files::add);
    files.add(home.resolve(".config").resolve("containers").resolve("auth.json"));
    files.add(
        Optional.ofNullable(environment.get("DOCKER_CONFIG"))
            .map(Path::of)
            .orElse(home.resolve(".docker"))
            .resolve("config.json"));
    return new CredentialStore(files);
  }

  /**
   * The credentials for a repository; nothing where none are kept.
   *
   * @throws IOException where a file cannot be read or a helper does not answer
   */
  public Optional<Credentials> find(Repository repository) throws IOException {
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        continue;
      }
      JsonNode tree = read(file);
      for (String key : repository.credentialKeys()) {
        JsonNode helper = tree.path("credHelpers").path(key);
        if (helper.isTextual()) {
          return ask(helper.textValue(), key);
        }
        Optional<Credentials> found = entry(file, key, tree.path("auths").path(key));
        if (found.isPresent()) {
          return found;
        }
      }
      if (tree.path("credsStore").isTextual()) {
        for (String key : repository.credentialKeys()) {
          Optional<Credentials> found = ask(tree.path("credsStore").textValue(), key);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException unreadable) {
      // The cause is left out: it quotes the file, and the file has secrets.
      throw new ImageRefusal(
          file.toString(),
          "text that is not JSON near line " + unreadable.getLocation().getLineNr(),
          "an auth file of Podman or Docker");
    }
  }

  private static Optional<Credentials> entry(Path file, String key, JsonNode node) {
    if (node.path("identitytoken").isTextual() && !node.path("identitytoken").asText().isEmpty()) {
      return Optional.of(Credentials.ofIdentityToken(node.path("identitytoken").textValue()));
    }
    if (node.path("auth").isTextual()) {
      String text;
      try {
        text =
            new String(
                Base64.getDecoder().decode(node.path("auth").textValue()), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException unreadable) {
        throw new ImageRefusal(
            file + " auths." + key, "an auth that is not base64", "base64 of user:password");
      }
      int colon = text.indexOf(':');
      if (colon < 0) {
        throw new ImageRefusal(
            file + " auths." + key, "an auth without a colon", "base64 of user:password");
      }
      return Optional.of(
          Credentials.ofPassword(
              text.substring(0, colon), text.substring(colon + 1).replace("\0", "")));
    }
    if (node.path("username").isTextual() && node.path("password").isTextual()) {
      return Optional.of(
          Credentials.ofPassword(
              node.path("username").textValue(), node.path("password").textValue()));
    }
    return Optional.empty();
  }

  /** docker-credential-NAME get: the server's name goes in, JSON comes out. */
  private static Optional<Credentials> ask(String helper, String server) throws IOException {
    if (!helper.matches("[A-Za-z0-9._-]+")) {
      throw new ImageRefusal("credential helper", helper, "a helper's name without its prefix");
    }
    Process process =
        new ProcessBuilder("docker-credential-" + helper, "get")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(server.getBytes(StandardCharsets.UTF_8));
      }
      byte[] answer = process.getInputStream().readNBytes(1 << 16);
      if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("docker-credential-" + helper + " did not end");
      }
      if (process.exitValue() != 0) {
        return Optional.empty();
      }
      JsonNode tree;
      try {
        tree = JSON.readTree(answer);
      } catch (JsonProcessingException unreadable) {
        throw new ImageRefusal("docker-credential-" + helper, "text that is not JSON", "JSON");
      }
      String user = tree.path("Username").asText();
      String secret = tree.path("Secret").asText();
      return secret.isEmpty()
          ? Optional.empty()
          : Optional.of(
              user.equals("<token>")
                  ? Credentials.ofIdentityToken(secret)
                  : Credentials.ofPassword(user, secret));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } finally {
      process.destroy();
    }
  }
}
