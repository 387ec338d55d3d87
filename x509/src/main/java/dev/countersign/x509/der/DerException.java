package dev.countersign.x509.der;

import java.util.Objects;

/** The input is not what it must be; every reader turns this into an outcome of its own. */
public final class DerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String got;
  private final String want;

  /**
   * Describes the difference.
   *
   * @param path where, such as {@code byte 17}
   */
  public DerException(String path, String got, String want) {
    super(
        Objects.requireNonNull(path, "path")
            + ": got "
            + Objects.requireNonNull(got, "got")
            + "; want "
            + Objects.requireNonNull(want, "want"),
        null,
        false,
        false);
    this.path = path;
    this.got = got;
    this.want = want;
  }

  /** A difference at a byte of the input. */
  static DerException at(int offset, String got, String want) {
    return new DerException("byte " + offset, got, want);
  }

  /** The same fault in something that stands inside of {@code outer}. */
  public DerException within(String outer) {
    return new DerException(outer + path, got, want);
  }

  /** Where. */
  public String path() {
    return path;
  }

  /** What is there. */
  public String got() {
    return got;
  }

  /** What must be there. */
  public String want() {
    return want;
  }
}
