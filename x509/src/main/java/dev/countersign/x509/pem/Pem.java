package dev.countersign.x509.pem;

import dev.countersign.x509.Bytes;
import dev.countersign.x509.Quoted;
import dev.countersign.x509.Reading;
import java.util.ArrayList;
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
  public static Reading<List<PemBlock>> parseAll(String text) {
    Lines lines = new Lines(text);
    List<PemBlock> blocks = new ArrayList<>();
    while (lines.hasNext()) {
      if (!lines.peek().startsWith(BEGIN)) {
        lines.next();
        continue;
      }
      switch (block(lines)) {
        case Reading.Read<PemBlock>(PemBlock block) -> blocks.add(block);
        case Reading.Unreadable<PemBlock>(String path, String got, String want) -> {
          return Reading.unreadable(path, got, want);
        }
      }
    }
    return Reading.read(List.copyOf(blocks));
  }

  /** Reads a text that is one block of the label and nothing else but line ends after it. */
  public static Reading<Bytes> parseOnly(String label, String text) {
    Lines lines = new Lines(text);
    String begin = BEGIN + label + DASHES;
    if (!lines.hasNext() || !lines.peek().equals(begin)) {
      return Reading.unreadable(
          "pem line 1", lines.hasNext() ? Quoted.quote(lines.peek()) : "nothing", begin);
    }
    return block(lines)
        .then(
            block -> {
              while (lines.hasNext()) {
                int number = lines.number();
                String line = lines.next();
                if (!line.isEmpty()) {
                  return Reading.unreadable(
                      "pem line " + number, Quoted.quote(line), "nothing after the block");
                }
              }
              return Reading.read(block.content());
            });
  }

  private static Reading<PemBlock> block(Lines lines) {
    int firstLine = lines.number();
    String begin = lines.next();
    if (begin.length() <= BEGIN.length() + DASHES.length() || !begin.endsWith(DASHES)) {
      return Reading.unreadable("pem line " + firstLine, Quoted.quote(begin), BEGIN + "…" + DASHES);
    }
    String label = begin.substring(BEGIN.length(), begin.length() - DASHES.length());
    String end = END + label + DASHES;
    StringBuilder base64 = new StringBuilder();
    while (true) {
      if (!lines.hasNext()) {
        return Reading.unreadable(
            "pem line " + lines.number(), "the end of the text", Quoted.quote(end));
      }
      int number = lines.number();
      String line = lines.next();
      if (line.startsWith(DASHES)) {
        if (!line.equals(end)) {
          return Reading.unreadable("pem line " + number, Quoted.quote(line), Quoted.quote(end));
        }
        break;
      }
      if (line.indexOf(':') >= 0) {
        return Reading.unreadable(
            "pem line " + number, "a header", "base64 alone; decrypt an encrypted key first");
      }
      if (line.isEmpty() || !isBase64(line)) {
        return Reading.unreadable(
            "pem line " + number,
            line.isEmpty() ? "an empty line" : "characters outside of base64",
            "base64");
      }
      base64.append(line);
    }
    try {
      byte[] content = Base64.getDecoder().decode(base64.toString());
      if (Base64.getEncoder().encodeToString(content).contentEquals(base64)) {
        return Reading.read(new PemBlock(label, Bytes.copyOf(content)));
      }
    } catch (IllegalArgumentException e) {
      // Said below: the decoder's message would show what it could not decode.
    }
    return Reading.unreadable(
        "pem line " + (firstLine + 1),
        "base64 that is not canonical",
        "full padding, no spare bits");
  }

  private static boolean isBase64(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '+'
              || c == '/'
              || c == '=';
      if (!allowed) {
        return false;
      }
    }
    return true;
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

    String peek() {
      int end = lineFeed();
      boolean crLf = end < text.length() && end > position && text.charAt(end - 1) == '\r';
      return text.substring(position, crLf ? end - 1 : end);
    }

    String next() {
      String line = peek();
      position = Math.min(lineFeed() + 1, text.length());
      number++;
      return line;
    }

    private int lineFeed() {
      int end = text.indexOf('\n', position);
      return end < 0 ? text.length() : end;
    }
  }
}
