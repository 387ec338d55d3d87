package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static HttpRequest get(Duration limit) {
    return HttpRequest.of(HttpRequest.Method.GET, "/x", "application/json", limit);
  }

  private static HttpTransport transport(FakeApiServer server) {
    return new HttpTransport(server.endpoint("127.0.0.1"), "test", Duration.ofSeconds(10));
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("deadlines"))
        .count();
  }

  private static FakeApiServer silent(CountDownLatch asked, CountDownLatch end) {
    return FakeApiServer.start(
        (n, request, out) -> {
          asked.countDown();
          end.await();
          return false;
        });
  }

  /** The one who looks after them sleeps until the first of them by then. */
  @Test
  void begun_earlierThanAllBefore_isCutInItsTime() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Exception> patient = new AtomicReference<>();
    try (FakeApiServer server = silent(asked, end)) {
      Thread waits;
      try (HttpTransport transport = transport(server)) {
        waits = Thread.ofVirtual().start(() -> send(transport, patient));
        asked.await();
        long started = System.nanoTime();
        assertThatThrownBy(() -> transport.send(get(Duration.ofMillis(300))))
            .isInstanceOf(SocketTimeoutException.class)
            .hasMessageContaining("nothing received for");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isBetween(Duration.ofMillis(300), Duration.ofSeconds(30));
        assertThat(patient.get()).isNull();
      }
      waits.join(Duration.ofSeconds(20));
      assertThat(patient.get()).isInstanceOf(IOException.class);
      end.countDown();
    }
  }

  private static void send(HttpTransport transport, AtomicReference<Exception> failure) {
    try {
      transport.send(get(LONG)).close();
    } catch (IOException e) {
      failure.set(e);
    }
  }

  @Test
  void answersInTime_keepTheConnection() throws Exception {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  Thread.sleep(50);
                  FakeApiServer.json(out, 200, "{}");
                  return true;
                });
        HttpTransport transport = transport(server)) {
      for (int i = 0; i < 20; i++) {
        try (HttpResponse response = transport.send(get(Duration.ofSeconds(20)))) {
          assertThat(response.body().readAllBytes()).hasSize(2);
        }
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void writeThatNobodyTakes_isCut() throws Exception {
    try (FakeApiServer server = FakeApiServer.start(FakeApiServer.EMPTY_OBJECTS);
        ServerSocket relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpTransport transport =
            new HttpTransport(
                new Relayed(server.endpoint("127.0.0.1"), relay.getLocalPort()),
                "test",
                Duration.ofSeconds(10))) {
      Thread.ofVirtual().start(() -> relayHandshakes(relay, server.port()));
      HttpRequest write =
          HttpRequest.of(HttpRequest.Method.PUT, "/x", "application/json", Duration.ofMillis(900))
              .withBody("application/json", new byte[64 * 1024 * 1024]);
      assertThatThrownBy(() -> transport.send(write)).isInstanceOf(SocketTimeoutException.class);
      assertThat(transport.idle()).isZero();
      assertThat(server.seen()).isEmpty();
    }
  }

  /** The same server behind another port. */
  private record Relayed(ServerEndpoint server, int port) implements ServerEndpoint {
    @Override
    public String host() {
      return server.host();
    }

    @Override
    public String basePath() {
      return server.basePath();
    }

    @Override
    public String certificateName() {
      return server.certificateName();
    }

    @Override
    public SSLSocketFactory socketFactory() throws IOException {
      return server.socketFactory();
    }

    @Override
    public Optional<BearerToken> token() throws IOException {
      return server.token();
    }

    @Override
    public void identityRefused() {
      server.identityRefused();
    }

    @Override
    public Optional<String> identityProblem() {
      return server.identityProblem();
    }
  }

  /** Passes on enough for a TLS handshake, and takes nothing more from the client after it. */
  private static void relayHandshakes(ServerSocket relay, int port) {
    try (Socket client = relay.accept();
        Socket server = new Socket(relay.getInetAddress(), port)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  server.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException e) {
                  // The test is over.
                }
              });
      byte[] some = new byte[100];
      for (int passed = 0; passed < 2000; ) {
        int count = client.getInputStream().read(some);
        server.getOutputStream().write(some, 0, count);
        passed += count;
      }
      Thread.sleep(60_000);
    } catch (IOException | InterruptedException e) {
      // The test is over.
    }
  }

  /** Something always comes, but never all of it. */
  @Test
  void responseThatDrips_isCutInItsTime() throws Exception {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  FakeApiServer.beginChunks(out);
                  for (int i = 0; i < 1000; i++) {
                    FakeApiServer.chunk(out, " ");
                    Thread.sleep(20);
                  }
                  return false;
                });
        HttpTransport transport = transport(server);
        HttpResponse response = transport.send(get(Duration.ofMillis(600)))) {
      assertThatThrownBy(() -> response.body().readAllBytes())
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("no complete response within 600 ms");
      assertThat(transport.idle()).isZero();
    }
  }

  @Test
  void close_endsTheThread() throws Exception {
    long before = watchers();
    CountDownLatch end = new CountDownLatch(0);
    try (FakeApiServer server = silent(new CountDownLatch(1), end)) {
      try (HttpTransport transport = transport(server)) {
        assertThatThrownBy(() -> transport.send(get(LONG))).isInstanceOf(IOException.class);
        assertThat(watchers()).isEqualTo(before + 1);
      }
      for (int i = 0; i < 1000 && watchers() > before; i++) {
        Thread.sleep(10);
      }
      assertThat(watchers()).isEqualTo(before);
    }
  }
}
