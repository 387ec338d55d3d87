package dev.countersign.approver.join;

import dev.countersign.approver.controller.CsrHandler;
import dev.countersign.approver.controller.Result;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.gather.ClientFactSource;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.join.JoinRecords;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides on requests for client certificates: strict join. Before an approval it records the use
 * of the token and the claim to the name. Two of them at once do no harm: the records decide.
 */
public final class JoinHandler implements CsrHandler {
  private static final int ATTEMPTS = 6;

  private final ApiClient client;
  private final JoinOptions options;
  private final Supplier<PolicyConfig> policy;
  private final InstantSource clock;
  private final JoinRecordsClient records;
  private final ApprovalUpdater writer;

  /**
   * Joins by records in a cluster.
   *
   * @param policy whose limits and keys hold
   */
  public JoinHandler(
      ApiClient client, JoinOptions options, Supplier<PolicyConfig> policy, InstantSource clock) {
    this.client = client;
    this.options = options;
    this.policy = policy;
    this.clock = clock;
    this.records = new JoinRecordsClient(client, options.namespace());
    this.writer = new ApprovalUpdater(client, clock);
  }

  @Override
  public SignerName signer() {
    return SignerName.KUBELET_CLIENT;
  }

  @Override
  public Optional<Decision.Ground> groundToIgnore(CsrSpec csr) {
    return policyInForce().groundToIgnore(csr);
  }

  private Policy policyInForce() {
    return Policy.ofClients(policy.get(), options.config());
  }

  /** Decides anew where somebody else was quicker to change the records. */
  @Override
  public Result handle(CsrObject csr) {
    for (int i = 0; i < ATTEMPTS; i++) {
      RequestJoinLookUps read =
          new RequestJoinLookUps(
              ClusterSource.of(client), options, clock, csr.view().created(), evidence(csr));
      Decision decision =
          FactGatherer.decide(policyInForce(), csr.view(), new ClientFactSource(read));
      switch (decision) {
        case Decision.Approve(NodeName node, _, JoinRecords first) -> {
          ApiResult<Boolean> recorded = record(first, read);
          if (recorded instanceof ApiResult.Done) {
            return Result.of(decision, writer.approveJoin(csr, node));
          }
          if (!isOvertaken(recorded)) {
            return Result.of(decision, recorded);
          }
        }
        case Decision.Deny deny -> {
          return Result.of(decision, writer.deny(csr, deny.decisive()));
        }
        case Decision.Defer _, Decision.Ignore _ -> {
          return new Result.Undecided(decision);
        }
      }
    }
    return new Result.Unanswered("the records changed " + ATTEMPTS + " times meanwhile");
  }

  private static Optional<String> evidence(CsrObject csr) {
    try {
      return csr.kept().annotation(Attestation.ANNOTATION);
    } catch (IOException e) {
      throw new UncheckedIOException("its metadata cannot be read", e);
    }
  }

  private static boolean isOvertaken(ApiResult<Boolean> recorded) {
    return recorded instanceof ApiResult.Refused<Boolean>(ApiStatus status)
        && switch (status.reason()) {
          case CONFLICT, ALREADY_EXISTS, NOT_FOUND -> true;
          default -> false;
        };
  }

  /** Writes the use of the token, then the claim to the name. */
  private ApiResult<Boolean> record(JoinRecords first, RequestJoinLookUps read) {
    ApiResult<Boolean> used =
        first
            .grant()
            .map(grant -> records.write(read.storedGrant().orElseThrow(), grant))
            .orElseGet(() -> new ApiResult.Done<>(true));
    return used instanceof ApiResult.Done
        ? first.claim().map(claim -> records.write(read.storedClaim(), claim)).orElse(used)
        : used;
  }
}
