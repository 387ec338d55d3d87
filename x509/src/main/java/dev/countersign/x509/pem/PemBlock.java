package dev.countersign.x509.pem;

import dev.countersign.common.Bytes;
import java.util.Objects;

/**
 * One block of PEM. Holds the bytes of a private key where the label says so; {@link #toString()}
 * shows none.
 */
public final class PemBlock {
  private final String label;
  private final Bytes content;

  /** A block of a label such as {@code CERTIFICATE} and its content. */
  public PemBlock(String label, Bytes content) {
    this.label = Objects.requireNonNull(label, "label");
    this.content = Objects.requireNonNull(content, "content");
  }

  /** Such as {@code CERTIFICATE}. */
  public String label() {
    return label;
  }

  /** The decoded bytes. */
  public Bytes content() {
    return content;
  }

  @Override
  public String toString() {
    return "PemBlock[" + label + ", " + content.size() + " bytes]";
  }
}
