package dev.countersign.image.assemble;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Compresses to the DEFLATE format (RFC 1951), the same bytes on every machine.
 *
 * <p>The compressed bytes decide the digest of a layer, and the runtime's own compressor is
 * whatever zlib the runtime was linked with: two builds of one JDK release may differ. So this one
 * is ours: LZ77 with hash chains and one step of lazy matching, dynamic Huffman codes. Not
 * thread-safe; reuse an instance for speed, which does not change the output.
 */
final class Deflate {
  /** How far back a match may lie; also how much of the previous piece helps the next. */
  static final int WINDOW = 1 << 15;

  private static final int HASH_BITS = 15;
  private static final int LEAST_MATCH = 4;
  private static final int LONGEST_MATCH = 258;
  private static final int LONGEST_CHAIN = 8;
  private static final int GOOD_MATCH = 32;
  private static final int LAZY_MATCH = 12;
  private static final int LAZY_CHAIN = 4;

  /** Of a long match, only so many of its last places are found again. */
  private static final int SEEN_OF_LONG = 16;

  /** After so many literals in a row the search skips ever more of them: 1, 2, 3, … */
  private static final int PATIENCE = 7;

  private static final int TOKENS = 1 << 15;
  private static final int END = 256;
  private static final int LITERALS = 286;
  private static final int DISTANCES = 30;
  private static final int LONGEST_STORED = 0xffff;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int[] LENGTH_BASE = new int[29];
  private static final int[] LENGTH_EXTRA = new int[29];
  private static final int[] DISTANCE_BASE = new int[30];
  private static final int[] DISTANCE_EXTRA = new int[30];
  private static final byte[] LENGTH_CODE = new byte[LONGEST_MATCH + 1];
  private static final byte[] NEAR_CODE = new byte[257];
  private static final byte[] FAR_CODE = new byte[256];
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  static {
    int base = 3;
    for (int code = 0; code < 28; code++) {
      LENGTH_BASE[code] = base;
      LENGTH_EXTRA[code] = code < 8 ? 0 : (code - 4) / 4;
      for (int i = 0; i < 1 << LENGTH_EXTRA[code] && base + i < LONGEST_MATCH; i++) {
        LENGTH_CODE[base + i] = (byte) code;
      }
      base += 1 << LENGTH_EXTRA[code];
    }
    LENGTH_BASE[28] = LONGEST_MATCH;
    LENGTH_CODE[LONGEST_MATCH] = 28;
    base = 1;
    for (int code = 0; code < DISTANCES; code++) {
      DISTANCE_BASE[code] = base;
      DISTANCE_EXTRA[code] = code < 4 ? 0 : (code - 2) / 2;
      for (int i = 0; i < 1 << DISTANCE_EXTRA[code]; i++) {
        int distance = base + i;
        if (distance <= 256) {
          NEAR_CODE[distance] = (byte) code;
        } else {
          FAR_CODE[(distance - 1) >> 7] = (byte) code;
        }
      }
      base += 1 << DISTANCE_EXTRA[code];
    }
  }

  private final int[] head = new int[1 << HASH_BITS];

  /** From each place in the window to the one before it with the same hash; 0 ends the chain. */
  private final char[] steps = new char[WINDOW];

  private final int[] tokens = new int[TOKENS];
  private int tokenCount;
  private final int[] literalCounts = new int[LITERALS];
  private final int[] distanceCounts = new int[DISTANCES];

  private final BitOutput out = new BitOutput();

