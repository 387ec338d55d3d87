package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.file.FileParse;
import dev.countersign.policy.request.CsrView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Explains requests by the facts that objects tell. */
final class Judgement {
  private final Policy policy;
  private final ClusterObjects objects;

  Judgement(PolicyConfig config, ClusterObjects objects) {
    this.policy = Policy.of(config);
    this.objects = objects;
  }

  /** The policy of a file, or the defaults. */
  static PolicyConfig policy(@Nullable Path file) throws CommandFailure {
    if (file == null) {
      return PolicyConfig.defaults();
    }
    return switch (ApprovalPolicyFile.parse(read(file))) {
      case FileParse.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case FileParse.Refused<PolicyConfig> refused ->
          throw CommandFailure.usage(file + ":\n" + refused.message());
    };
  }

  /** A file's text. */
  static String read(Path file) throws CommandFailure {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitStatus.USAGE, file + ": got no such file; want one", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitStatus.INTERNAL,
          file + ": got an error reading it (" + e.getMessage() + "); want a text",
          e);
    }
  }

  /** The decision on a request, and why. */
  Explanation explain(CsrView csr) {
    Facts facts =
        switch (policy.preflight(csr)) {
          case Preflight.Settled _ -> Facts.none();
          case Preflight.Open open ->
              objects.factsAbout(
                  open.node(),
                  open.claims(),
                  policy.config().limits().names(),
                  policy.config().ownership().reclaim());
        };
    return policy.explain(csr, facts);
  }
}
