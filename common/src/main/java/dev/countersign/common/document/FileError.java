package dev.countersign.common.document;

import dev.countersign.common.text.SafeText;
import java.util.Optional;

/**
 * One thing that is wrong in a file.
 *
 * @param path where, for example {@code spec.limits.names}
 * @param got what is there
 * @param want what must be there
 * @param hint what was probably meant
 */
public record FileError(String path, String got, String want, Optional<String> hint) {
  public FileError {
    path = SafeText.plain(path);
    got = SafeText.plain(got);
    want = SafeText.plain(want);
  }

  /** {@code path: got …; want …; did you mean …?}. */
  public String message() {
    return path
        + ": got "
        + got
        + "; want "
        + want
        + hint.map(meant -> "; did you mean \"" + meant + "\"?").orElse("");
  }
}
