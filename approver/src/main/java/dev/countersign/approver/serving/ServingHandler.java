package dev.countersign.approver.serving;

import dev.countersign.approver.controller.CsrHandler;
import dev.countersign.approver.controller.Result;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.policy.Policy;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.gather.FactSource;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides on requests for serving certificates.
 *
 * @param policy the one in force
 * @param facts what it decides by
 * @param writer writes the verdict
 */
public record ServingHandler(Supplier<Policy> policy, FactSource facts, ApprovalUpdater writer)
    implements CsrHandler {
  @Override
  public SignerName signer() {
    return SignerName.KUBELET_SERVING;
  }

  @Override
  public Optional<Decision.Ground> groundToIgnore(CsrSpec csr) {
    return policy.get().groundToIgnore(csr);
  }

  @Override
  public Result handle(CsrObject csr) {
    Policy current = policy.get();
    Decision decision = FactGatherer.decide(current, csr.view(), facts);
    if (!current.config().mode().writes(decision)) {
      return new Result.Undecided(decision);
    }
    return switch (decision) {
      case Decision.Approve approve ->
          Result.of(decision, writer.approve(csr, approve.node().text()));
      case Decision.Deny deny -> Result.of(decision, writer.deny(csr, deny.decisive()));
      case Decision.Defer _, Decision.Ignore _ -> new Result.Undecided(decision);
    };
  }
}
