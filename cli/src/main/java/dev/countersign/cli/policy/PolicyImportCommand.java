package dev.countersign.cli.policy;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.peer.ImportedPolicy;
import dev.countersign.policy.peer.Peer;
import dev.countersign.policy.peer.PeerSettings;
import dev.countersign.policy.peer.PolicyImport;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy import}. */
@Command(
    name = "import",
    description = {
      "Read the settings of another approver and print an ApprovalPolicy that decides alike or"
          + " stricter. Each difference is a comment in the policy and a line on standard error.",
      "PEER is kubelet-csr-approver, kubelet-serving-cert-approver or kubelet-rubber-stamp. Its"
          + " settings are flags after --, or a file: its Deployment as kubectl get -o yaml prints"
          + " it, the values of its Helm chart, or lines of NAME=value. Flags come before the file."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign policy import kubelet-csr-approver -f values.yaml > policy.yaml",
      "  countersign policy import kubelet-csr-approver -- --provider-regex='^node-'",
      "  kubectl get deployment -A -o yaml | countersign policy import -f -"
    })
public final class PolicyImportCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      index = "0",
      paramLabel = "PEER",
      arity = "0..1",
      description = "The approver; a Deployment tells it itself.")
  private @Nullable String peer;

  @Parameters(
      index = "1..*",
      paramLabel = "FLAG",
      arity = "0..*",
      description = "Its flags, after --.")
  private List<String> flags = List.of();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "A Deployment, Helm values or an environment; - for standard input.")
  private @Nullable Path file;

  PolicyImportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException {
    Optional<Peer> named = peer == null ? Optional.empty() : Peer.parse(peer);
    if (peer != null && named.isEmpty()) {
      throw CliException.usage(
          "PEER: got "
              + SafeText.quote(peer)
              + "; want one of "
              + String.join(", ", Peer.names())
              + "; flags of it come after --");
    }
    if (named.isEmpty() && file == null) {
      throw CliException.usage(
          "policy import: got neither PEER nor --filename; want PEER, with its flags after --, or"
              + " a file");
    }
    Optional<String> text =
        file == null
            ? Optional.empty()
            : Optional.of(UserFile.readOrStandardInput(file, "another approver's settings"));
    ParseResult<ImportedPolicy> imported =
        PolicyImport.read(named, text, flags).then((PeerSettings read) -> PolicyImport.of(read));
    return switch (imported) {
      case ParseResult.Parsed<ImportedPolicy>(ImportedPolicy policy) -> {
        console.out().print(policy.text());
        console.out().flush();
        policy
            .differences()
            .forEach(difference -> console.err().println(SafeText.line(difference.toString())));
        yield ExitStatus.OK.code();
      }
      case ParseResult.Refused<ImportedPolicy> refused ->
          throw CliException.usage(
              (file == null ? "" : SafeText.line(file.toString()) + ": ") + refused.message());
    };
  }
}
