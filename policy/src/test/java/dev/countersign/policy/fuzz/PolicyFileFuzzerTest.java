package dev.countersign.policy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The short run of the fuzz target: everything the long runs kept, and a fixed number of blind
 * mutations with a fixed seed. The long run, guided by coverage, is {@code mvn -Pnightly}.
 */
class PolicyFileFuzzerTest {
  private static final Path CORPUS = Path.of("src/test/corpus/policy-file");
  private static final Path EXAMPLES = Path.of("../examples/policies");
  private static final int MUTATIONS = 3_000;
  private static final List<String> TOKENS =
      List.of(
          "\n", "  ", ": ", "- ", "{}", "[]", "&a ", "*a", "!!str ", "---\n", "\"", "'", "|", "#",
          "null", "true", "0x1f", "1e400", "-1", "spec", "rules", "\u0000", "\u2028", "<<: ");

  @Test
  void corpus_everyInput_keepsThePromises() throws IOException {
    List<byte[]> corpus = seeds();
    assertThat(corpus).hasSizeGreaterThan(5);
    for (byte[] input : corpus) {
      PolicyFileFuzzer.fuzzerTestOneInput(input);
    }
  }

  @Test
  void mutations_ofRealFiles_keepThePromises() throws IOException {
    List<byte[]> seeds = seeds();
    Random random = new Random(20261122);
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] input = mutate(seeds.get(random.nextInt(seeds.size())), random);
      assertThatCode(() -> PolicyFileFuzzer.fuzzerTestOneInput(input))
          .as(() -> HexFormat.of().formatHex(input))
          .doesNotThrowAnyException();
    }
  }

  private static List<byte[]> seeds() throws IOException {
    List<byte[]> inputs = new ArrayList<>();
    for (Path directory : List.of(CORPUS, EXAMPLES)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(Files.readAllBytes(file));
        }
      }
    }
    return inputs;
  }

  private static byte[] mutate(byte[] seed, Random random) {
    byte[] input = seed;
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(input.length + 1);
      input =
          switch (random.nextInt(4)) {
            case 0 ->
                spliced(
                    input,
                    at,
                    at,
                    TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8));
            case 1 -> spliced(input, at, Math.min(input.length, at + 1 + random.nextInt(8)));
            case 2 -> spliced(input, at, Math.min(input.length, at + 1), (byte) random.nextInt());
            default -> spliced(input, at, at, Arrays.copyOfRange(input, at / 2, at));
          };
    }
    return input;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte... put) {
    byte[] result = new byte[bytes.length - (to - from) + put.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(put, 0, result, from, put.length);
    System.arraycopy(bytes, to, result, from + put.length, bytes.length - to);
    return result;
  }
}
