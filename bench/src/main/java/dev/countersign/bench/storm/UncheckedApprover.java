package dev.countersign.bench.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The loop that looks at nothing, written with client-go as any tool of the field would be ({@code
 * bench/blind}): what the approver is held against where another client than our own is meant.
 *
 * @param program the built program
 */
record UncheckedApprover(Path program, Path kubeconfig) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What it took, from its first write to its last answer.
   *
   * @param cpu that it used itself meanwhile
   */
  record Took(Duration time, Duration cpu) {}

  /** Starts it and lets it read what waits; it writes nothing before it is told to. */
  Started start(Stage.Waiting waiting, boolean access) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--kubeconfig=" + kubeconfig,
                "--prefix=" + waiting.prefix() + "-",
                "--parallel=32"));
    if (access) {
      command.add("--access");
    }
    Started started =
        new Started(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
            waiting.requests().size());
    started.awaitReady();
    return started;
  }

  /** One that has read what it is to approve. */
  static final class Started implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;
    private final int count;

    private Started(Process process, int count) {
      this.process = process;
      this.lines = process.inputReader(StandardCharsets.UTF_8);
      this.count = count;
    }

    private void awaitReady() throws IOException {
      String line = lines.readLine();
      if (!"ready".equals(line)) {
        close();
        throw new IOException("blind: got \"" + line + "\"; want \"ready\"");
      }
    }

    /** Approves all that wait, 32 at a time. */
    Took approve() throws IOException, InterruptedException {
      process.getOutputStream().close();
      String line = lines.readLine();
      int status = process.waitFor();
      if (status != 0 || line == null) {
        throw new IOException("blind: got status " + status + "; want 0 and a line of JSON");
      }
      JsonNode result = JSON.readTree(line);
      int approved = result.path("approved").asInt();
      if (approved != count) {
        throw new IOException("blind: got " + approved + " approved; want " + count);
      }
      return new Took(seconds(result.path("seconds")), seconds(result.path("cpuSeconds")));
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private static Duration seconds(JsonNode number) {
    return Duration.ofNanos((long) (number.asDouble() * 1e9));
  }
}
