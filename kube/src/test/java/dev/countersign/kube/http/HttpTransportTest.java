package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HttpTransportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofMinutes(1);

  private static FakeApiServer server() {
    return FakeApiServer.start(FakeApiServer.EMPTY_OBJECTS);
  }

  private static HttpTransport transport(FakeApiServer server, Duration reuseWithin) {
    return new HttpTransport(server.endpoint("127.0.0.1"), "test", PATIENCE, reuseWithin);
  }

  private static HttpResponse send(HttpTransport transport) throws IOException {
    return transport.send(
        HttpRequest.of(HttpRequest.Method.GET, "/", "application/json", PATIENCE));
  }

  private static void read(HttpResponse response) throws IOException {
    try (response) {
      assertThat(response.body().readAllBytes()).asString().isEqualTo("{}");
    }
  }

  private static void get(HttpTransport transport) throws IOException {
    read(send(transport));
  }

  /** As many requests at the same time, each of which needs a connection of its own. */
  private static void getAtOnce(HttpTransport transport, int count) throws IOException {
    List<HttpResponse> responses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      responses.add(send(transport));
    }
    assertThat(transport.idle()).as("all in use").isZero();
    for (HttpResponse response : responses) {
      read(response);
    }
    assertThat(transport.idle()).isEqualTo(count);
  }

  @Test
  void send_usesTheConnectionsOfEarlierRequests() throws IOException {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, LONG)) {
      getAtOnce(transport, 2);
      assertThat(server.connections()).isEqualTo(2);
      getAtOnce(transport, 2);
      assertThat(server.connections()).as("no other was opened").isEqualTo(2);
    }
  }

  @Test
  void send_nobodyThere_saysSo() throws IOException {
    HttpTransport transport;
    try (FakeApiServer server = server()) {
      transport = transport(server, LONG);
    }
    try (transport) {
      assertThatThrownBy(() -> send(transport)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void send_closed_opensNothing() throws IOException {
    try (FakeApiServer server = server()) {
      HttpTransport transport = transport(server, LONG);
      transport.close();
      assertThatThrownBy(() -> send(transport)).hasMessage("this client is closed");
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void send_bodyNotReadToItsEnd_connectionIsNotUsedAgain() throws IOException {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, LONG)) {
      send(transport).close();
      assertThat(transport.idle()).isZero();
      get(transport);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void closeUnused_leavesWhatIsNotIdleForLong() throws Exception {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, LONG)) {
      getAtOnce(transport, 2);
      transport.closeUnused();
      assertThat(transport.idle()).isEqualTo(2);
    }
  }

  @Test
  void closeUnused_closesOnlyWhatIsIdleForTooLong() throws Exception {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, Duration.ofMillis(1))) {
      getAtOnce(transport, 2);
      HttpResponse inUse = send(transport);
      while (transport.idle() > 0) {
        Thread.sleep(1);
        transport.closeUnused();
      }
      read(inUse);
      assertThat(transport.idle()).as("the one in use was left alone").isEqualTo(1);
    }
  }

  @Test
  void send_connectionIdleForTooLong_opensAnother() throws Exception {
    try (FakeApiServer server = server();
        HttpTransport transport = transport(server, Duration.ofMillis(1))) {
      get(transport);
      Thread.sleep(10);
      get(transport);
      assertThat(server.connections()).isEqualTo(2);
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
      getAtOnce(transport, 3);
      ends.set(true);
      HttpRequest write =
          HttpRequest.of(HttpRequest.Method.POST, "/", "application/json", PATIENCE)
              .withBody("application/json", new byte[] {'{', '}'});
      assertThatThrownBy(() -> transport.send(write))
          .isInstanceOf(IOException.class)
          .hasMessage("the server closed the connection without a response");
      assertThat(transport.idle()).isZero();
      assertThat(server.seen()).as("not repeated").hasSize(4);
    }
  }
}
