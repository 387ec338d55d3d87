package dev.countersign.cli.image;

import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.kube.http.ProxyEnvironment;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** The proxies that {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY} name. */
final class EnvironmentProxies {
  private EnvironmentProxies() {}

  static HttpProxies of(Map<String, String> environment) {
    return new HttpProxies(server -> proxy(environment, server));
  }

  private static Optional<URI> proxy(Map<String, String> environment, URI server) {
    boolean tls = "https".equals(server.getScheme());
    int port = server.getPort() >= 0 ? server.getPort() : tls ? 443 : 80;
    return ProxyEnvironment.url(environment, tls, server.getHost(), port).map(URI::create);
  }
}
