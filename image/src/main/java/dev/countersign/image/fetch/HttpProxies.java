package dev.countersign.image.fetch;

import dev.countersign.image.ImageException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The HTTP proxies that servers are reached through. A proxy's user and password go to that proxy
 * only: the runtime's client keeps {@code Proxy-Authorization} from servers. Thread-safe.
 */
public final class HttpProxies {
  private static final int DEFAULT_PORT = 80;

  private final Lookup lookup;

  /** Finds the URL of the proxy for a server; empty where it is reached directly. */
  public interface Lookup {
    Optional<URI> proxy(URI server);
  }

  /** A client that goes through the proxies. Thread-safe. */
  public final class Client {
    private final HttpClient client;

    private Client(HttpClient client) {
      this.client = client;
    }

    /** Sends a request, with the proxy's password where it has one. */
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
        throws IOException, InterruptedException {
      Optional<String> user =
          lookup.proxy(request.uri()).flatMap(url -> Optional.ofNullable(url.getRawUserInfo()));
      if (user.isEmpty()) {
        return client.send(request, handler);
      }
      return client.send(
          HttpRequest.newBuilder(request, (_, _) -> true)
              .setHeader("Proxy-Authorization", basic(user.get()))
              .build(),
          handler);
    }
  }

  public HttpProxies(Lookup lookup) {
    this.lookup = Objects.requireNonNull(lookup, "lookup");
    // The runtime sends no password to a proxy for TLS unless told to; it reads this once, when its
    // first client is made. The password goes where the user wrote it to go.
    if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
  }

  /** Every server is reached directly. */
  public static HttpProxies none() {
    return new HttpProxies(_ -> Optional.empty());
  }

  /** Builds a client. */
  public Client client(HttpClient.Builder builder) {
    return new Client(builder.proxy(new Selector()).build());
  }

  private static String basic(String userInfo) {
    String user = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
    return "Basic "
        + Base64.getEncoder()
            .encodeToString(
                (user.contains(":") ? user : user + ":").getBytes(StandardCharsets.UTF_8));
  }

  private final class Selector extends ProxySelector {
    @Override
    public List<Proxy> select(URI server) {
      Optional<URI> proxy = lookup.proxy(server);
      if (proxy.isEmpty()) {
        return List.of(Proxy.NO_PROXY);
      }
      URI url = proxy.get();
      if (!"http".equals(url.getScheme()) || url.getHost() == null) {
        // Without the URL, which may hold a password.
        throw new ImageException(
            "proxy for " + server.getHost(),
            "one of the kind " + url.getScheme(),
            "http://HOST:PORT in HTTPS_PROXY or HTTP_PROXY");
      }
      int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
      return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(url.getHost(), port)));
    }

    @Override
    public void connectFailed(URI server, SocketAddress proxy, IOException failure) {
      // The client reports it.
    }
  }
}
