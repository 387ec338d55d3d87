package dev.countersign.image.assemble;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Packs bits into bytes, the least significant first (RFC 1951, section 3.1.1). */
final class BitOutput {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] out = new byte[1 << 16];
  private int size;
  private long bits;
  private int bitCount;

  /** Forgets what was written. */
  void reset() {
    size = 0;
    bits = 0;
    bitCount = 0;
  }

  /** Appends the lowest bits of a value. */
  void put(int value, int width) {
    bits |= (long) value << bitCount;
    bitCount += width;
    if (bitCount >= 32) {
      reserve(4);
      INT.set(out, size, (int) bits);
      size += 4;
      bits >>>= 32;
      bitCount -= 32;
    }
  }

  /** Fills up the last byte with zeros. */
  void align() {
    while (bitCount > 0) {
      reserve(1);
      out[size++] = (byte) bits;
      bits >>>= 8;
      bitCount -= 8;
    }
    bits = 0;
    bitCount = 0;
  }

  /** Appends whole bytes; the output must be aligned. */
  void bytes(byte[] input, int from, int length) {
    reserve(length);
    System.arraycopy(input, from, out, size, length);
    size += length;
  }

  /** What was written, once aligned. */
  byte[] toByteArray() {
    return Arrays.copyOf(out, size);
  }

  private void reserve(int more) {
    if (size + more > out.length) {
      out = Arrays.copyOf(out, Math.max(out.length * 2, size + more));
    }
  }
}
