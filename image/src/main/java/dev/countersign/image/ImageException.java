package dev.countersign.image;

import dev.countersign.common.text.SafeText;
import java.util.Objects;
import java.util.Optional;

/**
 * Something was checked and is not what it must be: a digest, a signature, a dependency, a file.
 *
 * <p>The message has the form {@code <path>: got <got>; want <want>[; <next step>]}. It is safe to
 * print: values from outside are quoted by {@link #printable(String)}.
 */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_VALUE = 200;

  private final String path;
  private final String got;
  private final String want;

  public ImageException(String path, String got, String want) {
    this(path, got, want, Optional.empty());
  }

  public ImageException(String path, String got, String want, String next) {
    this(path, got, want, Optional.of(next));
  }

  private ImageException(String path, String got, String want, Optional<String> next) {
    super(
        printable(path)
            + ": got "
            + printable(got)
            + "; want "
            + printable(want)
            + next.map(step -> "; " + step).orElse(""));
    this.path = Objects.requireNonNull(path, "path");
    this.got = Objects.requireNonNull(got, "got");
    this.want = Objects.requireNonNull(want, "want");
  }

  /** What was checked: a file, a key of the spec, a URL. */
  public String path() {
    return path;
  }

  /** What was found. */
  public String got() {
    return got;
  }

  /** What had to be found. */
  public String want() {
    return want;
  }

  /**
   * The text with control characters replaced, and cut where it is too long for a terminal line.
   */
  public static String printable(String text) {
    String shown = SafeText.line(text);
    return shown.length() > LONGEST_VALUE * 2 ? shown.substring(0, LONGEST_VALUE * 2) + "…" : shown;
  }
}
