package dev.countersign.cluster.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.common.Bytes;
import dev.countersign.testkit.GoldenFiles;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlPageTest {
  private static final Instant NOW = Instant.parse("2026-11-22T09:30:00Z");
  private static final Pattern DATA =
      Pattern.compile(
          "<script id=\"data\" type=\"application/json\">(.*?)</script>", Pattern.DOTALL);

  /** A page whose every text, but those of its layout, is that one. */
  private static Page page(String text) {
    CertificateValidity life =
        new CertificateValidity(Optional.of(NOW.minusSeconds(1000)), NOW.plusSeconds(9000));
    return new Page(
        text,
        NOW,
        List.of(new Page.Fact(text, text)),
        List.of(
            new Page.Section(
                "all",
                "All",
                "Every kind of cell.",
                "None.",
                List.of("A", "B", "C", "D", "E", "F", "G", "H"),
                Optional.of("D"),
                List.of(
                    List.of(
                        new Cell.Text(text),
                        new Cell.Code(text),
                        new Cell.Items(List.of(text, text)),
                        new Cell.State(Cell.Level.WARNING, text),
                        new Cell.Moment(Optional.of(NOW)),
                        new Cell.Validity(Optional.of(life)),
                        new Cell.Validity(Optional.empty()),
                        new Cell.TimeLine(
                            Optional.of(life),
                            Optional.of(new CertificateValidity(Optional.empty(), NOW))))))));
  }

  private static JsonNode data(String html) throws Exception {
    Matcher block = DATA.matcher(html);
    assertThat(block.find()).isTrue();
    return new ObjectMapper().readTree(block.group(1));
  }

  /** Style and script are files themselves. */
  @Test
  void of_smallPage_isTheGoldenFile() {
    String html =
        HtmlPage.of(page("text"))
            .replaceAll("(?s)<(style|script)>.*?</", "<$1></")
            .replaceAll("sha256-[^']+", "sha256-HASH");
    GoldenFiles.in("src/test/golden/report").assertMatches("page.html", html);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "</SCRIPT\t>",
        "<img src=x onerror=alert(1)>",
        "\"><b>",
        "&lt;&#60;",
        "${1} \\u003c %s"
      })
  void of_markupInEveryText_isDataAndNothingElse(String text) throws Exception {
    String html = HtmlPage.of(page(text));

    JsonNode data = data(html);
    assertThat(data.path("title").asText()).isEqualTo(text.replace("\t", "\\t"));

    Matcher block = DATA.matcher(html);
    assertThat(block.find()).isTrue();
    assertThat(block.group(1)).doesNotContain("<").matches("[ -~]*");

    assertThat(DATA.matcher(html).replaceFirst(""))
        .isEqualTo(DATA.matcher(HtmlPage.of(page("honest"))).replaceFirst(""));
  }

  /** Controls, bidi marks and halves of characters are shown as what they are. */
  @Test
  void of_charactersWithoutAForm_areEscapedForReaders() throws Exception {
    String html = HtmlPage.of(page("a\u202eb\u0000\u001b\u2028\ud800\u007f"));

    assertThat(html.chars()).allMatch(point -> point == '\n' || (point >= ' ' && point <= '~'));
    assertThat(data(html).path("title").asText())
        .isEqualTo("a\\u202eb\\u0000\\u001b\\u2028\\ud800\\u007f");
  }

  @Test
  void of_anyPage_allowsItsOwnScriptAndStyleAndNothingElse() {
    String html = HtmlPage.of(page("text"));

    assertThat(html)
        .contains(
            "default-src 'none'; script-src '"
                + hash(html, "\n<script>", "</script>")
                + "'; style-src '"
                + hash(html, "<style>", "</style>")
                + "'; base-uri 'none'; form-action 'none'");
    assertThat(html).doesNotContain("src=", "href=\"http", "url(", "@import", "style=");
  }

  private static String hash(String html, String from, String to) {
    int start = html.indexOf(from) + from.length();
    byte[] content =
        html.substring(start, html.indexOf(to, start)).getBytes(StandardCharsets.UTF_8);
    return "sha256-"
        + Base64.getEncoder().encodeToString(Bytes.copyOf(content).sha256().toByteArray());
  }
}
