package dev.countersign.cli.completion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static List<String> named(String... words) {
    return Completions.of(
        Countersign.complete(
            Console.plain(
                new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()))),
        (kind, options) ->
            switch (kind) {
              case NODE -> List.of("worker-2", "worker-1", "other");
              case TOKEN -> List.of("abc123", "abd456");
              case REQUEST -> List.of("csr-1", "node-csr-Ab_9", "$(reboot)", "csr-2;reboot", "-x");
              case NAMESPACE -> List.of("kube-system");
              case CONTEXT -> List.of("admin@prod", "$(reboot)", String.valueOf(options.context()));
            },
        List.of(words));
  }

  @Test
  void namesOfTheCluster_areOfferedWhereTheyBelong() {
    assertThat(named("node", "verify", "w")).containsExactly("worker-1", "worker-2", ":4");
    assertThat(named("node", "drain", "worker-1", "")).containsExactly("other", "worker-2", ":4");
    assertThat(named("node", "doctor", "-o", "json", "o")).containsExactly("other", ":4");
    assertThat(named("token", "rotate", "abc")).containsExactly("abc123", ":4");
    assertThat(named("token", "rotate", "--grace", "1h", "ab"))
        .containsExactly("abc123", "abd456", ":4");
    assertThat(named("csr", "list", "-n", "k")).containsExactly("kube-system", ":4");
    assertThat(named("node", "verify", "--context", "admin")).containsExactly("admin@prod", ":4");
    assertThat(named("node", "verify", "--context=admin"))
        .containsExactly("--context=admin@prod", ":4");
    assertThat(named("token", "create", "")).containsExactly(":4");
    assertThat(named("token", "rotate", "abc123", "")).containsExactly(":4");
  }

  @Test
  void wordsAsBashSplitsThem_areUnderstood() {
    assertThat(named("node", "verify", "--context", "=")).contains("admin@prod");
    assertThat(named("node", "verify", "--context", "=", "adm"))
        .containsExactly("admin@prod", ":4");
  }

  /** Whoever holds a bootstrap token names requests; a shell runs what is on its command line. */
  @Test
  void nameThatAShellWouldRun_isNotOffered() {
    assertThat(named("csr", "approve", "")).containsExactly("csr-1", "node-csr-Ab_9", ":4");
    assertThat(named("csr", "deny", "$")).containsExactly(":4");
    assertThat(named("csr", "list", "--context", "")).doesNotContain("$(reboot)");
  }

  @Test
  void clusterThatIsNotThere_givesNothingAndNoError(@TempDir Path directory) throws Exception {
    Path kubeconfig = directory.resolve("config");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: nowhere
        contexts:
        - {name: nowhere, context: {cluster: c, user: u}}
        - {name: elsewhere, context: {cluster: c, user: u}}
        clusters:
        - {name: c, cluster: {server: "https://127.0.0.1:1"}}
        users:
        - {name: u, user: {}}
        """);
    String flag = "--kubeconfig=" + kubeconfig;
    assertThat(lines("__complete", "node", "verify", flag, "")).containsExactly(":4");
    assertThat(lines("__complete", "node", "verify", "--kubeconfig=" + directory, "x"))
        .containsExactly(":4");
    assertThat(lines("__complete", "csr", "list", flag, "--context", "e"))
        .containsExactly("elsewhere", ":4");
  }

  /** One that takes the connection and never answers: the press of a key must not hang. */
  @Test
  void clusterThatDoesNotAnswer_givesNothingAndNoError(@TempDir Path directory) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Path kubeconfig = directory.resolve("config");
      Files.writeString(
          kubeconfig,
          """
          apiVersion: v1
          kind: Config
          current-context: silent
          contexts:
          - {name: silent, context: {cluster: c, user: u}}
          clusters:
          - {name: c, cluster: {server: "http://127.0.0.1:%d"}}
          users:
          - {name: u, user: {}}
          """
              .formatted(silent.getLocalPort()));
      assertThat(lines("__complete", "token", "delete", "--kubeconfig=" + kubeconfig, ""))
          .containsExactly(":4");
      StringWriter err = new StringWriter();
      int status =
          Countersign.run(
              Console.plain(new PrintWriter(new StringWriter()), new PrintWriter(err, true)),
              "token",
              "list",
              "--kubeconfig=" + kubeconfig,
              "--request-timeout=500ms");
      assertThat(status).isEqualTo(1);
      assertThat(err.toString())
          .contains("API server http://127.0.0.1:", ": got no answer in time");
    }
  }

  /** The script in a real shell, with a program that answers in countersign's place. */
  @ParameterizedTest
  @CsvSource({
    "bash, node verify w, worker-1 worker-2",
    "bash, node ver, verify",
    "bash, token delete '', worker-1 worker-2",
    "zsh, node verify w, worker-1 worker-2",
  })
  void script_inItsShell_offersWordsAndNames(
      String shell, String words, String offered, @TempDir Path directory) throws Exception {
    Assumptions.assumeTrue(
        Stream.of("/bin/", "/usr/bin/").anyMatch(bin -> Files.exists(Path.of(bin + shell))),
        "skipped: no " + shell + " on this machine");
    Path script = directory.resolve("completion");
    Files.writeString(script, String.join("\n", lines("completion", shell)) + "\n");
    Path ask = directory.resolve("ask");
    Files.writeString(
        ask,
        """
        %s
        compopt() { :; } # there is none outside of a completion
        countersign() { [ "$1" = __complete ] && printf 'worker-1\\nworker-2\\n:4\\n'; }
        . %s
        COMP_WORDS=(countersign %s)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE="${COMP_WORDS[*]}"
        COMP_POINT=${#COMP_LINE}
        _countersign_with_names countersign
        echo "${COMPREPLY[@]}"
        """
            .formatted(
                shell.equals("zsh")
                    ? "autoload -U +X compinit bashcompinit; compinit -u; bashcompinit;"
                        + " setopt ksh_arrays"
                    : "",
                script,
                words));
    Process process = new ProcessBuilder(shell, ask.toString()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out.strip()).isEqualTo(offered);
  }

  @Test
  void valueOfAFileOption_isLeftToTheShell() {
    assertThat(lines("__complete", "node", "verify", "--kubeconfig", "").getLast()).isEqualTo(":0");
    assertThat(lines("__complete", "policy", "check", "")).containsExactly(":0");
    assertThat(lines("__complete", "policy", "import", "-f", "")).containsExactly(":0");
    assertThat(lines("__complete", "csr", "explain", "-n", "").getLast()).isEqualTo(":4");
  }

  /** The script in a real fish, which completes by its own command. */
  @Test
  void fishScript_offersWordsAndNames(@TempDir Path directory) throws Exception {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/usr/bin/fish")), "skipped: no fish on this machine");
    Path ask =
        Files.writeString(
            directory.resolve("ask.fish"),
            """
            function countersign
                test $argv[1] = __complete; and printf 'worker-1\nworker-2\n:4\n'
            end
            %s
            complete -C'countersign node verify w'
            """
                .formatted(String.join("\n", lines("completion", "fish"))));
    Process process = new ProcessBuilder("fish", ask.toString()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out.lines()).containsExactly("worker-1", "worker-2");
  }

  @Test
  void scripts_callTheRightProgram() {
    assertThat(lines("completion", "kubectl"))
        .startsWith("#!/bin/sh")
        .contains("exec kubectl-countersign __complete \"$@\"");
    assertThat(lines("completion", "bash")).anyMatch(line -> line.startsWith("complete -F"));
    assertThat(lines("completion", "fish"))
        .contains("complete -c countersign -f -a '(__countersign_complete)'");
    assertThat(lines("completion", "powershell"))
        .contains(
            "Register-ArgumentCompleter -Native -CommandName countersign -ScriptBlock {",
            "    & countersign __complete @words 2>$null | Where-Object { $_ -notlike ':*' } |");
  }
}
