package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.FileParse;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The policy that a command judges by; a mixin. */
public final class PolicyOption {
  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "Policy file. Default: the built-in policy.")
  private @Nullable Path file;

  /** Made by picocli. */
  public PolicyOption() {}

  /** The policy of the file, or the defaults. */
  PolicyConfig read() throws CommandFailure {
    if (file == null) {
      return PolicyConfig.defaults();
    }
    return switch (ApprovalPolicyFile.parse(Judgement.read(file))) {
      case FileParse.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case FileParse.Refused<PolicyConfig> refused ->
          throw CommandFailure.usage(file + ":\n" + refused.message());
    };
  }
}
