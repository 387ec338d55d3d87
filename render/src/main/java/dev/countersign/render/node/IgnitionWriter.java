package dev.countersign.render.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Writes Ignition 3.3.0 (coreos.github.io/ignition, configuration-v3_3), as Butane's rules
 * translate the same machine: contents become data URLs (RFC 2397), escaped or in base64, whichever
 * is shorter.
 */
final class IgnitionWriter {
  private static final JsonFactory JSON = new JsonFactory();
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private IgnitionWriter() {}

  /**
   * Writes a machine.
   *
   * @param version one that reads what is written here: 3.3.0 or a later 3
   */
  static String write(NodeConfig config, String version) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("ignition");
      json.writeStringField("version", version);
      json.writeEndObject();
      if (!config.sshAuthorizedKeys().isEmpty()) {
        users(json, config);
      }
      storage(json, config);
      if (!config.units().isEmpty()) {
        systemd(json, config);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  private static void users(JsonGenerator json, NodeConfig config) throws IOException {
    json.writeObjectFieldStart("passwd");
    json.writeArrayFieldStart("users");
    json.writeStartObject();
    json.writeStringField("name", "core");
    json.writeArrayFieldStart("sshAuthorizedKeys");
    for (String key : config.sshAuthorizedKeys()) {
      json.writeString(key);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void storage(JsonGenerator json, NodeConfig config) throws IOException {
    json.writeObjectFieldStart("storage");
    if (!config.directories().isEmpty()) {
      json.writeArrayFieldStart("directories");
      for (NodeConfig.Directory directory : config.directories()) {
        json.writeStartObject();
        json.writeStringField("path", directory.path());
        json.writeNumberField("mode", directory.mode());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeArrayFieldStart("files");
    for (NodeFile file : config.files()) {
      json.writeStartObject();
      if (file.overwrite()) {
        json.writeBooleanField("overwrite", true);
      }
      json.writeStringField("path", file.path());
      json.writeObjectFieldStart("contents");
      // Said in so many words, so that no parent configuration's compression is inherited.
      json.writeStringField("compression", "");
      json.writeStringField("source", dataUrl(file.content()));
      json.writeEndObject();
      json.writeNumberField("mode", file.mode());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void systemd(JsonGenerator json, NodeConfig config) throws IOException {
    json.writeObjectFieldStart("systemd");
    json.writeArrayFieldStart("units");
    for (Unit unit : config.units()) {
      json.writeStartObject();
      if (unit.contents().isPresent()) {
        json.writeStringField("contents", unit.contents().get());
      }
      if (!unit.dropIns().isEmpty()) {
        json.writeArrayFieldStart("dropins");
        for (Unit.DropIn dropIn : unit.dropIns()) {
          json.writeStartObject();
          json.writeStringField("contents", dropIn.contents());
          json.writeStringField("name", dropIn.name());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      switch (unit.state()) {
        case ENABLED -> json.writeBooleanField("enabled", true);
        case MASKED -> json.writeBooleanField("mask", true);
        case STATIC -> {}
      }
      json.writeStringField("name", unit.name());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String dataUrl(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder escaped = new StringBuilder("data:,");
    for (byte each : bytes) {
      char c = (char) (each & 255);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "-_.~".indexOf(c) >= 0) {
        escaped.append(c);
      } else {
        escaped.append("%").append(HEX.toHexDigits(each));
      }
    }
    String base64 = "data:;base64," + Base64.getEncoder().encodeToString(bytes);
    return base64.length() < escaped.length() ? base64 : escaped.toString();
  }
}