  /**
   * Compresses a piece.
   *
   * @param input holds the dictionary before {@code start} and the data from there to {@code end}
   * @param start at most {@link #WINDOW} bytes before it are used as a dictionary
   * @param last whether the stream ends here; else the output ends on a byte boundary, so that the
   *     next piece's output can follow it
   */
  byte[] compress(byte[] input, int start, int end, boolean last) {
    out.reset();
    tokenCount = 0;
    Arrays.fill(head, -WINDOW - 1);
    int from = Math.max(0, start - WINDOW);
    int hashEnd = end - Long.BYTES;
    for (int i = from; i < start && i <= hashEnd; i++) {
      insert(input, i);
    }
    int blockStart = start;
    int at = start;
    int lastMatch = start;
    while (at < end) {
      int length = 0;
      int distance = 0;
      if (at <= hashEnd) {
        long match = find(input, at, from, end, LEAST_MATCH - 1, LONGEST_CHAIN);
        length = (int) (match >>> 32);
        distance = (int) match;
        insert(input, at);
        if (length >= LEAST_MATCH && length < LAZY_MATCH && at + 1 <= hashEnd) {
          long next = find(input, at + 1, from, end, length, LAZY_CHAIN);
          if ((int) (next >>> 32) > length) {
            literal(input[at] & 0xff);
            at++;
            insert(input, at);
            length = (int) (next >>> 32);
            distance = (int) next;
          }
        }
      }
      if (length >= LEAST_MATCH) {
        tokens[tokenCount++] = distance << 9 | length;
        literalCounts[257 + LENGTH_CODE[length]]++;
        distanceCounts[distanceCode(distance)]++;
        int stop = Math.min(at + length, hashEnd + 1);
        int first = length > GOOD_MATCH ? Math.max(at + 1, stop - SEEN_OF_LONG) : at + 1;
        for (int i = first; i < stop; i++) {
          insert(input, i);
        }
        at += length;
        lastMatch = at;
      } else {
        int stop = Math.min(at + 1 + ((at - lastMatch) >>> PATIENCE), end);
        stop = Math.min(stop, at + TOKENS - 2 - tokenCount);
        while (at < stop) {
          literal(input[at] & 0xff);
          at++;
        }
      }
      if (tokenCount >= TOKENS - 2) {
        block(input, blockStart, at, last && at == end);
        blockStart = at;
      }
    }
    if (blockStart < end || (last && start == end)) {
      block(input, blockStart, end, last);
    }
    if (!last) {
      // An empty stored block ends on a byte boundary.
      out.put(0, 3);
      out.align();
      out.put(0, 16);
      out.put(0xffff, 16);
    }
    out.align();
    return out.toByteArray();
  }

  private void literal(int value) {
    tokens[tokenCount++] = value;
    literalCounts[value]++;
  }

  private static int hash(byte[] input, int at) {
    return ((int) INT.get(input, at) * 0x9E3779B1) >>> (32 - HASH_BITS);
  }

  private void insert(byte[] input, int at) {
    int hash = hash(input, at);
    int step = at - head[hash];
    steps[at & (WINDOW - 1)] = step <= WINDOW ? (char) step : 0;
    head[hash] = at;
  }

  /**
   * The longest earlier occurrence of what is here, if longer than {@code better}: length,
   * distance.
   */
  private long find(byte[] input, int at, int from, int end, int better, int longestChain) {
    int best = better;
    int distance = 0;
    int most = Math.min(LONGEST_MATCH, end - at);
    if (most <= best) {
      return 0;
    }
    int oldest = Math.max(from, at - WINDOW);
    int candidate = head[hash(input, at)];
    // A longer match has these four bytes; most candidates do not, and are told apart by them.
    int tail = (int) INT.get(input, at + best - 3);
    for (int chain = longestChain; candidate >= oldest && chain > 0; chain--) {
      if (candidate < at && (int) INT.get(input, candidate + best - 3) == tail) {
        int length = common(input, candidate, at, most);
        if (length > best) {
          best = length;
          distance = at - candidate;
          if (length >= GOOD_MATCH || length == most) {
            break;
          }
          tail = (int) INT.get(input, at + best - 3);
        }
      }
      int step = steps[candidate & (WINDOW - 1)];
      if (step == 0) {
        break;
      }
      candidate -= step;
    }
    return distance == 0 ? 0 : (long) best << 32 | distance;
  }

  private static int common(byte[] input, int left, int right, int most) {
    int length = 0;
    while (length + Long.BYTES <= most) {
      long difference =
          (long) LONG.get(input, left + length) ^ (long) LONG.get(input, right + length);
      if (difference != 0) {
        return length + (Long.numberOfTrailingZeros(difference) >>> 3);
      }
      length += Long.BYTES;
    }
    while (length < most && input[left + length] == input[right + length]) {
      length++;
    }
    return length;
  }

  private static int distanceCode(int distance) {
    return distance <= 256 ? NEAR_CODE[distance] : FAR_CODE[(distance - 1) >> 7];
  }

