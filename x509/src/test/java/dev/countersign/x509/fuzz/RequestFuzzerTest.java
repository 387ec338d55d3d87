package dev.countersign.x509.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
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
class RequestFuzzerTest {
  private static final Path CORPUS = Path.of("src/test/corpus/request");
  private static final int MUTATIONS = 60_000;

  @Test
  void corpus_everyInput_keepsThePromises() throws IOException {
    List<byte[]> corpus = corpus();
    assertThat(corpus).hasSizeGreaterThan(10);
    for (byte[] input : corpus) {
      RequestFuzzer.fuzzerTestOneInput(input);
    }
  }

  @Test
  void mutations_ofValidRequests_keepThePromises() throws IOException {
    List<byte[]> seeds = new ArrayList<>(corpus());
    seeds.add(CsrForge.serving("node-a").der());
    seeds.add(CsrForge.serving("node-a").withKey(TestKeys.ed25519()).withUri("u:").der());
    seeds.add(CsrForge.client("node-a").pem().getBytes(StandardCharsets.US_ASCII));
    Random random = new Random(20261122);
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] input = mutate(seeds.get(random.nextInt(seeds.size())), random);
      assertThatCode(() -> RequestFuzzer.fuzzerTestOneInput(input))
          .as(() -> HexFormat.of().formatHex(input))
          .doesNotThrowAnyException();
    }
  }

  private static List<byte[]> corpus() throws IOException {
    try (Stream<Path> files = Files.list(CORPUS)) {
      List<byte[]> inputs = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        inputs.add(Files.readAllBytes(file));
      }
      return inputs;
    }
  }

  private static byte[] mutate(byte[] seed, Random random) {
    byte[] input = seed.clone();
    for (int changes = 1 + random.nextInt(4); changes > 0 && input.length > 1; changes--) {
      int at = random.nextInt(input.length);
      switch (random.nextInt(5)) {
        case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> input[at] = (byte) random.nextInt(256);
        case 2 -> input = Arrays.copyOf(input, at);
        case 3 -> {
          int from = random.nextInt(input.length);
          int length = Math.min(random.nextInt(16), input.length - Math.max(at, from));
          System.arraycopy(input, from, input, at, length);
        }
        default -> {
          byte[] longer = Arrays.copyOf(input, input.length + 1);
          System.arraycopy(input, at, longer, at + 1, input.length - at);
          input = longer;
        }
      }
    }
    return input;
  }
}
