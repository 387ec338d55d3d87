package dev.countersign.render.node;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.text.PercentEncoding;
import dev.countersign.render.node.Owner.Principal;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Writes Ignition 3.3.0 (coreos.github.io/ignition, configuration-v3_3), as Butane's rules
 * translate the same machine: contents become data URLs (RFC 2397), escaped or in base64, whichever
 * is shorter.
 */
final class IgnitionWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final JsonGenerator json;

  private IgnitionWriter(JsonGenerator json) {
    this.json = json;
  }

  /**
   * Writes a machine.
   *
   * @param version one that reads what is written here: 3.3.0 or a later 3
   */
  static String write(NodeConfig config, String version) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      new IgnitionWriter(json).machine(config, version);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  /** Writes an item of a list. */
  private interface Item<T> {
    void write(T item) throws IOException;
  }

  private void machine(NodeConfig config, String version) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("ignition");
    json.writeStringField("version", version);
    json.writeEndObject();
    if (!config.users().isEmpty()) {
      json.writeObjectFieldStart("passwd");
      objects("users", config.users(), this::user);
      json.writeEndObject();
    }
    json.writeObjectFieldStart("storage");
    objects("directories", config.directories(), this::directory);
    objects("files", config.files(), this::file);
    objects("links", config.links(), this::link);
    json.writeEndObject();
    if (!config.units().isEmpty()) {
      json.writeObjectFieldStart("systemd");
      objects("units", config.units(), this::unit);
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private <T> void objects(String name, List<T> items, Item<T> item) throws IOException {
    if (items.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (T each : items) {
      json.writeStartObject();
      item.write(each);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void texts(String name, List<String> texts) throws IOException {
    if (texts.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  private void text(String name, Optional<String> text) throws IOException {
    if (text.isPresent()) {
      json.writeStringField(name, text.get());
    }
  }

  private void truth(String name, Optional<Boolean> truth) throws IOException {
    if (truth.isPresent()) {
      json.writeBooleanField(name, truth.get());
    }
  }

  private void number(String name, Optional<Integer> number) throws IOException {
    if (number.isPresent()) {
      json.writeNumberField(name, number.get());
    }
  }

  private void user(NodeUser user) throws IOException {
    json.writeStringField("name", user.name());
    text(
        "passwordHash",
        user.passwordHash()
            .map(hash -> hash.reveal(SecretAccess.because("written into a node's configuration"))));
    texts("sshAuthorizedKeys", user.sshAuthorizedKeys());
    number("uid", user.uid());
    texts("groups", user.groups());
    for (String name : user.texts().keySet()) {
      text(SnippetParser.camelCase(name), Optional.ofNullable(user.texts().get(name)));
    }
    for (String name : user.flags().keySet()) {
      truth(SnippetParser.camelCase(name), Optional.ofNullable(user.flags().get(name)));
    }
  }

  private void directory(NodeDirectory directory) throws IOException {
    truth("overwrite", directory.overwrite());
    json.writeStringField("path", directory.path());
    owner(directory.owner());
    number("mode", directory.mode());
  }

  private void file(NodeFile file) throws IOException {
    truth("overwrite", file.overwrite());
    json.writeStringField("path", file.path());
    owner(file.owner());
    if (file.contents().isPresent()) {
      json.writeObjectFieldStart("contents");
      contents(file.contents().get());
      json.writeEndObject();
    }
    objects("append", file.append(), this::contents);
    number("mode", file.mode());
  }

  private void contents(FileContents contents) throws IOException {
    switch (contents) {
      case FileContents.Inline inline -> {
        // Said in so many words, so that no parent configuration's compression is inherited.
        json.writeStringField("compression", "");
        json.writeStringField("source", dataUrl(inline.reveal()));
      }
      case FileContents.Source source -> {
        text("compression", source.compression());
        json.writeStringField("source", source.reveal());
        if (source.hash().isPresent()) {
          json.writeObjectFieldStart("verification");
          text("hash", source.hash());
          json.writeEndObject();
        }
      }
    }
  }

  private void link(NodeLink link) throws IOException {
    truth("overwrite", link.overwrite());
    json.writeStringField("path", link.path());
    owner(link.owner());
    truth("hard", link.hard());
    json.writeStringField("target", link.target());
  }

  private void owner(Owner owner) throws IOException {
    principal("user", owner.user());
    principal("group", owner.group());
  }

  private void principal(String name, Principal principal) throws IOException {
    if (!principal.equals(Principal.UNSET)) {
      json.writeObjectFieldStart(name);
      number("id", principal.id());
      text("name", principal.name());
      json.writeEndObject();
    }
  }

  private void unit(Unit unit) throws IOException {
    text("contents", unit.contents());
    objects(
        "dropins",
        unit.dropIns(),
        dropIn -> {
          json.writeStringField("contents", dropIn.contents());
          json.writeStringField("name", dropIn.name());
        });
    truth("enabled", unit.enabled());
    truth("mask", unit.mask());
    json.writeStringField("name", unit.name());
  }

  private static String dataUrl(String text) {
    String escaped = "data:," + PercentEncoding.encode(text);
    String base64 =
        "data:;base64," + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return base64.length() < escaped.length() ? base64 : escaped;
  }
}
