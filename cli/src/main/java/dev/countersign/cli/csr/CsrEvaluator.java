package dev.countersign.cli.csr;

import dev.countersign.approver.facts.ApiLookUps;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.join.JwksReader;
import dev.countersign.approver.join.RequestJoinLookUps;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.explain.ControllerManagerExplanation;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.TooLate;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.gather.ClientFactSource;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.gather.ServingFactSource;
import dev.countersign.policy.gather.ServingLookUps;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Explains requests by the facts that objects tell, and for a live cluster by asking for those that
 * cost a call, too, as the approver does.
 */
final class CsrEvaluator implements AutoCloseable {
  private static final int AT_ONCE = 16;

  private final PolicyInForce inForce;
  private final Policy policy;
  private final ClusterObjects objects;
  private final Optional<OperatorLookUps> calls;
  private final ClusterSource cluster;
  private final JoinOptions join;

  private CsrEvaluator(
      PolicyInForce inForce,
      ClusterObjects objects,
      Optional<OperatorLookUps> calls,
      ClusterSource cluster,
      JoinOptions join) {
    this.inForce = inForce;
    this.policy = Policy.of(inForce.config());
    this.objects = objects;
    this.calls = calls;
    this.cluster = cluster;
    this.join = join;
  }

  /** By objects alone. */
  static CsrEvaluator offline(PolicyInForce policy, JoinFactOptions join, ClusterObjects objects)
      throws CliException {
    return new CsrEvaluator(
        policy,
        objects,
        Optional.empty(),
        new FileSource(objects),
        join.options(policy, Optional.empty()));
  }

  /** By objects of a cluster, and by asking it. */
  static CsrEvaluator live(
      PolicyInForce policy,
      PolicyFilesOption files,
      JoinFactOptions join,
      ClusterObjects objects,
      ClusterAccess cluster)
      throws CliException {
    PolicyFiles copies = files.of(policy, cluster);
    JoinOptions options = join.options(policy, Optional.of(cluster));
    OperatorLookUps calls =
        new OperatorLookUps(
            new ApiLookUps(
                cluster.api(),
                cluster::verifyChain,
                NameResolver.ofSystem(),
                InstantSource.system(),
                ApiLookUps.Observer.NONE),
            copies);
    return new CsrEvaluator(
        policy,
        objects,
        Optional.of(calls),
        ClusterSource.of(cluster.api()),
        options
            .withMachines(calls::machines)
            .withPublishedKeys(new JwksReader(InstantSource.system(), copies::here)));
  }

  /** The explanation of the only request among the objects. */
  Explanation only() {
    return explain(objects.requests().getFirst());
  }

  /**
   * The decision on a request, and why. Of one that is not pending any more every check is shown as
   * it would be now.
   */
  Explanation explain(CsrSpec csr) {
    CsrDetails details = objects.details(csr);
    Explanation explanation =
        csr.signer().equals(SignerName.KUBELET_CLIENT) ? client(csr, details) : serving(csr);
    return TooLate.because(csr)
        .map(because -> explanation.tooLate(because, TooLate.toDecide(csr, details)))
        .orElse(explanation)
        .judgedBy(inForce.source());
  }

  private Explanation serving(CsrSpec csr) {
    ServingLookUps lookUps = calls.<ServingLookUps>map(live -> live).orElseGet(objects::lookUps);
    return FactGatherer.explain(policy, csr, new ServingFactSource(objects, lookUps));
  }

  /** The same for a list, where nothing is looked up for one that is not pending any more. */
  private Explanation listed(CsrSpec csr) {
    return TooLate.because(csr)
        .map(
            because ->
                policy
                    .explain(csr, Facts.none())
                    .tooLate(because, TooLate.toDecide(csr, objects.details(csr)))
                    .judgedBy(inForce.source()))
        .orElseGet(() -> explain(csr));
  }

  private Explanation client(CsrSpec csr, CsrDetails details) {
    Policy clients = Policy.ofClients(policy.config(), join.config());
    return inForce.strictJoin()
        ? FactGatherer.explain(
            clients,
            csr,
            new ClientFactSource(
                new RequestJoinLookUps(
                    cluster, join, InstantSource.system(), csr.created(), details.attestation())))
        : ControllerManagerExplanation.of(
            csr,
            clients.explain(csr, Facts.none()),
            mayCreate(csr, "selfnodeclient"),
            mayCreate(csr, "nodeclient"));
  }

  private Fact<AccessReview> mayCreate(CsrSpec csr, String subresource) {
    return calls
        .map(
            asked ->
                asked.access(
                    csr.requestor(),
                    new AccessAttributes(
                        "create",
                        "certificates.k8s.io",
                        "certificatesigningrequests",
                        Optional.of(subresource))))
        .orElseGet(() -> objects.review(csr.requestor().username(), subresource));
  }

  /** The explanations of several requests, in their order; look-ups are made side by side. */
  List<Explanation> explain(List<CsrSpec> csrs) {
    ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());
    try {
      List<Future<Explanation>> futures = new ArrayList<>();
      for (CsrSpec csr : csrs) {
        futures.add(executor.submit(() -> listed(csr)));
      }
      List<Explanation> explanations = new ArrayList<>();
      for (Future<Explanation> future : futures) {
        explanations.add(future.get());
      }
      return explanations;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      executor.shutdownNow();
    }
  }

  /** Whether every file that the policy names, and that was looked for, is here. */
  boolean hasAllFiles() {
    return missingFiles().isEmpty();
  }

  private List<String> missingFiles() {
    return calls.map(OperatorLookUps::missingFiles).orElse(List.of());
  }

  /** Says on standard error which files of the policy are not here. */
  void tell(Console console) {
    for (String why : missingFiles()) {
      console.err().println("warning: what this file says is unknown here: " + SafeText.plain(why));
    }
  }

  @Override
  public void close() {
    calls.ifPresent(OperatorLookUps::close);
  }
}
