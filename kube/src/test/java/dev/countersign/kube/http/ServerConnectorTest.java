package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConnectorTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static FakeApiServer server(String... groups) {
    return FakeApiServer.start(FakeApiServer.EMPTY_OBJECTS, FakeApiServer.LOOPBACK, groups);
  }

  private static void get(ServerEndpoint endpoint) throws IOException {
    try (HttpTransport transport = new HttpTransport(endpoint, "test", TIMEOUT);
        HttpResponse response =
            transport.send(
                HttpRequest.of(HttpRequest.Method.GET, "/", "application/json", TIMEOUT))) {
      assertThat(response.body().readAllBytes()).asString().isEqualTo("{}");
      assertThat(transport.serverCertificate()).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1", "x25519"})
  void connect_serverWithOneGroupOnly_firstTry(String group) throws IOException {
    try (FakeApiServer server = server(group)) {
      get(server.endpoint("127.0.0.1"));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void connect_certificateOfSomeoneElse_isNotTriedTwice() {
    try (FakeApiServer server = server()) {
      assertThatThrownBy(() -> get(server.endpoint("other.example")))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("other.example");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void connect_nameWithoutAnAddress_saysWhich() {
    try (FakeApiServer server = server()) {
      ServerEndpoint nowhere = server.endpoint("no-such-host.invalid", "127.0.0.1");
      assertThatThrownBy(() -> get(nowhere))
          .isInstanceOf(IOException.class)
          .hasMessage("the name no-such-host.invalid has no address");
      assertThat(server.connections()).isZero();
    }
  }
}
