package dev.countersign.approver.lookup;

import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.fact.Fact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Texts that a policy names: files, and keys of ConfigMaps. */
final class TextSources {
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private TextSources() {}

  /** A file's text. */
  static Fact<String> file(String path) {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      return bytes.length > MOST_BYTES
          ? Fact.unknown(path + ": more than " + MOST_BYTES + " bytes")
          : Fact.known(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Fact.unknown(path + ": bytes that are not UTF-8");
    } catch (IOException e) {
      return Fact.unknown(path + ": cannot be read");
    }
  }

  /** How a ConfigMap is called in messages. */
  static String configMap(String namespace, String name) {
    return "ConfigMap " + namespace + "/" + name;
  }

  /** The text under a key of a ConfigMap. */
  static Fact<String> configMap(ClusterSource cluster, String namespace, String name, String key) {
    String where = configMap(namespace, name);
    return switch (cluster.get(
        ConfigMapObject.path(namespace, name),
        parser -> JsonReading.stringAt(parser, "data", key))) {
      case ApiResult.Done<Optional<String>>(Optional<String> text) ->
          text.map(Fact::known).orElseGet(() -> Fact.unknown(where + ": has no key " + key));
      case ApiResult.Refused<Optional<String>>(ApiStatus status) ->
          Fact.unknown(
              where
                  + ": "
                  + (status.reason() == StatusReason.FORBIDDEN ? "let the approver get it: " : "")
                  + status);
      case ApiResult.Unreachable<Optional<String>>(String why) -> Fact.unknown(where + ": " + why);
    };
  }
}
