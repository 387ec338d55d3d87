package dev.countersign.cli.token;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.BootstrapToken;
import dev.countersign.cluster.token.TokenGroup;
import dev.countersign.cluster.token.TokenSpec;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.cluster.token.TokenUsage;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code token create}. */
@Command(
    name = "create",
    description = {
      "Create a bootstrap token. Its secret is shown once: on standard output, or in the files that"
          + " are asked for.",
      "With --node it also gets a join grant, which strict join keeps to."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign token create --node worker-7 --kubeconfig-out bootstrap.kubeconfig",
      "  countersign token create --node 'pool-a-*' --uses 20 --ttl 8h \\",
      "      --butane-out node.bu",
    })
public final class TokenCreate extends ClusterCommand {
  private final Console console;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "24h",
      description = "How long it works; 0 means for ever. Default: ${DEFAULT-VALUE}.")
  private Duration ttl = Duration.ofHours(24);

  @Option(
      names = "--usages",
      paramLabel = "USAGE",
      split = ",",
      defaultValue = "authentication",
      description = "authentication, signing (for kubeadm's discovery). Default: ${DEFAULT-VALUE}.")
  private List<String> usages = List.of("authentication");

  @Option(
      names = "--groups",
      paramLabel = "GROUP",
      split = ",",
      description = "Extra groups; each must begin with system:bootstrappers:.")
  private List<String> groups = List.of();

  @Option(names = "--description", paramLabel = "TEXT", description = "For people.")
  private @Nullable String text;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "Bind it to this node name; * stands for any part of a label. Can be repeated.")
  private List<String> nodes = List.of();

  @Option(
      names = "--uses",
      paramLabel = "N",
      description = "How many nodes may join with it, or unlimited. Default: one for each --node.")
  private @Nullable String uses;

  @Option(
      names = "--not-before",
      paramLabel = "TIME",
      converter = Moment.class,
      description = "When its window opens, such as 2026-01-31T08:00:00Z. Default: now.")
  private @Nullable Instant notBefore;

  @Option(
      names = "--allow-rejoin",
      description = "Allow a name whose Node is there and may still hold a certificate.")
  private boolean rejoin;

  @Option(names = "--require-inventory", description = "The name must be in the inventory.")
  private boolean inventory;

  @Option(names = "--require-attestation", description = "The machine must prove itself.")
  private boolean attestation;

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private OutputOptions output = new OutputOptions();

  @Mixin private FormatOption format = new FormatOption();

  TokenCreate(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    Instant now = InstantSource.system().instant();
    TokenSpec spec;
    Optional<TokenStore.Binding> binding;
    try {
      TreeSet<TokenUsage> parsedUsages = new TreeSet<>();
      usages.forEach(usage -> parsedUsages.add(TokenUsage.parse(usage)));
      TreeSet<TokenGroup> parsedGroups = new TreeSet<>();
      groups.forEach(group -> parsedGroups.add(TokenGroup.parse(group)));
      spec =
          new TokenSpec(
              parsedUsages,
              parsedGroups,
              Optional.ofNullable(text),
              ttl.isZero() ? Optional.empty() : Optional.of(now.plus(ttl)));
      binding = binding();
      // the same rules that the grant has, before anything is written
      binding.ifPresent(
          bound ->
              new BootstrapTokenGrant(
                  TokenId.parse("000000"),
                  bound.nodes(),
                  bound.uses(),
                  bound.notBefore(),
                  spec.expiration(),
                  rejoin,
                  inventory,
                  attestation,
                  List.of()));
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
    output.check(console, cluster);
    TokenStore store = join.tokens(cluster);
    BootstrapToken token = store.create(spec, binding);
    output.write(console, cluster, token);
    if (binding.isEmpty()) {
      console
          .err()
          .println(
              "note: token "
                  + token.id()
                  + " is bound to no node: strict join admits nobody with it, and without strict"
                  + " join it is good for any node; --node NAME binds it");
    }
    if (ttl.isZero()) {
      console.err().println("note: token " + token.id() + " never expires; --ttl 24h would end it");
    }
    Map<String, Object> more = new LinkedHashMap<>();
    binding.ifPresent(
        bound -> more.put("nodes", bound.nodes().stream().map(NodePattern::text).toList()));
    output.show(console, format, token, spec, more);
    output.checkShown(console, token);
    return ExitStatus.OK;
  }

  private Optional<TokenStore.Binding> binding() throws CliException {
    if (nodes.isEmpty()) {
      if (uses != null || notBefore != null || rejoin || inventory || attestation) {
        throw CliException.usage(
            "--node: got none; want one with --uses, --not-before, --allow-rejoin,"
                + " --require-inventory and --require-attestation; --node '*' means any");
      }
      return Optional.empty();
    }
    OptionalInt limit;
    if (uses == null) {
      limit = OptionalInt.of(nodes.size());
    } else if (uses.equals("unlimited")) {
      limit = OptionalInt.empty();
    } else if (uses.matches("[0-9]{1,6}")) {
      limit = OptionalInt.of(Integer.parseInt(uses));
    } else {
      throw CliException.usage("--uses: got \"" + uses + "\"; want a number or unlimited");
    }
    return Optional.of(
        new TokenStore.Binding(
            nodes.stream().map(NodePattern::parse).toList(),
            limit,
            Optional.ofNullable(notBefore),
            rejoin,
            inventory,
            attestation));
  }
}
