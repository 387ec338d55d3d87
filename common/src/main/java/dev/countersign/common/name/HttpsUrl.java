package dev.countersign.common.name;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * An address of a server that is reached by HTTPS, {@code https://HOST[:PORT][/PATH][?QUERY]} (RFC
 * 3986): without a user, which a message would show, and without a fragment, which no server gets.
 */
public final class HttpsUrl {
  private static final int HIGHEST_PORT = 65_535;

  private HttpsUrl() {}

  /** Whether a connection to the address can be tried. */
  public static boolean isValid(String text) {
    try {
      URI address = new URI(text);
      return "https".equals(address.getScheme())
          && address.getHost() != null
          && address.getRawUserInfo() == null
          && address.getRawFragment() == null
          && address.getPort() != 0
          && address.getPort() <= HIGHEST_PORT
          && !address.getRawAuthority().endsWith(":");
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
