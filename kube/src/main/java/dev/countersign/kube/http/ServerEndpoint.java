package dev.countersign.kube.http;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/** Where to connect to, whom to expect there, and how to secure the connection. */
public interface ServerEndpoint {
  /** Host name or IP address to connect to. */
  String host();

  /** TCP port. */
  int port();

  /** What stands before each path, such as {@code /k8s/clusters/c-1}; mostly empty. */
  String basePath();

  /** The name or address the server's certificate must be for. */
  String certificateName();

  /**
   * The factory for the next connection; another one when keys or authorities have changed.
   *
   * @throws IOException when the credentials cannot be read or are no longer valid
   */
  SSLSocketFactory socketFactory() throws IOException;

  /**
   * The bearer token for the next request, if tokens are used.
   *
   * @throws IOException when it cannot be read
   */
  Optional<BearerToken> token() throws IOException;

  /** Whether it speaks without TLS, as {@code kubectl proxy} does. */
  default boolean plain() {
    return false;
  }

  /** The proxy to go through; mostly none. */
  default Optional<ProxyTunnel> proxy() {
    return Optional.empty();
  }

  /** Headers of every request by their names, such as {@code Impersonate-User}; mostly none. */
  default Map<String, List<String>> headers() {
    return Map.of();
  }

  /** Says that the server answered 401, so that credentials from files are read again. */
  void identityRefused();

  /** Why the server may have answered 401, as far as it can be told from here. */
  Optional<String> identityProblem();
}
