package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserFileTest {
  @TempDir private Path directory = Path.of(".");

  private void isTold(Path file, String got) {
    CliException failure =
        catchThrowableOfType(CliException.class, () -> UserFile.read("--policy", file, "a policy"));
    assertThat(failure).hasMessage("--policy: got " + file + ", " + got + "; want a policy");
    assertThat(failure.status()).isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void whatIsWrongWithAFile_isToldApart() throws IOException {
    isTold(directory, "which is a directory");
    isTold(directory.resolve("missing"), "where there is nothing");
    isTold(
        Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xff}),
        "which is not UTF-8 text");
  }

  @Test
  void everyCommand_namesOptionAndPath() throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      String kubeconfig = server.kubeconfig(directory).toString();
      isUsage(
          "token create --kubeconfig-out x --server https://x --kubeconfig " + kubeconfig, "--ca");
      isUsage("node doctor --kubeconfig " + kubeconfig, "--kubelet-ca");
    }
    isUsage("manifests", "--policy");
    isUsage("image build --out x", "--lock");
    isUsage("image lock --out x", "--spec");
  }

  private void isUsage(String command, String option) {
    Ran ran = Ran.of((command + " " + option + " " + directory).split(" "));
    assertThat(ran.err())
        .startsWith("error: " + option + ": got " + directory + ", which is a directory; want ");
    assertThat(ran.status()).isEqualTo(2);
  }
}
