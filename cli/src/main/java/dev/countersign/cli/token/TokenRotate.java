package dev.countersign.cli.token;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.BootstrapToken;
import dev.countersign.cluster.token.TokenSpec;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.join.TokenId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code token rotate}. */
@Command(
    name = "rotate",
    description = {
      "Replace a token: make a new one with the same usages, groups and join conditions, write the"
          + " files for nodes again, and let the old one expire after a grace period.",
      "The API server keeps to that end by itself; this command does not wait for it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign token rotate 07401b --grace 1h \\",
      "      --kubeconfig-out bootstrap.kubeconfig",
    })
public final class TokenRotate extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.TOKEN)
  @Parameters(paramLabel = "ID", description = "The token to replace: its first six characters.")
  private String id = "";

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "24h",
      description = "How long the new token works. Default: ${DEFAULT-VALUE}.")
  private Duration ttl = Duration.ofHours(24);

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "1h",
      description =
          "How long the old token still works; 0 deletes it now. Default: ${DEFAULT-VALUE}.")
  private Duration grace = Duration.ofHours(1);

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private OutputOptions output = new OutputOptions();

  @Mixin private FormatOption format = new FormatOption();

  TokenRotate(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    TokenId old = TokenArgument.parse(id);
    if (!ttl.isPositive()) {
      throw CliException.usage("--ttl: got " + ttl + "; want a duration above zero");
    }
    output.check(console, cluster);
    TokenStore store = join.tokens(cluster);
    return switch (store.rotate(old, ttl)) {
      case TokenStore.Rotation.NoSuchToken(TokenId missing) ->
          throw CliException.usage(
              "token: got "
                  + missing
                  + ", which is not there; countersign token list shows which"
                  + " are");
      case TokenStore.Rotation.Unusable unusable ->
          throw CliException.usage(
              unusable.secret().secretName()
                  + " "
                  + unusable.secret().path()
                  + ": got "
                  + unusable.secret().got()
                  + "; want "
                  + unusable.secret().want()
                  + "; create a token instead");
      case TokenStore.Rotation.Prepared(BootstrapToken token, TokenSpec spec) -> {
        output.write(console, cluster, token);
        Instant end = store.retire(old, grace);
        console
            .err()
            .println(
                grace.isPositive()
                    ? "token " + old + " still works until " + end
                    : "token " + old + " is deleted");
        Map<String, Object> more = new LinkedHashMap<>();
        more.put("replaces", old.value());
        more.put("replacedEnds", end.toString());
        output.show(console, format, token, spec, more);
        output.checkShown(console, token);
        yield ExitStatus.OK;
      }
    };
  }
}
