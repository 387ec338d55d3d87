package dev.countersign.render.node;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.util.Objects;

/**
 * A file on a machine; its content is redacted when shown, as some of it is secret.
 *
 * @param path absolute
 * @param mode such as 0644
 * @param overwrite whether the operating system brings one that has to go
 * @param text in UTF-8
 */
record NodeFile(String path, int mode, boolean overwrite, SecretText text) {
  NodeFile {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(text, "text");
  }

  static NodeFile of(String path, int mode, String text) {
    return new NodeFile(path, mode, false, SecretText.of(text));
  }

  boolean isSecret() {
    return (mode & 0077) == 0;
  }

  String content() {
    return text.reveal(SecretAccess.because("written into a node's configuration"));
  }
}