  private void block(byte[] input, int start, int end, boolean last) {
    literalCounts[END]++;
    byte[] literalLengths = HuffmanCode.lengths(literalCounts, 15);
    byte[] distanceLengths = HuffmanCode.lengths(distanceCounts, 15);
    int literals = used(literalLengths, 257);
    int distances = used(distanceLengths, 1);
    byte[] lengths = new byte[literals + distances];
    System.arraycopy(literalLengths, 0, lengths, 0, literals);
    System.arraycopy(distanceLengths, 0, lengths, literals, distances);
    int[] runs = runs(lengths);
    int[] runCounts = new int[19];
    for (int run : runs) {
      runCounts[run & 0x1f]++;
    }
    byte[] runLengths = HuffmanCode.lengths(runCounts, 7);
    int shown = 19;
    while (shown > 4 && runLengths[ORDER[shown - 1]] == 0) {
      shown--;
    }
    long cost = 3 + 14 + 3L * shown;
    for (int run : runs) {
      cost += runLengths[run & 0x1f] + runExtra(run & 0x1f);
    }
    for (int i = 0; i < LITERALS; i++) {
      cost += (long) literalCounts[i] * (literalLengths[i] + (i > END ? LENGTH_EXTRA[i - 257] : 0));
    }
    for (int i = 0; i < DISTANCES; i++) {
      cost += (long) distanceCounts[i] * (distanceLengths[i] + DISTANCE_EXTRA[i]);
    }
    int size = end - start;
    if (cost >= 8L * size + 40L * (1 + size / LONGEST_STORED)) {
      stored(input, start, end, last);
    } else {
      out.put(last ? 1 : 0, 1);
      out.put(2, 2);
      out.put(literals - 257, 5);
      out.put(distances - 1, 5);
      out.put(shown - 4, 4);
      for (int i = 0; i < shown; i++) {
        out.put(runLengths[ORDER[i]], 3);
      }
      int[] runCodes = HuffmanCode.codes(runLengths);
      for (int run : runs) {
        int symbol = run & 0x1f;
        out.put(runCodes[symbol], runLengths[symbol]);
        out.put(run >>> 5, runExtra(symbol));
      }
      write(
          HuffmanCode.codes(literalLengths),
          literalLengths,
          HuffmanCode.codes(distanceLengths),
          distanceLengths);
    }
    tokenCount = 0;
    Arrays.fill(literalCounts, 0);
    Arrays.fill(distanceCounts, 0);
  }

  private void write(
      int[] literalCodes, byte[] literalLengths, int[] distanceCodes, byte[] distanceLengths) {
    for (int i = 0; i < tokenCount; i++) {
      int token = tokens[i];
      int distance = token >>> 9;
      if (distance == 0) {
        out.put(literalCodes[token], literalLengths[token]);
      } else {
        int length = token & 0x1ff;
        int code = LENGTH_CODE[length];
        int width = literalLengths[257 + code];
        out.put(
            literalCodes[257 + code] | (length - LENGTH_BASE[code]) << width,
            width + LENGTH_EXTRA[code]);
        int far = distanceCode(distance);
        width = distanceLengths[far];
        out.put(
            distanceCodes[far] | (distance - DISTANCE_BASE[far]) << width,
            width + DISTANCE_EXTRA[far]);
      }
    }
    out.put(literalCodes[END], literalLengths[END]);
  }

  private void stored(byte[] input, int start, int end, boolean last) {
    int at = start;
    do {
      int size = Math.min(LONGEST_STORED, end - at);
      out.put(last && at + size == end ? 1 : 0, 3);
      out.align();
      out.put(size, 16);
      out.put(size ^ 0xffff, 16);
      out.align();
      out.bytes(input, at, size);
      at += size;
    } while (at < end);
  }

  private static int used(byte[] lengths, int least) {
    int used = lengths.length;
    while (used > least && lengths[used - 1] == 0) {
      used--;
    }
    return used;
  }

  /** Run-length coding of code lengths (RFC 1951, 3.2.7): symbol in five bits, extra above. */
  private static int[] runs(byte[] lengths) {
    int[] runs = new int[lengths.length];
    int count = 0;
    int at = 0;
    while (at < lengths.length) {
      int same = 1;
      while (at + same < lengths.length && lengths[at + same] == lengths[at]) {
        same++;
      }
      int left = same;
      if (lengths[at] == 0) {
        while (left >= 3) {
          int take = Math.min(left, 138);
          runs[count++] = take <= 10 ? 17 | (take - 3) << 5 : 18 | (take - 11) << 5;
          left -= take;
        }
      } else {
        runs[count++] = lengths[at];
        left--;
        while (left >= 3) {
          int take = Math.min(left, 6);
          runs[count++] = 16 | (take - 3) << 5;
          left -= take;
        }
      }
      for (; left > 0; left--) {
        runs[count++] = lengths[at];
      }
      at += same;
    }
    return Arrays.copyOf(runs, count);
  }

  private static int runExtra(int symbol) {
    return switch (symbol) {
      case 16 -> 2;
      case 17 -> 3;
      case 18 -> 7;
      default -> 0;
    };
  }
}
