package dev.countersign.approver.config;

import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.ParseError;
import dev.countersign.policy.config.PolicyConfig;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Puts new versions of a policy file in force, and reports those that cannot be. Each version is
 * logged and counted once. Not thread-safe.
 */
public final class PolicyReload {
  private final PolicyFile file;
  private final Consumer<PolicyConfig> use;
  private final StructuredLog log;
  private final ApproverMetrics metrics;

  /** Gives each good version of {@code file} after its first one to {@code use}. */
  public PolicyReload(
      PolicyFile file, Consumer<PolicyConfig> use, StructuredLog log, ApproverMetrics metrics) {
    this.file = file;
    this.use = use;
    this.log = log;
    this.metrics = metrics;
  }

  /** Looks at the file every {@code pause}, until interrupted. */
  public void run(Duration pause) {
    try {
      while (true) {
        Thread.sleep(pause);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at the file once. */
  public void look() {
    switch (file.look()) {
      case PolicyFile.Look.Unchanged _ -> {}
      case PolicyFile.Look.Taken(PolicyConfig config) -> {
        use.accept(config);
        metrics.policyReload(true);
        log.info("policy-taken", "file", file.path(), "mode", config.mode());
        file.deprecations().forEach(found -> log.warn("policy-deprecated", "why", found));
      }
      case PolicyFile.Look.Refused(List<ParseError> errors) -> {
        metrics.policyReload(false);
        log.error(
            "policy-refused",
            "file",
            file.path(),
            "errors",
            errors.size(),
            "next",
            "the policy in force stays in force; fix the file");
        errors.forEach(error -> log.error("policy-error", "why", error.message()));
      }
    }
  }
}
