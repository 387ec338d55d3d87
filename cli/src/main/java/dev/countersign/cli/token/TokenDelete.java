package dev.countersign.cli.token;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.join.TokenId;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code token delete}. */
@Command(
    name = "delete",
    aliases = "rm",
    description = {
      "Delete tokens with their join grants and the pending requests made with them. The API server"
          + " refuses them from then on; certificates already issued stay valid."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign token delete 07401b"})
public final class TokenDelete extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.TOKEN)
  @Parameters(paramLabel = "ID", arity = "1..*", description = "First six characters of a token.")
  private List<String> ids = List.of();

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private FormatOption format = new FormatOption();

  TokenDelete(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException {
    List<TokenId> tokens = new ArrayList<>();
    for (String id : ids) {
      tokens.add(TokenArgument.parse(id));
    }
    TokenStore store = join.tokens(cluster);
    List<TokenId> missing = new ArrayList<>();
    try (Changes changes = new Changes(console, format)) {
      for (TokenId token : tokens) {
        TokenStore.Deletion deletion = store.delete(token);
        if (deletion.secret() || deletion.grant()) {
          changes.add("token", token.value(), "deleted", "");
        } else {
          missing.add(token);
        }
        deletion.requests().forEach(request -> changes.add("request", request, "deleted", ""));
      }
    }
    if (!missing.isEmpty()) {
      throw CliException.usage(
          "token: got " + missing + ", not there; countersign token list shows which are");
    }
    return ExitStatus.OK;
  }
}
