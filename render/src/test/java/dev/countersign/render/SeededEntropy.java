package dev.countersign.render;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** The same bytes for the same seed and purpose. Not for anything but tests. */
public final class SeededEntropy implements RandomSource {
  private final String seed;

  /** Entropy of a seed. */
  public SeededEntropy(String seed) {
    this.seed = seed;
  }

  @Override
  public SecureRandom purpose(String label) {
    return new Counter(seed + "\n" + label);
  }

  /** SHA-256 of the label and a counter. */
  private static final class Counter extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final String label;
    private long counter;

    Counter(String label) {
      super(null, null);
      this.label = label;
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; ) {
        byte[] block = block();
        int length = Math.min(block.length, bytes.length - i);
        System.arraycopy(block, 0, bytes, i, length);
        i += length;
      }
    }

    private byte[] block() {
      try {
        return MessageDigest.getInstance("SHA-256")
            .digest((label + "\n" + counter++).getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
