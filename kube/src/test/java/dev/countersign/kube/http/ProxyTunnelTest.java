package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyTunnelTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final ServerSocket proxy;

  ProxyTunnelTest() throws IOException {
    proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
  }

  private record Endpoint(String host, int port) implements ServerEndpoint {
    @Override
    public String basePath() {
      return "";
    }

    @Override
    public String certificateName() {
      return host;
    }

    @Override
    public SSLSocketFactory socketFactory() {
      throw new AssertionError();
    }

    @Override
    public Optional<BearerToken> token() {
      return Optional.empty();
    }

    @Override
    public void identityRefused() {}

    @Override
    public Optional<String> identityProblem() {
      return Optional.empty();
    }
  }

  private ProxyTunnel tunnel(String scheme, String user) {
    return ProxyTunnel.parse(scheme + "://" + user + "127.0.0.1:" + proxy.getLocalPort())
        .orElseThrow();
  }

  /** Answers in turn as much as it is told to read, in hex; returns what it read. */
  private CompletableFuture<String> answering(String... turns) {
    CompletableFuture<String> heard = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              StringBuilder all = new StringBuilder();
              try (Socket socket = proxy.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                for (String turn : turns) {
                  int colon = turn.indexOf(':');
                  byte[] read = new byte[Integer.parseInt(turn.substring(0, colon))];
                  in.readFully(read);
                  all.append(HexFormat.of().formatHex(read)).append(' ');
                  out.write(HexFormat.of().parseHex(turn.substring(colon + 1)));
                }
                out.flush();
                heard.complete(all.toString().strip());
                in.read();
              } catch (IOException e) {
                heard.completeExceptionally(e);
              }
            });
    return heard;
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void socks_leavesNamesToTheProxy() throws IOException {
    CompletableFuture<String> heard = answering("3:0500", "12:05000001000000000000" + hex("hi"));
    try (Socket socket = tunnel("socks5", "").open(new Endpoint("a.b.c", 6443), TIMEOUT)) {
      assertThat(socket.getInputStream().readNBytes(2)).asString().isEqualTo("hi");
    }
    assertThat(heard.join()).isEqualTo("050100 0501000305" + hex("a.b.c") + "192b");
  }

  @Test
  void socks_withAPassword_logsIn() throws IOException {
    CompletableFuture<String> heard = answering("4:0502", "9:0100", "10:05000003016100" + "00");
    tunnel("socks5", "ada:p%40s@").open(new Endpoint("10.0.0.1", 443), TIMEOUT).close();
    assertThat(heard.join())
        .isEqualTo("05020002 0103" + hex("ada") + "03" + hex("p@s") + " 050100010a00000101bb");
  }

  @Test
  void socks_refusal_isTold() {
    CompletableFuture<String> _ = answering("3:05ff");
    assertThatThrownBy(() -> tunnel("socks5", "").open(new Endpoint("a", 1), TIMEOUT))
        .hasMessageContaining("proxy socks5://127.0.0.1:")
        .hasMessageContaining("got no way to log in");
    CompletableFuture<String> _ = answering("3:0500", "22:05050001000000000000");
    assertThatThrownBy(() -> tunnel("socks5", "").open(new Endpoint("fd00::1", 1), TIMEOUT))
        .hasMessageContaining("got \"connection refused\" for [fd00::1]:1");
    CompletableFuture<String> _ = answering("3:4854");
    assertThatThrownBy(() -> tunnel("socks5", "").open(new Endpoint("a", 1), TIMEOUT))
        .hasMessageContaining("not SOCKS 5");
  }

  @Test
  void http_asksForATunnel() throws IOException {
    String want =
        "CONNECT api:6443 HTTP/1.1\r\nHost: api:6443\r\nProxy-Authorization: Basic YTpi\r\n\r\n";
    CompletableFuture<String> heard =
        answering(want.length() + ":" + hex("HTTP/1.1 200 OK\r\nX: y\r\n\r\nhi"));
    try (Socket socket = tunnel("http", "a:b@").open(new Endpoint("api", 6443), TIMEOUT)) {
      assertThat(socket.getInputStream().readNBytes(2)).asString().isEqualTo("hi");
    }
    assertThat(heard.join()).isEqualTo(hex(want));
  }

  @Test
  void http_refusal_isTold_escaped() {
    String want =
        "CONNECT api:1 HTTP/1.1\r\nHost: api:1\r\nProxy-Authorization: Basic YTpoaWRkZW4=\r\n\r\n";
    CompletableFuture<String> _ =
        answering(want.length() + ":" + hex("HTTP/1.1 407 \u001b[31m\r\n\r\n"));
    assertThatThrownBy(() -> tunnel("http", "a:hidden@").open(new Endpoint("api", 1), TIMEOUT))
        .hasMessageContaining("got \"HTTP/1.1 407 \\u001b[31m\" for api:1; want status 200")
        .hasMessageNotContaining("hidden");
  }

  @Test
  void otherUrls_areNoProxies() {
    for (String url :
        new String[] {"", "proxy", "ftp://a", "http://", "http://a b", "socks4://a"}) {
      assertThat(ProxyTunnel.parse(url)).as(url).isEmpty();
    }
    assertThat(ProxyTunnel.parse("HTTPS://p").orElseThrow()).hasToString("proxy https://p:443");
  }
}
