package dev.countersign.x509.pem;

import dev.countersign.x509.Bytes;
import dev.countersign.x509.Reading;
import java.util.List;

/** Reading and writing PEM (RFC 7468). */
public final class Pem {
  private Pem() {}

  /** Writes a block with lines of 64 characters and a line feed at the end of each. */
  public static String encode(String label, Bytes content) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /**
   * Reads every block of a text. Text outside of blocks is skipped, as OpenSSL writes some there;
   * headers inside of blocks (encrypted keys) are refused.
   */
  public static Reading<List<PemBlock>> parseAll(String text) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** Reads a text that is one block of the label and nothing else but line ends after it. */
  public static Reading<Bytes> parseOnly(String label, String text) {
    return dev.countersign.x509.UnderConstruction.todo();
  }
}
