package dev.countersign.approver.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.policy.fact.Fact;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthServerTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final InetSocketAddress FREE_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final InstantSource CLOCK = () -> Instant.parse("2026-03-04T05:06:07Z");
  private static final HttpListener.Limits LIMITS = HttpListener.Limits.defaults();
  private static final HttpListener.Limits SHORT =
      new HttpListener.Limits(
          LIMITS.connections(), LIMITS.perClient(), Duration.ofSeconds(1), LIMITS.headBytes());

  private final List<Socket> sockets = new ArrayList<>();
  private Optional<HealthServer> started = Optional.empty();

  private HealthServer start(HealthServer.Addresses addresses, HttpListener.Limits limits)
      throws IOException {
    Health health = new Health(List.of(), () -> 0, () -> true);
    HealthServer server =
        HealthServer.start(
            addresses,
            new ScrapeAccess(
                _ -> Fact.unknown("not asked"),
                _ -> Fact.unknown("not asked"),
                new StructuredLog(
                    new StringBuilder(), LogFormat.TEXT, StructuredLog.Level.INFO, CLOCK),
                CLOCK),
            health,
            new ApproverMetrics(),
            CLOCK,
            limits);
    started = Optional.of(server);
    return server;
  }

  private HealthServer startBoth(HttpListener.Limits limits) throws IOException {
    return start(
        new HealthServer.Addresses(
            Optional.of(FREE_PORT), Optional.of(FREE_PORT), Optional.empty()),
        limits);
  }

  @AfterEach
  void end() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    started.ifPresent(HealthServer::close);
  }

  private Socket send(InetSocketAddress to, String from, String text) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(to, PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private String exchange(Optional<InetSocketAddress> to, String text) throws IOException {
    return answer(send(to.orElseThrow(), "127.0.0.1", text));
  }

  /** What comes until the server closes; nothing where it does so at once. */
  private static String answer(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException e) {
      // It had not read everything when it closed.
      return "";
    }
  }

  private static String get(String path, String more) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
  }

  @Test
  void probesAndMetrics_answerOnListenersOfTheirOwn() throws IOException {
    HealthServer server = startBoth(LIMITS);

    assertThat(server.probesAddress()).isNotEqualTo(server.metricsAddress());
    assertThat(exchange(server.probesAddress(), get("/livez", "")))
        .isEqualTo(
            """
            HTTP/1.1 200 OK\r
            Date: Wed, 04 Mar 2026 05:06:07 GMT\r
            Content-Type: text/plain; charset=utf-8\r
            X-Content-Type-Options: nosniff\r
            Content-Length: 3\r
            Connection: close\r
            \r
            ok
            """);
    assertThat(exchange(server.probesAddress(), get("/readyz?verbose", "")))
        .startsWith("HTTP/1.1 200")
        .endsWith("ok\n");
    assertThat(exchange(server.probesAddress(), get("/healthz", ""))).startsWith("HTTP/1.1 200");
    assertThat(exchange(server.metricsAddress(), get("/metrics", ""))).contains("countersign_");
    assertThat(exchange(server.probesAddress(), get("/metrics", ""))).startsWith("HTTP/1.1 404");
    assertThat(exchange(server.metricsAddress(), get("/livez", ""))).startsWith("HTTP/1.1 404");
  }

  @Test
  void sameAddressForBoth_isOneListener() throws IOException {
    InetSocketAddress free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }
    HealthServer server =
        start(
            new HealthServer.Addresses(Optional.of(free), Optional.of(free), Optional.empty()),
            LIMITS);

    assertThat(exchange(server.metricsAddress(), get("/metrics", ""))).contains("countersign_");
    assertThat(exchange(server.metricsAddress(), get("/livez", ""))).startsWith("HTTP/1.1 200");
  }

  @Test
  void addressInUse_namesTheOption() throws IOException {
    InetSocketAddress taken = startBoth(LIMITS).metricsAddress().orElseThrow();

    assertThatThrownBy(
            () ->
                start(
                    new HealthServer.Addresses(
                        Optional.of(taken), Optional.empty(), Optional.empty()),
                    LIMITS))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "--health-probe-bind-address: got localhost:" + taken.getPort() + " (");
  }

  @Test
  void headOrAnotherMethod_isAnsweredAsHttpWants() throws IOException {
    HealthServer server = startBoth(LIMITS);

    assertThat(exchange(server.probesAddress(), "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .contains("Content-Length: 3\r\n")
        .endsWith("\r\n\r\n");
    assertThat(exchange(server.probesAddress(), "POST /livez HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 405")
        .contains("Allow: GET, HEAD\r\n");
    assertThat(exchange(server.probesAddress(), "PRI * HTTP/2.0\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(exchange(server.probesAddress(), "\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(exchange(server.probesAddress(), get("/livezz", ""))).startsWith("HTTP/1.1 404");
    assertThat(exchange(server.probesAddress(), get("/livez/", ""))).startsWith("HTTP/1.1 404");
  }

  /** Anyone who reaches the port could have us keep what they send, and never finish it. */
  @Test
  void headerLargerThanAnyClientSends_isRefused() throws IOException {
    HealthServer server = startBoth(LIMITS);

    assertThat(exchange(server.probesAddress(), get("/livez", "X: " + "v".repeat(60_000) + "\r\n")))
        .doesNotContain("HTTP/1.1 200");
  }

  @Test
  void requestThatIsNeverFinished_isClosed() throws IOException {
    HealthServer server = startBoth(SHORT);

    assertThat(exchange(server.probesAddress(), "GET /livez HTTP/1.1\r\nX: ")).isEmpty();
  }

  @Test
  void partialRequestsOfAnotherClient_neverKeepTheProbesFromAnswering() throws IOException {
    for (int at = 0; at < 2; at++) {
      HealthServer server = startBoth(LIMITS);
      InetSocketAddress attacked =
          (at == 0 ? server.metricsAddress() : server.probesAddress()).orElseThrow();
      for (int i = 0; i < 300; i++) {
        send(attacked, "127.0.0.2", "GET /livez HTTP/1.1\r\nX: ");
        if (i % 10 == 0) {
          assertThat(exchange(server.probesAddress(), get("/livez", "")))
              .startsWith("HTTP/1.1 200");
        }
      }
      for (int i = 0; i < 12; i++) {
        long began = System.nanoTime();
        assertThat(exchange(server.probesAddress(), get("/livez", ""))).startsWith("HTTP/1.1 200");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
      }
      server.close();
    }
  }

  /** Even with as many addresses as it takes to reach the bound of all clients together. */
  @Test
  void partialRequestsOfManyClients_neverKeepTheProbesFromAnswering() throws IOException {
    HealthServer server = startBoth(LIMITS);
    InetSocketAddress probes = server.probesAddress().orElseThrow();
    for (int client = 2; client < 52; client++) {
      for (int i = 0; i < 10; i++) {
        send(probes, "127.0.0." + client, "GET /livez HTTP/1.1\r\nX: ");
      }
      assertThat(exchange(server.probesAddress(), get("/livez", ""))).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void clientWithTooManyConnections_losesItsOldest() throws IOException {
    HealthServer server = startBoth(LIMITS);
    InetSocketAddress probes = server.probesAddress().orElseThrow();
    Socket other = send(probes, "127.0.0.3", "GET /livez HTTP/1.1\r\n");
    Socket oldest = send(probes, "127.0.0.2", "GET /livez HTTP/1.1\r\n");
    List<Socket> others = new ArrayList<>();
    for (int i = 0; i < LIMITS.perClient(); i++) {
      others.add(send(probes, "127.0.0.2", "GET /livez HTTP/1.1\r\n"));
    }

    assertThat(answer(oldest)).isEmpty();
    others.getFirst().getOutputStream().write('\r');
    others.getFirst().getOutputStream().write('\n');
    assertThat(answer(others.getFirst())).startsWith("HTTP/1.1 200");
    other.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(answer(other)).startsWith("HTTP/1.1 200");
  }
}
