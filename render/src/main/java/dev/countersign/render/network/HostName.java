package dev.countersign.render.network;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A DNS name in lower case without a trailing dot (RFC 1123, section 2.1).
 *
 * @param value at most 253 characters; labels of letters, digits and inner hyphens; the last one is
 *     not a number, so that it cannot be read as an address
 */
public record HostName(String value) implements Host {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern NUMBER = Pattern.compile("(?:.*\\.)?(?:[0-9]+|0x[0-9a-f]*)");

  public HostName {
    Objects.requireNonNull(value, "value");
    if (!isName(value)) {
      throw new IllegalArgumentException("value: must be a DNS name in lower case");
    }
  }

  /** Reads a DNS name; upper case is folded. */
  public static Optional<HostName> parse(String text) {
    String folded = text.toLowerCase(Locale.ROOT);
    return isName(folded) ? Optional.of(new HostName(folded)) : Optional.empty();
  }

  private static boolean isName(String text) {
    return text.length() <= 253 && FORM.matcher(text).matches() && !NUMBER.matcher(text).matches();
  }

  // A record's own are linked anew at each start, which takes 30 ms (docs/adr/0003).
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HostName that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
