package dev.countersign.cli.image;

import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.kube.http.ProxyEnvironment;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/** The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} name. */
final class EnvironmentProxies {
  private EnvironmentProxies() {}

  static HttpProxies of(Map<String, String> environment) {
    return new HttpProxies(server -> proxy(environment, server));
  }

  /**
   * The proxy for a server.
   *
   * @throws ImageException where the environment names something that is no URL
   */
  static Optional<URI> proxy(Map<String, String> environment, URI server) {
    boolean tls = "https".equals(server.getScheme());
    int port = server.getPort() >= 0 ? server.getPort() : tls ? 443 : 80;
    Optional<String> url =
        ProxyEnvironment.url(environment, tls, withoutBrackets(server.getHost()), port);
    try {
      return url.isEmpty() ? Optional.empty() : Optional.of(new URI(url.get()));
    } catch (URISyntaxException e) {
      // Without the value and the cause, which may hold a password.
      throw new ImageException(
          tls ? "HTTPS_PROXY" : "HTTP_PROXY", "no URL of a proxy", "http://HOST:PORT");
    }
  }

  /** A URI has an IPv6 address in brackets; what {@code NO_PROXY} names has none. */
  private static String withoutBrackets(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
