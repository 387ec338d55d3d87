package dev.countersign.image.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.image.ImageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials where Podman and Docker keep them: {@code auth.json} and {@code config.json}, with
 * credential helpers (containers-auth.json(5)).
 */
public final class CredentialStore {
  private static final ObjectMapper JSON = new ObjectMapper();

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
        .map(directory -> Path.of(directory, "containers", "auth.json"))
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
      Map<String, JsonNode> helpers = byKey(tree.path("credHelpers"));
      Map<String, JsonNode> entries = byKey(tree.path("auths"));
      for (String key : repository.credentialKeys()) {
        JsonNode helper = helpers.get(key);
        if (helper != null && helper.isTextual()) {
          return ask(file, helper.textValue(), repository.helperKeys());
        }
        JsonNode entry = entries.get(key);
        if (entry != null) {
          Optional<Credentials> found = entry(file, key, entry);
          if (found.isPresent()) {
            return found;
          }
        }
      }
      if (tree.path("credsStore").isTextual()) {
        Optional<Credentials> found =
            ask(file, tree.path("credsStore").textValue(), repository.helperKeys());
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** Entries by the registry or repository they are for, however the key is written. */
  private static Map<String, JsonNode> byKey(JsonNode object) {
    var entries = new HashMap<String, JsonNode>();
    for (var each : object.properties()) {
      // One that is written plainly counts before one with a scheme and a version.
      if (Repository.credentialKey(each.getKey()).equals(each.getKey())) {
        entries.put(each.getKey(), each.getValue());
      } else {
        entries.putIfAbsent(Repository.credentialKey(each.getKey()), each.getValue());
      }
    }
    return entries;
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException unreadable) {
      // The cause is left out: it quotes the file, and the file has secrets.
      throw new ImageException(
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
        throw new ImageException(
            file + " auths." + key, "an auth that is not base64", "base64 of user:password");
      }
      int colon = text.indexOf(':');
      if (colon < 0) {
        throw new ImageException(
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

  /** Asks a helper for the first of the names that it knows. */
  private static Optional<Credentials> ask(Path file, String helper, List<String> servers)
      throws IOException {
    for (String server : servers) {
      Optional<Credentials> found = new CredentialHelper(file, helper).get(server);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
