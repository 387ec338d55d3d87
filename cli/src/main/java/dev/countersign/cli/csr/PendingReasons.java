package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.request.CsrSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The first thing against each pending request, as {@code csr list} has it. */
public final class PendingReasons {
  private PendingReasons() {}

  /** By the name of the request; one that is to be approved has none. */
  public static Map<String, String> of(
      ClusterAccess cluster, Optional<String> namespace, PolicyOption policy, Console console)
      throws CliException {
    LiveObjects.Requests requests = LiveObjects.all(cluster, namespace, Optional.empty(), console);
    Map<String, String> reasons = new TreeMap<>();
    try (CsrEvaluator judgement =
        CsrEvaluator.live(
            policy.live(cluster, namespace),
            new PolicyFilesOption(),
            new JoinFactOptions(),
            requests.objects(),
            cluster)) {
      List<CsrSpec> pending = requests.selected().stream().filter(CsrSpec::isPending).toList();
      for (Explanation explanation : judgement.explain(pending)) {
        explanation
            .firstFinding()
            .map(Finding::reason)
            .ifPresent(reason -> reasons.put(explanation.request(), reason));
      }
      judgement.tell(console);
    }
    return reasons;
  }
}
