package dev.countersign.common.text;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Percent-encoding (RFC 3986, section 2.1): all but the unreserved characters, as UTF-8. */
public final class PercentEncoding {
  private PercentEncoding() {}

  /** Encodes a text, so that it can stand in a path, a query, a header or a data URL. */
  public static String encode(String text) {
    // URLEncoder is for forms, which differ in these three.
    return URLEncoder.encode(text, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}
