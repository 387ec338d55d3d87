package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpTransportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofMinutes(1);

  private static FakeApiServer server() {
    return FakeApiServer.start(
        (number, request, out) -> {
          FakeApiServer.json(out, 200, "{}");
          return true;
        });
  }

  private static HttpTransport transport(FakeApiServer server, Duration reuseWithin) {
    return new HttpTransport(server.endpoint("127.0.0.1"), "test", PATIENCE, reuseWithin);
  }

  private static void get(HttpTransport transport) throws IOException {
    HttpRequest request = HttpRequest.of(HttpRequest.Method.GET, "/", "application/json", PATIENCE);
    try (HttpResponse response = transport.send(request)) {
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
      get(transport);
      get(transport);
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
        HttpTransport fresh = transport(server, LONG);
        HttpTransport stale = transport(server, Duration.ofMillis(50))) {
      fresh.connectAhead();
      fresh.closeUnused();
      get(fresh);
      assertThat(server.connections()).as("kept").isEqualTo(1);
      stale.connectAhead();
      stale.connectAhead();
      Thread.sleep(100);
      stale.closeUnused();
      assertThat(stale.idle()).isZero();
      get(stale);
      assertThat(server.connections()).as("two dropped, one new").isEqualTo(4);
    }
  }
}
