package dev.countersign.testkit;

import java.util.Arrays;
import java.util.Random;

/**
 * Arbitrary values for property tests, edge cases among them. Seeded: what fails, fails again. Not
 * safe for use by several threads.
 */
public final class Arbitrary {
  private static final String SPECIAL =
      "0123456789abcdefxABCDEFX.:-_/%*@[]\\\"'{}\u0000\u0007\n\r\t ";
  private static final int[] EDGES = {
    0, 1, -1, 2, 127, 128, 255, 256, 16_383, 16_384, -128, Integer.MAX_VALUE, Integer.MIN_VALUE
  };

  private final Random random;

  /** Of that seed. */
  public Arbitrary(long seed) {
    this.random = new Random(seed);
  }

  /** Either. */
  public boolean bool() {
    return random.nextBoolean();
  }

  /** From the least to the most, both included; each of them more often than others. */
  public int between(int least, int most) {
    return switch (random.nextInt(20)) {
      case 0 -> least;
      case 1 -> most;
      default -> random.nextInt(least, most) + random.nextInt(2);
    };
  }

  /** Any number. */
  public int integer() {
    return random.nextInt(4) == 0
        ? EDGES[random.nextInt(EDGES.length)]
        : random.nextInt() >> random.nextInt(32);
  }

  /** Any large number. */
  public long large() {
    return random.nextInt(4) == 0
        ? (long) EDGES[random.nextInt(EDGES.length)] << (random.nextBoolean() ? 32 : 0)
        : random.nextLong() >> random.nextInt(64);
  }

  /** So many bytes; often most of them are equal. */
  public byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    switch (random.nextInt(4)) {
      case 0 -> {
        Arrays.fill(bytes, random.nextBoolean() ? 0 : (byte) random.nextInt());
        for (int i = random.nextInt(4); i > 0 && size > 0; i--) {
          bytes[random.nextInt(size)] = (byte) random.nextInt();
        }
      }
      case 1 -> {
        for (int i = 0; i < size; i++) {
          bytes[i] = random.nextBoolean() ? 0 : (byte) random.nextInt();
        }
      }
      default -> random.nextBytes(bytes);
    }
    return bytes;
  }

  /** At most so many bytes. */
  public byte[] bytesUpTo(int most) {
    return bytes(between(0, most));
  }

  /** Up to 80 chars of any kind: words, what parsers look for, halves of characters. */
  public String text() {
    int length = between(0, random.nextInt(4) == 0 ? 80 : 12);
    int kind = random.nextInt(4);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(
          switch (kind == 3 ? random.nextInt(3) : kind) {
            case 0 -> SPECIAL.charAt(random.nextInt(SPECIAL.length()));
            case 1 -> (char) random.nextInt(0x80);
            default -> (char) random.nextInt(0x10000);
          });
    }
    return text.toString();
  }
}
