package dev.countersign.x509.file;

import dev.countersign.x509.Bytes;
import dev.countersign.x509.secret.SecretText;
import java.io.IOException;
import java.nio.file.Path;

/** Writes files that appear whole or not at all, with their mode from the first moment. */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"})
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes a secret with mode 0600; makes missing parent folders with mode 0700. */
  public static void writeSecret(Path path, SecretText content) throws IOException {
    dev.countersign.x509.UnderConstruction.<Object>todo();
  }

  /**
   * Writes a file; makes missing parent folders with mode 0700 for {@link FileMode#SECRET} and 0755
   * otherwise.
   */
  public static void write(Path path, Bytes content, FileMode mode) throws IOException {
    dev.countersign.x509.UnderConstruction.<Object>todo();
  }
}
