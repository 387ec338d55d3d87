package dev.countersign.testbed.machine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.common.Bytes;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an Ignition file (spec 3.x) puts on a machine: files, and the text of systemd units.
 *
 * @param files in order
 * @param directories in order
 * @param units by name; those without a text of their own are left out
 */
public record IgnitionConfig(
    List<Entry> files, List<Entry> directories, Map<String, UnitFile> units) {

  /**
   * A file or a directory; its content may be a secret and is not printed.
   *
   * @param path absolute
   * @param mode permission bits
   * @param content empty for a directory
   */
  public record Entry(String path, int mode, Bytes content) {
    @Override
    public String toString() {
      return path;
    }
  }

  /** Copies. */
  public IgnitionConfig {
    files = List.copyOf(files);
    directories = List.copyOf(directories);
    units = Map.copyOf(units);
  }

  /**
   * Reads one that was rendered: contents are inline ({@code data:}, RFC 2397) and not compressed.
   *
   * @throws IllegalArgumentException where it is anything else
   */
  public static IgnitionConfig parse(String json) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("ignition: got something else; want JSON", e);
    }
    List<Entry> files = new ArrayList<>();
    for (JsonNode each : root.path("storage").path("files")) {
      JsonNode contents = each.path("contents");
      if (!contents.path("compression").asText("").isEmpty()) {
        throw new IllegalArgumentException(
            "ignition: got compressed contents in " + each.path("path").asText());
      }
      files.add(
          new Entry(
              each.path("path").asText(),
              each.path("mode").asInt(0644),
              data(contents.path("source").asText(""))));
    }
    List<Entry> directories = new ArrayList<>();
    for (JsonNode each : root.path("storage").path("directories")) {
      directories.add(
          new Entry(each.path("path").asText(), each.path("mode").asInt(0755), Bytes.ofUtf8("")));
    }
    Map<String, UnitFile> units = new LinkedHashMap<>();
    for (JsonNode each : root.path("systemd").path("units")) {
      if (each.hasNonNull("contents")) {
        List<String> dropIns = new ArrayList<>();
        each.path("dropins").forEach(dropIn -> dropIns.add(dropIn.path("contents").asText("")));
        units.put(
            each.path("name").asText(), UnitFile.parse(each.path("contents").asText(), dropIns));
      }
    }
    return new IgnitionConfig(files, directories, units);
  }

  private static Bytes data(String url) {
    int comma = url.indexOf(',');
    if (!url.startsWith("data:") || comma < 0) {
      throw new IllegalArgumentException("ignition: got a source that is not inline; want data:");
    }
    String body = url.substring(comma + 1);
    return url.substring(0, comma).endsWith(";base64")
        ? Bytes.copyOf(Base64.getDecoder().decode(body))
        // RFC 2397 has no plus sign for a blank, as forms do.
        : Bytes.ofUtf8(URLDecoder.decode(body.replace("+", "%2B"), StandardCharsets.UTF_8));
  }
}
