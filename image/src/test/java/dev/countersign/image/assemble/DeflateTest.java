package dev.countersign.image.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.image.plan.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runtime's decompressor is the oracle: whatever we write it must read back. */
final class DeflateTest {
  private static byte[] gzip(byte[] content, int workers) throws IOException {
    var out = new ByteArrayOutputStream();
    try (ExecutorService pool = Executors.newFixedThreadPool(workers);
        var gzip = new ParallelGzip(out, pool)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private static byte[] gunzip(byte[] compressed) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
      return in.readAllBytes();
    }
  }

  /** Words repeated at many distances, runs, and noise: each kind of block comes up. */
  private static byte[] content(int seed, int size) {
    var random = new Random(seed);
    byte[] content = new byte[size];
    int at = 0;
    while (at < size) {
      int length = Math.min(size - at, 1 + random.nextInt(600));
      switch (random.nextInt(4)) {
        case 0 -> java.util.Arrays.fill(content, at, at + length, (byte) random.nextInt(256));
        case 1 -> {
          int from = at == 0 ? 0 : random.nextInt(at);
          for (int i = 0; i < length; i++) {
            content[at + i] = content[Math.min(from + i, Math.max(0, at - 1))];
          }
        }
        case 2 -> {
          for (int i = 0; i < length; i++) {
            content[at + i] = (byte) ('a' + random.nextInt(1 + random.nextInt(26)));
          }
        }
        default -> {
          for (int i = 0; i < length; i++) {
            content[at + i] = (byte) random.nextInt(256);
          }
        }
      }
      at += length;
    }
    return content;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 1, 2, 3, 7, 8, 9, 100, 257, 258, 259, 32_767, 32_768, 32_769, 65_535, 65_536, 1_048_575,
        1_048_576, 1_048_577, 3_000_000
      })
  void content_comesBack(int size) throws IOException {
    byte[] content = content(size, size);
    assertThat(gunzip(gzip(content, 2))).isEqualTo(content);
  }

  @Test
  void contentOfManyKinds_comesBack() throws IOException {
    for (int seed = 0; seed < 300; seed++) {
      byte[] content = content(seed, 1 + (seed * 131) % 20_000);
      assertThat(gunzip(gzip(content, 1))).as("seed %d", seed).isEqualTo(content);
    }
  }

  @Test
  void output_doesNotDependOnTheNumberOfWorkers() throws IOException {
    byte[] content = content(1, 5_000_000);
    assertThat(gzip(content, 4)).isEqualTo(gzip(content, 1));
  }

  @Test
  void codes_ofVerySkewedCounts_keepTheirLimit() throws IOException {
    // Fibonacci counts make the deepest Huffman trees.
    var content = new ByteArrayOutputStream();
    int a = 1;
    int b = 1;
    for (int symbol = 0; symbol < 24; symbol++) {
      for (int i = 0; i < a; i++) {
        content.write(symbol * 9);
      }
      int next = a + b;
      a = b;
      b = next;
    }
    byte[] bytes = content.toByteArray();
    for (int i = bytes.length - 1; i > 0; i--) {
      int j = new Random(i).nextInt(i + 1);
      byte kept = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = kept;
    }
    assertThat(gunzip(gzip(bytes, 1))).isEqualTo(bytes);
  }

  /** Digests of layers depend on these bytes: a change here is a breaking change. */
  @Test
  void output_isPinned() throws IOException {
    byte[] text =
        "the quick brown fox jumps over the lazy dog, "
            .repeat(40_000)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(Digest.ofSha256(gzip(text, 1)).hex())
        .isEqualTo("3599d9547813d5701736514ed347e081ec6c90bbc6eb9830b530e8c4c00b1289");
  }
}
