package dev.countersign.render.node;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.util.Objects;
import java.util.Optional;

/** The content of a file, or a part of it; redacted when shown, as some of it is secret. */
sealed interface FileContents {

  /** A text in UTF-8. */
  record Inline(SecretText text) implements FileContents {
    public Inline {
      Objects.requireNonNull(text, "text");
    }
  }

  /**
   * What is at a URL when the machine boots.
   *
   * @param url also one that is the content itself, {@code data:}
   * @param compression gzip or none
   * @param hash {@code sha256-…} or {@code sha512-…}
   */
  record Source(SecretText url, Optional<String> compression, Optional<String> hash)
      implements FileContents {
    public Source {
      Objects.requireNonNull(url, "url");
      Objects.requireNonNull(compression, "compression");
      Objects.requireNonNull(hash, "hash");
    }
  }

  static FileContents inline(String text) {
    return new Inline(SecretText.of(text));
  }

  /** Returns the text of it, or its URL. */
  default String reveal() {
    SecretText text =
        switch (this) {
          case Inline(SecretText inline) -> inline;
          case Source(SecretText url, Optional<String> compression, Optional<String> hash) -> url;
        };
    return text.reveal(SecretAccess.because("written into a node's configuration"));
  }
}
