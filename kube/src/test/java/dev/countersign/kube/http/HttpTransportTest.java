package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HttpTransportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofMinutes(1);

  private static FakeApiServer server() {
    return FakeApiServer.start(FakeApiServer.EMPTY_OBJECTS);
  }

  private final AtomicLong nanoTime = new AtomicLong();

  private HttpTransport transport(FakeApiServer server, Duration reuseWithin) {
    return new HttpTransport(
        server.endpoint("127.0.0.1"), "test", PATIENCE, reuseWithin, nanoTime::get);
  }

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  private static HttpResponse send(HttpTransport transport) throws IOException {
    return transport.send(
        HttpRequest.of(HttpRequest.Method.GET, "/", "application/json", PATIENCE));
  }

  private static void get(HttpTransport transport) throws IOException {
    try (HttpResponse response = send(transport)) {
      assertThat(response.body().readAllBytes()).asString().isEqualTo("{}");
    }
  }

  @Test
  void connectAhead_isWhatTheNextRequestsUse() throws IOException {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, LONG)) {
      transport.connectAhead();
      transport.connectAhead();
      assertThat(server.connections()).isEqualTo(2);
      try (HttpResponse _ = send(transport);
          HttpResponse _ = send(transport)) {
        assertThat(transport.idle()).as("both in use").isZero();
      }
      assertThat(server.connections()).as("no other was opened").isEqualTo(2);
    }
  }

  @Test
  void connectAhead_nobodyThere_saysSo() throws IOException {
    HttpTransport transport;
    try (FakeApiServer server = server()) {
      transport = transport(server, LONG);
    }
    try (transport) {
      assertThatThrownBy(transport::connectAhead).isInstanceOf(IOException.class);
    }
  }

  @Test
  void connectAhead_closed_opensNothing() throws IOException {
    try (FakeApiServer server = server()) {
      HttpTransport transport = transport(server, LONG);
      transport.close();
      assertThatThrownBy(transport::connectAhead).hasMessage("this client is closed");
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void closeUnused_closesOnlyWhatIsIdleForTooLong() throws Exception {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, LONG)) {
      transport.connectAhead();
      transport.connectAhead();
      transport.closeUnused();
      assertThat(transport.idle()).as("not idle for long").isEqualTo(2);
      pass(LONG.minusSeconds(1));
      // The latest is used first, so the other has been idle since it was opened.
      get(transport);
      pass(Duration.ofSeconds(1));
      transport.closeUnused();
      assertThat(transport.idle()).isEqualTo(1);
      get(transport);
      assertThat(server.connections()).as("the one in use was left alone").isEqualTo(2);
    }
  }

  /** What was kept is closed by the server; nothing of it may be tried once more. */
  @Test
  void send_overADeadConnection_dropsAllThatWereKept() throws Exception {
    AtomicBoolean ends = new AtomicBoolean();
    try (FakeApiServer server =
            FakeApiServer.start(
                (number, request, out) ->
                    !ends.get() && FakeApiServer.EMPTY_OBJECTS.answer(number, request, out));
        HttpTransport transport = transport(server, LONG)) {
      transport.connectAhead();
      transport.connectAhead();
      transport.connectAhead();
      ends.set(true);
      HttpRequest write =
          HttpRequest.of(HttpRequest.Method.POST, "/", "application/json", PATIENCE)
              .withBody("application/json", new byte[] {'{', '}'});
      assertThatThrownBy(() -> transport.send(write)).isInstanceOf(IOException.class);
      assertThat(transport.idle()).isZero();
    }
  }
}
