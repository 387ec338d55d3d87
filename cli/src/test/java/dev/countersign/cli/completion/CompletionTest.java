package dev.countersign.cli.completion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionTest {
  private static List<String> lines(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(out, true), new PrintWriter(err, true)), words);
    assertThat(status).as(err.toString()).isZero();
    return out.toString().lines().toList();
  }

  @Test
  void groupsAndCommands_areOffered_thenNoFiles() {
    assertThat(lines("__complete", "no")).containsExactly("node", ":4");
    assertThat(lines("__complete", "node", "d")).containsExactly("delete", "doctor", "drain", ":4");
    assertThat(lines("__complete", "token", "")).contains("create", "rotate", ":4");
  }

  @Test
  void options_areOfferedOnceADashIsTyped() {
    assertThat(lines("__complete", "node", "verify", "--ku"))
        .containsExactly("--kubeconfig", "--kubelet-ca", ":4");
  }

  @Test
  void valueOfAFileOption_isLeftToTheShell() {
    assertThat(lines("__complete", "node", "verify", "--kubeconfig", "").getLast()).isEqualTo(":0");
  }

  @Test
  void scripts_callTheRightProgram() {
    assertThat(lines("completion", "kubectl"))
        .startsWith("#!/bin/sh")
        .contains("exec kubectl-countersign __complete \"$@\"");
    assertThat(lines("completion", "bash")).anyMatch(line -> line.startsWith("complete -F"));
  }
}
