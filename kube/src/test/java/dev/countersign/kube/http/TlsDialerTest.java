package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsDialerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static FakeApiServer server(String... groups) {
    return FakeApiServer.start(FakeApiServer.EMPTY_OBJECTS, FakeApiServer.LOOPBACK, groups);
  }

  /** Dials and has one answer, so that the handshake is known to be over on both sides. */
  private static void use(TlsDialer dialer) throws IOException {
    Dialer.Dialed dialed = dialer.dial();
    try (Socket raw = dialed.raw()) {
      dialed
          .secured()
          .getOutputStream()
          .write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = dialed.secured().getInputStream().readNBytes(15);
      assertThat(answer).asString(StandardCharsets.US_ASCII).isEqualTo("HTTP/1.1 200 Re");
      assertThat(raw.isConnected()).isTrue();
    }
  }

  @Test
  void dial_awsLc_serverWithACurveOfNist_firstTry() throws IOException {
    try (FakeApiServer server = server("secp384r1")) {
      use(new TlsDialer(server.endpoint("127.0.0.1"), TIMEOUT, () -> true));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void dial_awsLc_serverWithoutACurveOfNist_secondTry_andRemembered() throws IOException {
    try (FakeApiServer server = server("x25519")) {
      TlsDialer dialer = new TlsDialer(server.endpoint("127.0.0.1"), TIMEOUT, () -> true);
      use(dialer);
      assertThat(server.connections()).as("one refused, one good").isEqualTo(2);
      use(dialer);
      assertThat(server.connections()).as("not refused again").isEqualTo(3);
    }
  }

  @Test
  void dial_theJdkAlone_everyGroupAtOnce() throws IOException {
    try (FakeApiServer server = server("x25519")) {
      use(new TlsDialer(server.endpoint("127.0.0.1"), TIMEOUT, () -> false));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void dial_certificateOfSomeoneElse_isNotTriedTwice() {
    try (FakeApiServer server = server()) {
      TlsDialer dialer = new TlsDialer(server.endpoint("other.example"), TIMEOUT, () -> true);
      assertThatThrownBy(dialer::dial)
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("other.example");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void dial_nameWithoutAnAddress_saysWhich() {
    try (FakeApiServer server = server()) {
      ServerEndpoint nowhere = server.endpoint("no-such-host.invalid", "127.0.0.1");
      TlsDialer dialer = new TlsDialer(nowhere, TIMEOUT, () -> true);
      assertThatThrownBy(dialer::dial)
          .isInstanceOf(IOException.class)
          .hasMessage("the name no-such-host.invalid has no address");
      assertThat(server.connections()).isZero();
    }
  }
}
