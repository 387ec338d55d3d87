package dev.countersign.kube.http;

/** A bearer token. Not a record: its text must not come out of {@code toString}. */
public final class BearerToken {
  private final String text;

  private BearerToken(String text) {
    this.text = text;
  }

  /**
   * A token from its text.
   *
   * @throws IllegalArgumentException when the text cannot stand in an HTTP header
   */
  public static BearerToken of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a token must not be empty");
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
        throw new IllegalArgumentException(
            "a token must be printable ASCII without spaces; the character at " + i + " is not");
      }
    }
    return new BearerToken(text);
  }

  String headerValue() {
    return "Bearer " + text;
  }

  @Override
  public String toString() {
    return "BearerToken[redacted]";
  }
}
