package dev.countersign.approver.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.credential.ServerCertificate;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Metrics by HTTPS for those who may get them; the certificate of files: SecureMetricsIT. */
class SecureMetricsTest {
  private static final InetSocketAddress FREE_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final List<String> reviews = new ArrayList<>();
  private volatile boolean silent;
  private final StringBuilder logged = new StringBuilder();
  private Instant now = Instant.parse("2026-03-04T05:06:07Z");
  private StructuredLog log =
      new StructuredLog(logged, LogFormat.TEXT, StructuredLog.Level.INFO, () -> now);
  private HealthServer server = start();

  @BeforeEach
  void noReviewYet() {
    assertThat(reviews).isEmpty();
  }

  @AfterEach
  void end() {
    server.close();
  }

  private HealthServer start() {
    try {
      return HealthServer.start(
          new HealthServer.Addresses(
              Optional.of(FREE_PORT),
              Optional.of(FREE_PORT),
              Optional.of(ServerCertificate.selfSigned(new SecureRandom(), Instant.now()))),
          new ScrapeAccess(this::authenticate, this::authorize, log, () -> now),
          new Health(List.of(), () -> 0, () -> true),
          new ApproverMetrics(),
          () -> now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Fact<Optional<Requestor>> authenticate(SecretText token) {
    String text = token.reveal(SecretAccess.because("the test knows it"));
    reviews.add("token");
    if (silent) {
      return Fact.unknown("no answer");
    }
    return switch (text) {
      case "good", "poor", "unsure" -> Fact.known(Optional.of(Requestor.of(text, List.of())));
      case "silent" -> Fact.unknown("TokenReview: 403 Forbidden");
      default -> Fact.known(Optional.empty());
    };
  }

  private Fact<AccessReview> authorize(Requestor user) {
    reviews.add(user.username());
    return switch (user.username()) {
      case "good" -> Fact.known(new AccessReview.Allowed());
      case "poor" -> Fact.known(new AccessReview.Refused("no role"));
      default -> Fact.unknown("SubjectAccessReview: 500");
    };
  }

  private String get(String fields) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    InetSocketAddress address = server.metricsAddress().orElseThrow();
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              ("GET /metrics HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void scrape_withoutToken_is401_andNobodyIsAsked() throws Exception {
    assertThat(get(""))
        .startsWith("HTTP/1.1 401 Unauthorized\r\n")
        .contains("WWW-Authenticate: Bearer\r\n")
        .doesNotContain("countersign_");
    assertThat(get("Authorization: Basic Z29vZA==\r\n")).startsWith("HTTP/1.1 401 ");
    assertThat(get("Authorization: Bearer good\r\nAuthorization: Bearer good\r\n"))
        .startsWith("HTTP/1.1 401 ");
    assertThat(reviews).isEmpty();
  }

  @Test
  void scrape_withUnknownToken_is401() throws Exception {
    assertThat(get("Authorization: Bearer guess\r\n")).startsWith("HTTP/1.1 401 ");
    assertThat(reviews).containsExactly("token");
  }

  @Test
  void scrape_withoutRight_is403_andSaysInTheLogWhatToGrant() throws Exception {
    assertThat(get("Authorization: Bearer poor\r\n"))
        .startsWith("HTTP/1.1 403 Forbidden\r\n")
        .doesNotContain("countersign_");
    log.close();
    assertThat(logged.toString()).contains("metrics-forbidden", "poor", "/metrics");
  }

  @Test
  void scrape_withRight_isRemembered_forAMinute() throws Exception {
    assertThat(get("authorization:   bearer good\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("countersign_");
    assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(reviews).containsExactly("token", "good");

    now = now.plus(Duration.ofMinutes(1));
    assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(reviews).containsExactly("token", "good", "token", "good");
  }

  @Test
  void scrape_refused_isAskedAgainAfterTenSeconds() throws Exception {
    get("Authorization: Bearer poor\r\n");
    get("Authorization: Bearer poor\r\n");
    assertThat(reviews).containsExactly("token", "poor");
    now = now.plus(Duration.ofSeconds(10));
    get("Authorization: Bearer poor\r\n");
    assertThat(reviews).hasSize(4);
  }

  @Test
  void scrape_whereTheApiServerDoesNotSay_is503_andAskedAgain() throws Exception {
    assertThat(get("Authorization: Bearer silent\r\n")).startsWith("HTTP/1.1 503 ");
    assertThat(get("Authorization: Bearer silent\r\n")).startsWith("HTTP/1.1 503 ");
    assertThat(get("Authorization: Bearer unsure\r\n")).startsWith("HTTP/1.1 503 ");
    assertThat(reviews).containsExactly("token", "token", "token", "unsure");
    log.close();
    assertThat(logged.toString().lines().filter(line -> line.contains("metrics-access-unknown")))
        .hasSize(2);
    assertThat(logged.toString()).doesNotContain("silent");
  }

  /** What the metrics say is wanted most when the API server is silent. */
  @Test
  void scraperThatWasAllowed_staysSoForAWhile_whereTheApiServerIsSilent() throws Exception {
    assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 200 ");
    silent = true;
    now = now.plus(Duration.ofMinutes(10));
    assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 200 ");
    assertThat(get("Authorization: Bearer poor\r\n")).startsWith("HTTP/1.1 503 ");
    now = now.plus(Duration.ofMinutes(2));
    assertThat(get("Authorization: Bearer good\r\n")).startsWith("HTTP/1.1 503 ");
  }

  @Test
  void guesses_displaceNoScraper() {
    ScrapeAccess access = new ScrapeAccess(this::authenticate, this::authorize, log, () -> now);
    assertThat(access.of(SecretText.of("good"))).isEqualTo(HttpListener.Access.ALLOWED);
    for (int i = 0; i < 300; i++) {
      assertThat(access.of(SecretText.of("guess " + i)))
          .isEqualTo(HttpListener.Access.UNAUTHENTICATED);
    }
    reviews.clear();
    assertThat(access.of(SecretText.of("good"))).isEqualTo(HttpListener.Access.ALLOWED);
    assertThat(reviews).isEmpty();
  }

  @Test
  void plainHttp_getsNoMetrics_andProbesStayPlain() throws Exception {
    assertThat(plain(server.metricsAddress().orElseThrow(), "/metrics"))
        .doesNotContain("countersign_");
    assertThat(plain(server.probesAddress().orElseThrow(), "/livez"))
        .startsWith("HTTP/1.1 200 OK\r\n");
  }

  private static String plain(InetSocketAddress to, String path) throws Exception {
    try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
