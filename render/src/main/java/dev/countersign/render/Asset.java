package dev.countersign.render;

import dev.countersign.common.file.FileMode;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.util.Objects;

/** A file of the rendered tree; a text in UTF-8. */
public sealed interface Asset {

  /**
   * A file that may be seen by everyone, and be committed to git.
   *
   * @param mode {@link FileMode#PUBLIC} or {@link FileMode#EXECUTABLE}
   */
  record Public(String text, FileMode mode) implements Asset {
    public Public {
      Objects.requireNonNull(text, "text");
      if (mode == FileMode.SECRET) {
        throw new IllegalArgumentException("mode: must be that of a public file");
      }
    }
  }

  /** A file with a key, a token or what holds one. */
  final class Secret implements Asset {
    private final SecretText text;

    private Secret(SecretText text) {
      this.text = Objects.requireNonNull(text, "text");
    }

    /** The content. */
    public SecretText secretText() {
      return text;
    }

    @Override
    public FileMode mode() {
      return FileMode.SECRET;
    }

    @Override
    public String toString() {
      return "Secret[redacted]";
    }
  }

  /** A public file that is not executed. */
  static Asset publicFile(String text) {
    return new Public(text, FileMode.PUBLIC);
  }

  /** A file of mode 0600. */
  static Asset secretFile(SecretText text) {
    return new Secret(text);
  }

  /** The permissions of the file. */
  FileMode mode();

  /** The content, whatever it is. */
  default String text(SecretAccess access) {
    return switch (this) {
      case Public(String text, FileMode mode) -> text;
      case Secret secret -> secret.text.reveal(access);
    };
  }
}
