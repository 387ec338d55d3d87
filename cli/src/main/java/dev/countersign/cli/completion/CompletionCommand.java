package dev.countersign.cli.completion;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.ExitStatus;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code completion}. */
@Command(
    name = "completion",
    description = {
      "Print a completion script. For bash, zsh, fish and PowerShell: load it in the shell. For"
          + " kubectl: save it as"
          + " kubectl_complete-countersign, executable, on the PATH; kubectl 1.26 or newer then"
          + " completes kubectl countersign.",
      "Nodes, tokens, requests, namespaces and contexts are looked up in the cluster that the"
          + " command line names, for two seconds at most."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  source <(countersign completion bash)",
      "  countersign completion fish | source",
      "  countersign completion powershell | Out-String | Invoke-Expression",
      "  countersign completion kubectl > ~/bin/kubectl_complete-countersign",
      "  chmod +x ~/bin/kubectl_complete-countersign",
    })
public final class CompletionCommand implements Callable<Integer> {
  private static final String KUBECTL =
      """
      #!/bin/sh
      # Completes "kubectl countersign ..."; to stand on the PATH as kubectl_complete-countersign.
      exec kubectl-countersign __complete "$@"
      """;

  /** picocli's function knows the words; names it leaves empty, and are asked for. */
  private static final String NAMES =
      """

      # Names that only the cluster knows: nodes, tokens, requests, contexts.
      function _countersign_with_names() {
        local line
        COMPREPLY=()
        _complete_countersign
        [ ${#COMPREPLY[@]} -eq 0 ] || return 0
        while IFS= read -r line; do
          case "$line" in
            :*) ;;
            *) COMPREPLY+=("$line") ;;
          esac
        done < <(countersign __complete "${COMP_WORDS[@]:1:$COMP_CWORD}" 2>/dev/null)
        return 0
      }
      complete -F _countersign_with_names -o default countersign
      """;

  private static final String FISH =
      """
      # Completion of countersign for fish.
      function __countersign_complete
          set -l words (commandline -opc)
          set -e words[1]
          set -l current (commandline -ct)
          for line in (countersign __complete $words "$current" 2>/dev/null)
              switch $line
                  case ':0'
                      __fish_complete_path "$current"
                  case ':*'
                  case '*'
                      echo $line
              end
          end
      end
      complete -c countersign -e
      complete -c countersign -f -a '(__countersign_complete)'
      """;

  /** Before 7.3 an empty argument does not reach a program, unless it is quoted twice. */
  private static final String POWERSHELL =
      """
      # Completion of countersign for PowerShell.
      Register-ArgumentCompleter -Native -CommandName countersign -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $words = @($commandAst.CommandElements |
              Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
              Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
          if ($wordToComplete -eq '') {
              $words += if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
          }
          & countersign __complete @words 2>$null | Where-Object { $_ -notlike ':*' } |
              ForEach-Object {
                  [System.Management.Automation.CompletionResult]::new(
                      $_, $_, 'ParameterValue', $_)
              }
      }
      """;

  /** What asks for completions. */
  enum Asker {
    /** GNU bash. */
    BASH,
    /** zsh, by its emulation of bash's completion. */
    ZSH,
    /** fish. */
    FISH,
    /** PowerShell. */
    POWERSHELL,
    /** kubectl, for its plugins. */
    KUBECTL
  }

  private final Console console;

  @Parameters(paramLabel = "bash|zsh|fish|powershell|kubectl", description = "What completes.")
  private Asker asker = Asker.BASH;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console
        .out()
        .print(
            switch (asker) {
              case BASH, ZSH ->
                  AutoComplete.bash("countersign", Countersign.complete(console)) + NAMES;
              case FISH -> FISH;
              case POWERSHELL -> POWERSHELL;
              case KUBECTL -> KUBECTL;
            });
    console.out().flush();
    return ExitStatus.OK.code();
  }
}
