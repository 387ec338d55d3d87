package dev.countersign.x509.pem;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Reading and writing PEM (RFC 7468).
 *
 * <p>Errors never show what stands inside of a block.
 */
public final class Pem {
  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private Pem() {}

  /** Writes a block with lines of 64 characters and a line feed at the end of each. */
  public static String encode(String label, Bytes content) {
    String base64 = Base64.getEncoder().encodeToString(content.toByteArray());
    StringBuilder out = new StringBuilder(base64.length() * 66 / 64 + 64);
    out.append(BEGIN).append(label).append(DASHES).append('\n');
    for (int i = 0; i < base64.length(); i += 64) {
      out.append(base64, i, Math.min(i + 64, base64.length())).append('\n');
    }
    return out.append(END).append(label).append(DASHES).append('\n').toString();
  }

  /**
   * Reads every block of a text. Text outside of blocks is skipped, as OpenSSL writes some there;
   * headers inside of blocks, which encrypted keys have, are refused.
   */
  public static ParseResult<List<PemBlock>> parseAll(String text) {
    Lines lines = new Lines(text);
    List<PemBlock> blocks = new ArrayList<>();
    while (lines.hasNext()) {
      if (!lines.peek().startsWith(BEGIN)) {
        lines.next();
        continue;
      }
      switch (block(lines)) {
        case ParseResult.Parsed<PemBlock>(PemBlock block) -> blocks.add(block);
        case ParseResult.Refused<PemBlock>(List<ParseError> errors) -> {
          return new ParseResult.Refused<>(errors);
        }
      }
    }
    return ParseResult.parsed(List.copyOf(blocks));
  }

  /** Reads a text that is one block of the label and nothing else but line ends after it. */
  public static ParseResult<Bytes> parseOnly(String label, String text) {
    Lines lines = new Lines(text);
    String begin = BEGIN + label + DASHES;
    if (!lines.hasNext() || !lines.peek().equals(begin)) {
      return ParseResult.refused(
          "pem line 1", lines.hasNext() ? SafeText.quote(lines.peek()) : "nothing", begin);
    }
    return block(lines)
        .then(
            block -> {
              while (lines.hasNext()) {
                int number = lines.number();
                String line = lines.next();
                if (!line.isEmpty()) {
                  return ParseResult.refused(
                      "pem line " + number, SafeText.quote(line), "nothing after the block");
                }
              }
              return ParseResult.parsed(block.content());
            });
  }

  private static ParseResult<PemBlock> block(Lines lines) {
    int firstLine = lines.number();
    String begin = lines.next();
    if (begin.length() <= BEGIN.length() + DASHES.length() || !begin.endsWith(DASHES)) {
      return ParseResult.refused(
          "pem line " + firstLine, SafeText.quote(begin), BEGIN + "…" + DASHES);
    }
    String label = begin.substring(BEGIN.length(), begin.length() - DASHES.length());
    String end = END + label + DASHES;
    byte[] base64 = new byte[lines.left()];
    int length = 0;
    while (true) {
      if (!lines.hasNext()) {
        return ParseResult.refused(
            "pem line " + lines.number(), "the end of the text", SafeText.quote(end));
      }
      int number = lines.number();
      if (lines.startsWith(DASHES)) {
        String line = lines.next();
        if (!line.equals(end)) {
          return ParseResult.refused(
              "pem line " + number, SafeText.quote(line), SafeText.quote(end));
        }
        break;
      }
      int read = lines.copyBase64(base64, length);
      if (read <= 0) {
        String line = lines.next();
        return line.indexOf(':') >= 0
            ? ParseResult.refused(
                "pem line " + number, "a header", "base64 alone; decrypt an encrypted key first")
            : ParseResult.refused(
                "pem line " + number,
                line.isEmpty() ? "an empty line" : "characters outside of base64",
                "base64");
      }
      length += read;
    }
    try {
      byte[] written = Arrays.copyOf(base64, length);
      byte[] content = Base64.getDecoder().decode(written);
      if (Arrays.equals(Base64.getEncoder().encode(content), written)) {
        return ParseResult.parsed(new PemBlock(label, Bytes.copyOf(content)));
      }
    } catch (IllegalArgumentException e) {
      // Said below: the decoder's message would show what it could not decode.
    }
    return ParseResult.refused(
        "pem line " + (firstLine + 1),
        "base64 that is not canonical",
        "full padding, no spare bits");
  }

  private static boolean isBase64(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/'
        || c == '=';
  }

  /** Lines that end with LF or CRLF; a CR elsewhere is part of its line. */
  private static final class Lines {
    private final String text;
    private int position;
    private int number = 1;

    Lines(String text) {
      this.text = text;
    }

    boolean hasNext() {
      return position < text.length();
    }

    int number() {
      return number;
    }

    /** How many characters are left, line ends among them. */
    int left() {
      return text.length() - position;
    }

    boolean startsWith(String prefix) {
      return text.startsWith(prefix, position);
    }

    String peek() {
      return text.substring(position, end(lineFeed()));
    }

    String next() {
      int lineFeed = lineFeed();
      String line = text.substring(position, end(lineFeed));
      advance(lineFeed);
      return line;
    }

    /**
     * Copies the next line and steps over it where it is of characters of base64 only.
     *
     * @return how many characters were copied; -1 where there are others and nothing was done
     */
    int copyBase64(byte[] target, int offset) {
      int lineFeed = lineFeed();
      int length = end(lineFeed) - position;
      for (int i = 0; i < length; i++) {
        char c = text.charAt(position + i);
        if (!isBase64(c)) {
          return -1;
        }
        target[offset + i] = (byte) c;
      }
      if (length > 0) {
        advance(lineFeed);
      }
      return length;
    }

    private void advance(int lineFeed) {
      position = Math.min(lineFeed + 1, text.length());
      number++;
    }

    private int lineFeed() {
      int end = text.indexOf('\n', position);
      return end < 0 ? text.length() : end;
    }

    private int end(int lineFeed) {
      boolean crLf =
          lineFeed < text.length() && lineFeed > position && text.charAt(lineFeed - 1) == '\r';
      return crLf ? lineFeed - 1 : lineFeed;
    }
  }
}
