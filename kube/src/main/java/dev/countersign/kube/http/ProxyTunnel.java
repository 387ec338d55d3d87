package dev.countersign.kube.http;

import dev.countersign.common.text.SafeText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A way to a server through a proxy: HTTP CONNECT (RFC 9110, section 9.3.6), the same over TLS, or
 * SOCKS 5 (RFC 1928, RFC 1929). Names of servers are left to the proxy to look up. Shows no
 * password in {@code toString}. Thread-safe.
 */
public final class ProxyTunnel {
  private static final int LONGEST_HEAD = 16 * 1024;
  private static final int MOST_OF_A_FIELD = 255;

  private enum Kind {
    HTTP(80),
    HTTPS(443),
    SOCKS5(1080);

    private final int defaultPort;

    Kind(int defaultPort) {
      this.defaultPort = defaultPort;
    }
  }

  private final Kind kind;
  private final String host;
  private final int port;

  /** {@code USER:PASSWORD}, decoded. */
  private final @Nullable String userInfo;

  private ProxyTunnel(Kind kind, String host, int port, @Nullable String userInfo) {
    this.kind = kind;
    this.host = host;
    this.port = port;
    this.userInfo = userInfo;
  }

  /** A proxy by its URL, such as {@code socks5://10.0.0.1:1080}; empty where it is not one. */
  public static Optional<ProxyTunnel> parse(String url) {
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      Optional<Kind> kind =
          switch (scheme) {
            case "http" -> Optional.of(Kind.HTTP);
            case "https" -> Optional.of(Kind.HTTPS);
            case "socks5" -> Optional.of(Kind.SOCKS5);
            default -> Optional.empty();
          };
      String host = uri.getHost();
      if (kind.isEmpty() || host == null) {
        return Optional.empty();
      }
      if (host.startsWith("[")) {
        host = host.substring(1, host.length() - 1);
      }
      String user = uri.getRawUserInfo();
      return Optional.of(
          new ProxyTunnel(
              kind.get(),
              host,
              uri.getPort() < 0 ? kind.get().defaultPort : uri.getPort(),
              user == null
                  ? null
                  : URLDecoder.decode(user.replace("+", "%2B"), StandardCharsets.UTF_8)));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Opens a connection to a server; what is written to it reaches the server.
   *
   * @param timeout for the connection to the proxy, then for each answer of it
   */
  Socket open(ServerEndpoint server, Duration timeout) throws IOException {
    Socket socket;
    try {
      socket = TcpConnector.connect(host, port, timeout);
    } catch (IOException e) {
      // Without its cause, which would read as the server's.
      throw new IOException(
          this
              + ": got no connection ("
              + e.getMessage()
              + "); want a proxy there; correct proxy-url in the kubeconfig, or HTTPS_PROXY");
    }
    boolean done = false;
    try {
      Socket tunnel = kind == Kind.HTTPS ? secured(socket, server) : socket;
      if (kind == Kind.SOCKS5) {
        socks(tunnel, server);
      } else {
        connect(tunnel, server);
      }
      done = true;
      return tunnel;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  /** As client-go does it: the proxy's certificate must be of the server's authorities. */
  private Socket secured(Socket socket, ServerEndpoint server) throws IOException {
    SSLSocket secured = (SSLSocket) server.socketFactory().createSocket(socket, host, port, true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private void connect(Socket socket, ServerEndpoint server) throws IOException {
    String target = authority(server.host(), server.port());
    StringBuilder head =
        new StringBuilder("CONNECT ")
            .append(target)
            .append(" HTTP/1.1\r\nHost: ")
            .append(target)
            .append("\r\n");
    if (userInfo != null) {
      head.append("Proxy-Authorization: Basic ")
          .append(Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8)))
          .append("\r\n");
    }
    write(socket, head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    String status = head(socket.getInputStream());
    if (!status.matches("HTTP/1\\.[01] 2\\d\\d(?: .*)?")) {
      throw new IOException(
          this + ": got " + SafeText.quote(status) + " for " + target + "; want status 200");
    }
  }

  /** Reads an answer's head, up to its empty line; returns its first line. */
  private String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < LONGEST_HEAD) {
      head.append((char) octet(in));
      if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.substring(0, head.indexOf("\r\n"));
      }
    }
    throw new IOException(this + ": got no HTTP answer; want one; is it an HTTP proxy?");
  }

  private void socks(Socket socket, ServerEndpoint server) throws IOException {
    InputStream in = socket.getInputStream();
    write(socket, userInfo == null ? new byte[] {5, 1, 0} : new byte[] {5, 2, 0, 2});
    if (octet(in) != 5) {
      throw new IOException(this + ": got an answer that is not SOCKS 5; want a SOCKS 5 proxy");
    }
    int method = octet(in);
    if (method == 2 && userInfo != null) {
      logIn(socket, userInfo);
    } else if (method != 0) {
      throw new IOException(
          this
              + ": got no way to log in; want one by "
              + (userInfo == null ? "nothing or by USER:PASSWORD@ in proxy-url" : "password"));
    }
    write(socket, request(server));
    octet(in);
    int reply = octet(in);
    if (reply != 0) {
      throw new IOException(
          this
              + ": got \""
              + reason(reply)
              + "\" for "
              + authority(server.host(), server.port())
              + "; want a connection");
    }
    octet(in);
    int length =
        switch (octet(in)) {
          case 1 -> 4;
          case 4 -> 16;
          default -> octet(in);
        };
    for (int i = 0; i < length + 2; i++) {
      octet(in);
    }
  }

  private void logIn(Socket socket, String text) throws IOException {
    int colon = text.indexOf(':');
    byte[] user = (colon < 0 ? text : text.substring(0, colon)).getBytes(StandardCharsets.UTF_8);
    byte[] password = (colon < 0 ? "" : text.substring(colon + 1)).getBytes(StandardCharsets.UTF_8);
    if (user.length > MOST_OF_A_FIELD || password.length > MOST_OF_A_FIELD) {
      throw new IOException(this + ": got a user or password above 255 bytes; want a shorter one");
    }
    byte[] message = new byte[3 + user.length + password.length];
    message[0] = 1;
    message[1] = (byte) user.length;
    System.arraycopy(user, 0, message, 2, user.length);
    message[2 + user.length] = (byte) password.length;
    System.arraycopy(password, 0, message, 3 + user.length, password.length);
    write(socket, message);
    InputStream in = socket.getInputStream();
    octet(in);
    if (octet(in) != 0) {
      throw new IOException(this + ": got user and password refused; want those it accepts");
    }
  }

  private byte[] request(ServerEndpoint server) throws IOException {
    byte[] address;
    int type;
    if (TcpConnector.isAddress(server.host())) {
      address = InetAddress.getByName(server.host()).getAddress();
      type = address.length == 4 ? 1 : 4;
    } else {
      byte[] name = server.host().getBytes(StandardCharsets.US_ASCII);
      if (name.length > MOST_OF_A_FIELD) {
        throw new IOException(this + ": got a server's name above 255 bytes; want a shorter one");
      }
      address = new byte[1 + name.length];
      address[0] = (byte) name.length;
      System.arraycopy(name, 0, address, 1, name.length);
      type = 3;
    }
    byte[] message = new byte[6 + address.length];
    message[0] = 5;
    message[1] = 1;
    message[3] = (byte) type;
    System.arraycopy(address, 0, message, 4, address.length);
    message[4 + address.length] = (byte) (server.port() >> 8);
    message[5 + address.length] = (byte) server.port();
    return message;
  }

  private static String reason(int reply) {
    return switch (reply) {
      case 1 -> "general failure";
      case 2 -> "not allowed by its rules";
      case 3 -> "network unreachable";
      case 4 -> "host unreachable";
      case 5 -> "connection refused";
      case 6 -> "TTL expired";
      case 7 -> "command not supported";
      case 8 -> "address type not supported";
      default -> "reply " + reply;
    };
  }

  private static void write(Socket socket, byte[] message) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(message);
    out.flush();
  }

  private int octet(InputStream in) throws IOException {
    int octet = in.read();
    if (octet < 0) {
      throw new EOFException(this + ": got the end of its answer; want a connection");
    }
    return octet;
  }

  private static String authority(String host, int port) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return "proxy " + kind.name().toLowerCase(Locale.ROOT) + "://" + authority(host, port);
  }
}
