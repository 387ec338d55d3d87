package dev.countersign.cli.cluster;

import dev.countersign.cluster.approver.DeployedApprover;
import dev.countersign.policy.config.PolicyConfig;
import java.util.Objects;
import java.util.Optional;

/**
 * A policy and where it came from.
 *
 * @param config what it says
 * @param source the file or ConfigMap it was read from, or that it is the built-in one
 * @param fromFile whether it is a file of this machine, and so are those that it names
 * @param approver the approver that is deployed, where one was found
 */
public record PolicyInForce(
    PolicyConfig config, String source, boolean fromFile, Optional<DeployedApprover> approver) {
  public PolicyInForce {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(approver, "approver");
  }

  /** The built-in policy. */
  public static PolicyInForce builtIn() {
    return new PolicyInForce(PolicyConfig.defaults(), "built-in default", false, Optional.empty());
  }

  /** One of a file of this machine. */
  public static PolicyInForce ofFile(PolicyConfig config, String file) {
    return new PolicyInForce(config, "file " + file, true, Optional.empty());
  }

  /** The same beside the approver that is deployed, if any. */
  public PolicyInForce withApprover(Optional<DeployedApprover> deployed) {
    return new PolicyInForce(config, source, fromFile, deployed);
  }

  /** Whether requests for client certificates are decided by strict join. */
  public boolean strictJoin() {
    return config.client() == PolicyConfig.Client.STRICT
        || approver.filter(found -> found.has("--strict-join")).isPresent();
  }
}
