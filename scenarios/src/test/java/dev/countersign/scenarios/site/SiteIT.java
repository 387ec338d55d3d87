package dev.countersign.scenarios.site;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import dev.countersign.scenarios.fixture.Chromium;
import dev.countersign.scenarios.fixture.Chromium.Look;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.testkit.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every page of the documentation in Debian's Chromium: on a phone and a desktop, light and dark.
 */
@RequiresTool({"python3", "chromium"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SiteIT {
  private static final Path PICTURES = Path.of("target", "pictures", "site");

  private Path site = Path.of(".");
  private HttpServer server;
  private Chromium chromium;
  private String address = "";

  @BeforeAll
  void build() throws Exception {
    Path root = Path.of("..").toRealPath();
    if (Ran.run(List.of(root.resolve("dev/site").toString(), "--tools")).status() != 0) {
      throw Tools.missing("dev/site --tools: MkDocs Material could not be installed");
    }
    Ran.run(List.of(root.resolve("dev/site").toString())).orThrow();
    site = root.resolve("target/site");
    server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            site,
            SimpleFileServer.OutputLevel.NONE);
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    chromium = Chromium.start();
  }

  @AfterAll
  void close() {
    if (chromium != null) {
      chromium.close();
    }
    if (server != null) {
      server.stop(0);
    }
  }

  private List<String> pages() throws IOException {
    try (Stream<Path> files = Files.walk(site)) {
      return files
          .filter(file -> file.endsWith("index.html"))
          .map(file -> site.relativize(file.resolveSibling(".")).normalize().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void everyPage_noErrorNoRequestOutsideNoFault(Look look) throws IOException {
    List<String> pages = pages();
    assertThat(pages).hasSizeGreaterThan(40);
    List<String> wrong = new ArrayList<>();
    try (Chromium.Opened opened = chromium.open(URI.create(address), look)) {
      Page page = opened.page();
      for (String name : pages) {
        page.navigate(address + (name.isEmpty() ? "" : name + "/"));
        opened.seriousFaults().forEach(fault -> wrong.add(name + ": " + fault));
        Number overflow =
            (Number) page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
        if (overflow.intValue() > 0) {
          wrong.add(name + ": wider than the window by " + overflow + " pixels");
        }
        picture(page, look, name.isEmpty() ? "index" : name);
      }
      opened.errors().forEach(error -> wrong.add("error: " + error));
      opened.requests().stream()
          .filter(request -> !request.startsWith(address) && !request.startsWith("data:"))
          .forEach(request -> wrong.add("request: " + request));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void search_findsThePageOfAWord() {
    try (Chromium.Opened opened = chromium.open(URI.create(address), Look.DESKTOP)) {
      Page page = opened.page();
      page.locator(".md-search__input").click();
      page.keyboard().type("bootstrap token");
      Locator results = page.locator(".md-search-result__link");
      results.first().waitFor();
      assertThat(results.count()).isPositive();
      results.first().click();
      page.waitForURL(url -> !url.equals(address));
      assertThat(page.locator("article").innerText().toLowerCase(Locale.ROOT)).contains("token");
      assertThat(opened.errors()).isEmpty();
    }
  }

  private static void picture(Page page, Look look, String name) throws IOException {
    Path directory =
        Files.createDirectories(PICTURES.resolve(look.name().toLowerCase(Locale.ROOT)));
    page.screenshot(
        new Page.ScreenshotOptions().setPath(directory.resolve(name.replace('/', '_') + ".png")));
  }
}
