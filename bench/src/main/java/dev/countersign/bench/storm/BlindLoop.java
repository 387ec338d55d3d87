package dev.countersign.bench.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
record BlindLoop(Path program, Path kubeconfig) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What it took, from its first write to its last answer.
   *
   * @param cpu that it used itself meanwhile
   */
  record Took(Duration time, Duration cpu) {}

  /** Approves all that wait, 32 at a time. */
  Took approve(Stage.Waiting waiting, boolean access) throws IOException, InterruptedException {
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
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(program + ": got status " + status + "; want 0");
    }
    JsonNode result = JSON.readTree(out);
    int approved = result.path("approved").asInt();
    if (approved != waiting.requests().size()) {
      throw new IOException(
          program + ": got " + approved + " approved; want " + waiting.requests().size());
    }
    return new Took(seconds(result.path("seconds")), seconds(result.path("cpuSeconds")));
  }

  private static Duration seconds(JsonNode number) {
    return Duration.ofNanos((long) (number.asDouble() * 1e9));
  }
}
