package dev.countersign.cluster.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.common.Bytes;
import dev.countersign.common.text.SafeText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a {@link Page} as one HTML file that asks nobody for anything.
 *
 * <p>What it shows is JSON in a data block, ASCII without {@code <}, so that no text in it can end
 * the block; the page's script shows it as text. The Content-Security-Policy names the hashes of
 * that script and that style and forbids the rest.
 */
public final class HtmlPage {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private HtmlPage() {}

  /** The whole file, in ASCII. */
  public static String of(Page page) {
    String style = resource("page.css");
    String script = resource("page.js");
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <meta name="color-scheme" content="light dark">
    <title>countersign report</title>
    <style>\
    """
            .formatted(hash(script), hash(style))
        + style
        + "</style>\n"
        + "</head>\n"
        + "<body>\n"
        + "<noscript><p>This page needs JavaScript to show its tables. Enable it, or run the"
        + " command without HTML output to see the results in a terminal.</p></noscript>\n"
        + "<script id=\"data\" type=\"application/json\">"
        + data(page)
        + "</script>\n<script>"
        + script
        + "</script>\n</body>\n</html>\n";
  }

  private static String data(Page page) {
    ObjectNode root = NODES.objectNode();
    root.put("title", SafeText.line(page.title()));
    root.put("at", page.at().getEpochSecond());
    ArrayNode facts = root.putArray("facts");
    for (Page.Fact fact : page.facts()) {
      facts.addArray().add(SafeText.line(fact.term())).add(SafeText.line(fact.text()));
    }
    ArrayNode sections = root.putArray("sections");
    for (Page.Section section : page.sections()) {
      ObjectNode one = sections.addObject();
      one.put("id", section.id());
      one.put("title", section.title());
      one.put("note", section.note());
      one.put("empty", section.empty());
      one.put("group", section.group().map(section.columns()::indexOf).orElse(-1));
      ArrayNode columns = one.putArray("columns");
      section.columns().forEach(columns::add);
      ArrayNode rows = one.putArray("rows");
      section
          .rows()
          .forEach(
              row -> {
                ArrayNode cells = rows.addArray();
                row.forEach(cell -> add(cells, cell));
              });
    }
    try {
      // outside of its strings JSON has no "<"; DEL is ASCII, which Jackson leaves as it is
      return JSON.writeValueAsString(root).replace("<", "\\u003c").replace("\u007f", "\\u007f");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers is always writable", e);
    }
  }

  /** A cell is an array of the kind and its values, as page.js reads them. */
  private static void add(ArrayNode cells, Cell cell) {
    switch (cell) {
      case Cell.Text(String text) -> cells.addArray().add("text").add(SafeText.line(text));
      case Cell.Code(String text) -> cells.addArray().add("code").add(SafeText.line(text));
      case Cell.Items(var items) -> {
        ArrayNode all = cells.addArray().add("items");
        items.forEach(item -> all.add(SafeText.line(item)));
      }
      case Cell.Moment(Optional<Instant> at) -> addTime(cells.addArray().add("time"), at);
      case Cell.State(Cell.Level level, String word) ->
          cells
              .addArray()
              .add("state")
              .add(SafeText.line(word))
              .add(level.name().toLowerCase(Locale.ROOT));
      case Cell.Validity(Optional<CertificateValidity> certificate) ->
          addValidity(cells.addArray().add("life"), certificate);
      case Cell.TimeLine(
              Optional<CertificateValidity> serving,
              Optional<CertificateValidity> client) -> {
        ArrayNode line = cells.addArray().add("line");
        addValidity(line.addArray(), serving);
        addValidity(line.addArray(), client);
      }
    }
  }

  private static void addValidity(ArrayNode to, Optional<CertificateValidity> certificate) {
    if (certificate.isPresent()) {
      addTime(to, certificate.get().notBefore());
      addTime(to, certificate.get().renewsFrom());
      addTime(to, certificate.get().renewsUntil());
      addTime(to, Optional.of(certificate.get().notAfter()));
    }
  }

  private static void addTime(ArrayNode to, Optional<Instant> at) {
    at.ifPresentOrElse(moment -> to.add(moment.getEpochSecond()), to::addNull);
  }

  private static String hash(String text) {
    return "sha256-"
        + Base64.getEncoder().encodeToString(Bytes.ofUtf8(text).sha256().toByteArray());
  }

  private static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(HtmlPage.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
