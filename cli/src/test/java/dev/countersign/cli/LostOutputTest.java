package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.terminal.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostOutputTest {
  @TempDir private Path directory = Path.of(".");

  /** Standard output that can't be written, for a reason. */
  private static final class Broken extends OutputStream {
    private final String why;

    Broken(String why) {
      this.why = why;
    }

    @Override
    public void write(int octet) throws IOException {
      throw new IOException(why);
    }
  }

  private static Ran run(String why, String... arguments) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Countersign.run(Console.plain(new Broken(why), err), arguments);
    return new Ran(status, "", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void fullDisk_isAnErrorThatSaysSo() {
    Ran ran = run("No space left on device", "manifests");
    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("error: standard output: got No space left on device, ")
        .contains("; want ")
        .hasLineCount(1);
    assertThat(run("No space left on device", "--version").status()).isEqualTo(1);
  }

  @Test
  void readerThatHadEnough_isNoError() {
    assertThat(run("Broken pipe", "manifests")).isEqualTo(new Ran(0, "", ""));
  }

  @Test
  void statusOfACommandThatSaysNo_stays() {
    Ran ran = run("No space left on device", "manifests", "--image", "a b");
    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).doesNotContain("standard output");
  }

  @Test
  void secretThatNobodyGot_isTakenBackByItsId() throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      server.answer(
          "POST /api/v1/namespaces/kube-system/secrets",
          201,
          "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"}}");
      String kubeconfig = server.kubeconfig(directory).toString();
      // also through a pipe: who closed it before the first line has no secret
      for (String why : new String[] {"No space left on device", "Broken pipe"}) {
        for (String format : new String[] {"table", "json"}) {
          Ran ran = run(why, "token", "create", "--kubeconfig", kubeconfig, "-o", format);
          assertThat(ran.status()).isEqualTo(1);
          assertThat(ran.err())
              .contains("error: standard output: got " + why)
              .containsPattern("countersign token delete [a-z0-9]{6} ");
          assertThat(ran.err().lines().filter(line -> line.startsWith("error:"))).hasSize(1);
        }
      }
    }
  }
}
