package dev.countersign.kube.http;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy that the environment names for a server, as Go's {@code httpproxy} reads it and so
 * kubectl: {@code HTTPS_PROXY} or {@code HTTP_PROXY}, but for what {@code NO_PROXY} lists and for
 * this machine.
 */
public final class ProxyEnvironment {
  private ProxyEnvironment() {}

  /**
   * Looks it up.
   *
   * @param tls whether the server speaks TLS
   * @throws IllegalArgumentException where the environment names something that is no proxy
   */
  public static Optional<ProxyTunnel> proxy(
      Map<String, String> environment, boolean tls, String host, int port) {
    Optional<String> url = url(environment, tls, host, port);
    if (url.isEmpty()) {
      return Optional.empty();
    }
    Optional<ProxyTunnel> proxy = ProxyTunnel.parse(url.get());
    if (proxy.isEmpty()) {
      // Without the value, which may hold a password.
      throw new IllegalArgumentException(
          (tls ? "HTTPS_PROXY" : "HTTP_PROXY")
              + ": got no URL of a proxy; want http://, https:// or socks5://HOST:PORT");
    }
    return proxy;
  }

  /** The same as it stands there, with a scheme; not checked. It may hold a password. */
  public static Optional<String> url(
      Map<String, String> environment, boolean tls, String host, int port) {
    String url = value(environment, tls ? "HTTPS_PROXY" : "HTTP_PROXY");
    return url.isEmpty() || isLocal(host) || isExcepted(value(environment, "NO_PROXY"), host, port)
        ? Optional.empty()
        : Optional.of(url.contains("://") ? url : "http://" + url);
  }

  private static String value(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(name, "");
    return (upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper)
        .strip();
  }

  private static boolean isLocal(String host) {
    return host.equalsIgnoreCase("localhost")
        || address(host).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  private static boolean isExcepted(String list, String host, int port) {
    String name = host.toLowerCase(Locale.ROOT);
    for (String item : list.toLowerCase(Locale.ROOT).split(",", -1)) {
      String entry = item.strip();
      if (entry.equals("*") || (!entry.isEmpty() && matches(entry, name, port))) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String entry, String host, int port) {
    if (entry.contains("/")) {
      return isWithin(entry, host);
    }
    String wanted = entry;
    int colon = entry.lastIndexOf(':');
    // One colon, or one after a bracket: a port. More are an IPv6 address.
    if (colon > 0 && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']')) {
      if (!entry.substring(colon + 1).equals(Integer.toString(port))) {
        return false;
      }
      wanted = entry.substring(0, colon);
    }
    if (wanted.startsWith("[") && wanted.endsWith("]")) {
      wanted = wanted.substring(1, wanted.length() - 1);
    }
    Optional<InetAddress> address = address(wanted);
    if (address.isPresent()) {
      return address.equals(address(host));
    }
    if (wanted.startsWith("*.")) {
      wanted = wanted.substring(1);
    }
    return wanted.startsWith(".")
        ? host.endsWith(wanted)
        : host.equals(wanted) || host.endsWith("." + wanted);
  }

  private static boolean isWithin(String range, String host) {
    int slash = range.indexOf('/');
    Optional<InetAddress> start = address(range.substring(0, slash));
    Optional<InetAddress> address = address(host);
    String bits = range.substring(slash + 1);
    if (start.isEmpty() || address.isEmpty() || !bits.matches("\\d{1,3}")) {
      return false;
    }
    byte[] first = start.get().getAddress();
    byte[] other = address.get().getAddress();
    int free = first.length * 8 - Integer.parseInt(bits);
    return first.length == other.length
        && free >= 0
        && new BigInteger(1, first)
            .shiftRight(free)
            .equals(new BigInteger(1, other).shiftRight(free));
  }

  private static Optional<InetAddress> address(String text) {
    if (text.isEmpty() || !TcpConnector.isAddress(text)) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
