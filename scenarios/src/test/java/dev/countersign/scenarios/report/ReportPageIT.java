package dev.countersign.scenarios.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.countersign.cluster.report.ClusterPage;
import dev.countersign.cluster.report.ClusterReport;
import dev.countersign.cluster.report.HtmlPage;
import dev.countersign.cluster.report.RequestPage;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.explain.Finding;
import dev.countersign.scenarios.fixture.Chromium;
import dev.countersign.scenarios.fixture.Chromium.Look;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in Debian's Chromium: on a phone and a desktop, light and dark. */
@RequiresTool("chromium")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageIT {
  private static final Path PICTURES = Path.of("target", "pictures");
  private static final int NODES = 5_000;

  private static final String FILTER =
      """
      (text) => {
        const input = document.getElementById("filter");
        input.value = text;
        const start = performance.now();
        input.dispatchEvent(new Event("input"));
        document.body.offsetHeight;
        return performance.now() - start;
      }\
      """;

  /** The tables that can't be seen follow a moment later. */
  private static final String SETTLED =
      "() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)),"
          + " 100))";

  private Chromium chromium;

  @BeforeAll
  void start() {
    chromium = Chromium.start();
  }

  @AfterAll
  void close() {
    chromium.close();
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void smallCluster_everyLook_noErrorNoRequestNoFault(Look look, @TempDir Path directory)
      throws IOException {
    try (Chromium.Opened opened = chromium.open(write(directory, SampleReports.small()), look)) {
      Page page = opened.page();
      assertThat(page.locator("#nodes tbody tr").count()).isEqualTo(12);
      assertThat(opened.seriousFaults()).isEmpty();
      if (look == Look.DESKTOP) {
        page.screenshot(
            new Page.ScreenshotOptions()
                .setPath(directory().resolve("report-docs.png"))
                .setClip(0, 0, 1440, 1500)
                .setFullPage(true));
      }
      picture(page, "report-" + look.name().toLowerCase(Locale.ROOT).replace('_', '-'));
      Number overflow =
          (Number) page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
      assertThat(overflow.intValue()).as("wider than the window").isLessThanOrEqualTo(0);
      assertThat(opened.errors()).isEmpty();
      assertThat(opened.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void request_everyLook_noErrorNoRequestNoFault(Look look, @TempDir Path directory)
      throws IOException {
    String hostile = "\"><img src=x onerror=alert(1)></script><script>alert(2)</script>";
    Finding finding =
        new Finding(
            "SanForeign", "REQUEST", true, "spec.request.san[1]", hostile, hostile, hostile);
    Explanation explanation =
        new Explanation(
            hostile,
            new Explanation.Outcome.Deny(),
            List.of(finding),
            List.of(
                new CheckResult("SansBelongToNode", "REQUEST", Verdict.VIOLATED, List.of(finding)),
                new CheckResult("UsagesAreExact", "REQUEST", Verdict.PASSED, List.of()),
                new CheckResult("NamesResolve", "CLUSTER", Verdict.OFF, List.of())),
            List.of(hostile),
            Optional.of(hostile));
    Path file =
        Files.writeString(
            directory.resolve("request.html"),
            HtmlPage.of(RequestPage.of(explanation, Instant.parse("2026-11-22T09:30:00Z"))));
    try (Chromium.Opened opened = chromium.open(file, look)) {
      Page page = opened.page();
      assertThat(page.locator("#checks tbody tr").count()).isEqualTo(3);
      assertThat(page.locator("dd").first().textContent()).isEqualTo(hostile);
      assertThat(page.locator("img").count()).isZero();
      assertThat(opened.seriousFaults()).isEmpty();
      picture(page, "request-" + look.name().toLowerCase(Locale.ROOT).replace('_', '-'));
      assertThat(opened.errors()).isEmpty();
      assertThat(opened.requests()).hasSize(1);
    }
  }

  @Test
  void keyboard_filterSortAndGroups_doWhatTheySay(@TempDir Path directory) throws IOException {
    try (Chromium.Opened opened =
        chromium.open(write(directory, SampleReports.small()), Look.DESKTOP)) {
      Page page = opened.page();
      Locator rows = page.locator("#nodes tbody tr");
      page.keyboard().press("/");
      page.keyboard().type("WORKER-7 tls");
      assertThat(rows.count()).isZero();
      assertThat(page.locator("#nodes").innerText()).contains("No row matches the filter.");
      page.keyboard().press("Escape");
      page.keyboard().type("worker-7");
      assertThat(rows.count()).isEqualTo(1);
      assertThat(page.getByRole(AriaRole.STATUS).innerText()).contains("1 of 12 nodes");
      page.keyboard().press("Escape");
      assertThat(rows.count()).isEqualTo(12);

      Locator heading = page.locator("#nodes thead th").first();
      heading.locator("button").focus();
      page.keyboard().press("Enter");
      assertThat(heading.getAttribute("aria-sort")).isEqualTo("ascending");
      assertThat(rows.first().locator("th").innerText()).isEqualTo("controller-0");
      page.keyboard().press("Enter");
      assertThat(heading.getAttribute("aria-sort")).isEqualTo("descending");
      assertThat(rows.first().locator("th").innerText()).isEqualTo("worker-8");

      Locator expired =
          page.locator("#nodes .groups button", new Page.LocatorOptions().setHasText("expired"));
      expired.focus();
      page.keyboard().press("Space");
      assertThat(expired.getAttribute("aria-pressed")).isEqualTo("true");
      assertThat(rows.allInnerTexts()).singleElement().asString().contains("worker-6");
      page.keyboard().press("Space");
      assertThat(rows.count()).isEqualTo(12);
      assertThat(opened.errors()).isEmpty();
    }
  }

  @Test
  void sortAndGroupOfOneTable_leaveTheOthersWhereTheyAre(@TempDir Path directory)
      throws IOException {
    try (Chromium.Opened opened =
        chromium.open(write(directory, SampleReports.large(350)), Look.DESKTOP)) {
      Page page = opened.page();
      Locator shown = page.locator("#addresses .pages span");
      page.locator("#addresses .pages button").last().click();
      assertThat(shown.textContent()).isEqualTo("rows 51 to 100 of 700");
      page.locator("#nodes thead button").first().click();
      assertThat(shown.textContent()).isEqualTo("rows 51 to 100 of 700");
      page.locator("#requests .groups button").first().click();
      assertThat(shown.textContent()).isEqualTo("rows 51 to 100 of 700");
      assertThat(page.getByRole(AriaRole.STATUS).innerText())
          .contains("350 of 350 nodes", "of 35 requests");
      assertThat(opened.errors()).isEmpty();
    }
  }

  /** The page's own processor time is compared, as other work goes on beside a test. */
  @Test
  void largeCluster_opensAndFilters_soonEnough(@TempDir Path directory) throws IOException {
    Path file = write(directory, SampleReports.large(NODES));
    double megabytes = Files.size(file) / 1e6;
    assertThat(megabytes).isLessThanOrEqualTo(10);
    long start = System.nanoTime();
    try (Chromium.Opened opened = chromium.open(file, Look.DESKTOP)) {
      assertThat(opened.page().locator("#nodes tbody tr").count()).isEqualTo(50);
      double opening = opened.threadMillis();
      System.err.printf(
          "%d nodes: %.2f MB, opens in %.0f ms of a processor, %.0f ms in all%n",
          NODES, megabytes, opening, (System.nanoTime() - start) / 1e6);
      assertThat(opening).isBetween(1.0, 2000.0);
      for (String text : List.of("10-0-19-", "compute ip-10-0-7-7.eu", "1", "")) {
        double best = Double.MAX_VALUE;
        for (int attempt = 0; attempt < 4; attempt++) {
          opened.page().evaluate(FILTER, "no such row");
          opened.page().evaluate(SETTLED);
          double before = opened.threadMillis();
          Number all = (Number) opened.page().evaluate(FILTER, text);
          double took = opened.threadMillis() - before;
          best = Math.min(best, took);
          System.err.printf(
              "filter %-24s %.0f ms of a processor, %.0f ms in all%n",
              "\"" + text + "\"", took, all.doubleValue());
        }
        assertThat(best).as(text).isLessThanOrEqualTo(100);
      }
      picture(opened.page(), "report-5000");
      assertThat(opened.seriousFaults()).isEmpty();
      assertThat(opened.errors()).isEmpty();
    }
  }

  @Test
  void print_showsEveryRow_andThePageAfterwards(@TempDir Path directory) throws IOException {
    try (Chromium.Opened opened =
        chromium.open(write(directory, SampleReports.large(350)), Look.DESKTOP_DARK)) {
      Page page = opened.page();
      page.evaluate("dispatchEvent(new Event('beforeprint'))");
      assertThat(page.locator("#nodes tbody tr").count()).isEqualTo(350);
      page.evaluate("dispatchEvent(new Event('afterprint'))");
      assertThat(page.locator("#nodes tbody tr").count()).isEqualTo(50);
      Files.createDirectories(PICTURES);
      page.pdf(
          new Page.PdfOptions().setPath(PICTURES.resolve("report.pdf")).setPreferCSSPageSize(true));
      assertThat(opened.errors()).isEmpty();
    }
  }

  /** Each would say so by a dialog, an error, a request or a title of its own if it ran. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "]]></script><img src=x onerror=alert(1)>",
        "\"><img src=https://example.com/x onerror=alert(1)>",
        "javascript:alert(1)",
        "<svg/onload=alert(1)>",
        "'-alert(1)-'",
        "\\u003cscript>alert(1)</script>",
        "<style>*{background:url(https://example.com/x)}</style>",
        "<meta http-equiv=refresh content='0;url=https://example.com'>",
        "<base href=https://example.com>",
        "\u2028\u2029\u202e\u0000\u001b[31m\ud800<b>",
        "__proto__",
        "constructor"
      })
  void hostileText_everywhere_isShown(String text, @TempDir Path directory) throws IOException {
    try (Chromium.Opened opened =
        chromium.open(write(directory, SampleReports.hostile(text)), Look.DESKTOP)) {
      Page page = opened.page();
      for (String section : new String[] {"findings", "nodes", "requests", "tokens", "missing"}) {
        assertThat(page.locator("#" + section + " tbody tr").count()).as(section).isPositive();
      }
      assertThat(
              page.locator("img, base, iframe, object, embed, b, script:not([id]) ~ script")
                  .count())
          .isZero();
      if (text.chars().allMatch(point -> point >= ' ' && point <= '~')) {
        assertThat(page.locator("#nodes tbody th").first().textContent()).isEqualTo(text);
      }
      assertThat(opened.errors()).isEmpty();
      assertThat(opened.requests()).hasSize(1);
    }
  }

  /** What the page's own policy stops, should markup ever get in: shown by putting it in. */
  @Test
  void foreignScriptStyleAndImage_areStoppedByThePagesPolicy(@TempDir Path directory)
      throws IOException {
    Path file = write(directory, SampleReports.small());
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "<noscript>",
                "<script>document.title = 'ran'</script><img src=https://example.com/x"
                    + " onerror=\"document.title = 'ran'\"><noscript>"));
    try (Chromium.Opened opened = chromium.open(file, Look.DESKTOP)) {
      assertThat(opened.page().title()).startsWith("Node identities");
      assertThat(String.join("\n", opened.errors())).contains("Content Security Policy");
    }
  }

  private static Path directory() throws IOException {
    return Files.createDirectories(PICTURES);
  }

  private static Path write(Path directory, ClusterReport report) throws IOException {
    return Files.writeString(directory.resolve("report.html"), HtmlPage.of(ClusterPage.of(report)));
  }

  private static void picture(Page page, String name) throws IOException {
    Files.createDirectories(PICTURES);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")).setFullPage(true));
  }
}
