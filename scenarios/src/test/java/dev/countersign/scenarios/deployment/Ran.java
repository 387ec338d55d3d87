package dev.countersign.scenarios.deployment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that ran to its end.
 *
 * @param status its exit status
 * @param out its standard output
 * @param err its standard error
 */
record Ran(int status, String out, String err) {
  /** Runs a program, with some text as its input, for ten minutes at most. */
  static Ran run(String input, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("countersign-out-", ".txt");
    Path err = Files.createTempFile("countersign-err-", ".txt");
    Path in = Files.createTempFile("countersign-in-", ".txt");
    try {
      Files.writeString(in, input);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      if (!process.waitFor(10, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException(command.getFirst() + ": got no end within 10 minutes; want one");
      }
      return new Ran(process.exitValue(), read(out), read(err));
    } finally {
      Files.delete(in);
      Files.delete(out);
      Files.delete(err);
    }
  }

  static Ran run(List<String> command) throws IOException, InterruptedException {
    return run("", Map.of(), command);
  }

  private static String read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Its output, where it ended well. */
  String orThrow() {
    if (status != 0) {
      throw new AssertionError("exit status " + status + "\n" + out + err);
    }
    return out;
  }
}
