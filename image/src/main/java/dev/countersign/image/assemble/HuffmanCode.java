package dev.countersign.image.assemble;

import java.util.Arrays;

/** Prefix codes of limited length, and their canonical form (RFC 1951, 3.2.2). */
final class HuffmanCode {
  private HuffmanCode() {}

  /**
   * Code lengths for symbols that occur so often, none longer than {@code limit}. Ties are broken
   * by the symbol's number, so the result is a function of the counts. Symbols that do not occur
   * get length 0; where fewer than two occur, two get length 1, since some decoders want a whole
   * code.
   */
  static byte[] lengths(int[] counts, int limit) {
    byte[] lengths = new byte[counts.length];
    long[] sorted = new long[counts.length];
    int used = 0;
    for (int symbol = 0; symbol < counts.length; symbol++) {
      if (counts[symbol] > 0) {
        sorted[used++] = (long) counts[symbol] << 16 | symbol;
      }
    }
    if (used < 2) {
      int only = used == 0 ? 0 : (int) (sorted[0] & 0xffff);
      lengths[only] = 1;
      lengths[only == 0 ? 1 : 0] = 1;
      return lengths;
    }
    Arrays.sort(sorted, 0, used);
    int[] perLength = perLength(sorted, used, limit);
    int at = 0;
    for (int length = limit; length > 0; length--) {
      for (int i = 0; i < perLength[length]; i++) {
        lengths[(int) (sorted[at++] & 0xffff)] = (byte) length;
      }
    }
    return lengths;
  }

  /** How many codes there are of each length, the rarest symbols having the longest. */
  private static int[] perLength(long[] sorted, int used, int limit) {
    long[] weight = new long[2 * used - 1];
    int[] parent = new int[2 * used - 1];
    for (int i = 0; i < used; i++) {
      weight[i] = sorted[i] >>> 16;
    }
    int leaf = 0;
    int inner = used;
    for (int next = used; next < weight.length; next++) {
      for (int side = 0; side < 2; side++) {
        int lightest =
            leaf < used && (inner >= next || weight[leaf] <= weight[inner]) ? leaf++ : inner++;
        weight[next] += weight[lightest];
        parent[lightest] = next;
      }
    }
    int[] depth = new int[weight.length];
    int[] perLength = new int[limit + 1];
    for (int i = weight.length - 2; i >= 0; i--) {
      depth[i] = depth[parent[i]] + 1;
      if (i < used) {
        perLength[Math.min(depth[i], limit)]++;
      }
    }
    // Codes cut to the limit took more than the code space: lengthen the longest that still can be
    // until the Kraft sum is one again.
    long taken = 0;
    for (int length = 1; length <= limit; length++) {
      taken += (long) perLength[length] << (limit - length);
    }
    while (taken > 1L << limit) {
      perLength[limit]--;
      for (int length = limit - 1; length > 0; length--) {
        if (perLength[length] > 0) {
          perLength[length]--;
          perLength[length + 1] += 2;
          break;
        }
      }
      taken--;
    }
    return perLength;
  }

  /** The codes of such lengths, bit-reversed as they are sent. */
  static int[] codes(byte[] lengths) {
    int[] perLength = new int[16];
    for (byte length : lengths) {
      perLength[length]++;
    }
    perLength[0] = 0;
    int[] next = new int[17];
    for (int length = 1; length <= 15; length++) {
      next[length + 1] = (next[length] + perLength[length]) << 1;
    }
    int[] codes = new int[lengths.length];
    for (int symbol = 0; symbol < lengths.length; symbol++) {
      int length = lengths[symbol];
      if (length > 0) {
        codes[symbol] = Integer.reverse(next[length]++) >>> (32 - length);
      }
    }
    return codes;
  }
}
