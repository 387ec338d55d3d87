package dev.countersign.cli.csr;

import dev.countersign.approver.join.JoinFactGatherer;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.approver.lookup.ServedCertificates;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.ControllerManagerExplanation;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.TooLate;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.file.ShownCertificate;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
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
final class Judgement implements AutoCloseable {
  private static final int AT_ONCE = 16;

  private final PolicyInForce inForce;
  private final Policy policy;
  private final ClusterObjects objects;
  private final Optional<FactCalls> calls;
  private final JoinFactGatherer joins;
  private final JoinConfig joinConfig;

  private Judgement(
      PolicyInForce inForce,
      ClusterObjects objects,
      Optional<FactCalls> calls,
      JoinOptions join,
      ClusterSource source) {
    this.inForce = inForce;
    this.policy = Policy.of(inForce.config());
    this.objects = objects;
    this.calls = calls;
    this.joins = new JoinFactGatherer(source, join, InstantSource.system());
    this.joinConfig = join.config();
  }

  /** By objects alone. */
  static Judgement offline(PolicyInForce policy, ClusterObjects objects, JoinOptions join) {
    return new Judgement(policy, objects, Optional.empty(), join, new FileSource(objects));
  }

  /** By objects of a cluster, and by asking it. */
  static Judgement live(
      PolicyInForce policy, ClusterObjects objects, JoinOptions join, ClusterAccess cluster) {
    FactCalls calls = new FactCalls(cluster, policy.config());
    return new Judgement(
        policy,
        objects,
        Optional.of(calls),
        join.withMachines(calls::machines),
        new OperatorSource(cluster));
  }

  /** The explanation of the only request among the objects. */
  Explanation only() {
    return explain(objects.requests().getFirst());
  }

  /**
   * The decision on a request, and why. Of one that is not pending any more every check is shown as
   * it would be now.
   */
  Explanation explain(CsrView csr) {
    CsrDetails details = objects.details(csr);
    Explanation explanation =
        csr.signer().equals(SignerName.KUBELET_CLIENT) ? client(csr, details) : serving(csr);
    return TooLate.because(csr)
        .map(because -> explanation.tooLate(because, TooLate.toDecide(csr, details)))
        .orElse(explanation)
        .judgedBy(inForce.source());
  }

  private Explanation serving(CsrView csr) {
    boolean toBeShown =
        csr.signer().equals(SignerName.KUBELET_SERVING)
            && (!csr.isPending()
                // also where the request alone settles it
                || !(policy.preflight(csr) instanceof Preflight.Settled(Decision.Ignore _)));
    Optional<Preflight.Open> open = toBeShown ? policy.takenApart(csr) : Optional.empty();
    return policy.explain(csr, open.map(found -> facts(csr, found)).orElseGet(Facts::none));
  }

  /** The same for a list, where nothing is looked up for one that is not pending any more. */
  private Explanation listed(CsrView csr) {
    return TooLate.because(csr)
        .map(
            because ->
                policy
                    .explain(csr, Facts.none())
                    .tooLate(because, TooLate.toDecide(csr, objects.details(csr)))
                    .judgedBy(inForce.source()))
        .orElseGet(() -> explain(csr));
  }

  private Explanation client(CsrView csr, CsrDetails details) {
    Policy clients = Policy.ofClients(policy.config(), joinConfig);
    return inForce.strictJoin()
        ? clients.explain(
            csr,
            clients
                .takenApart(csr)
                .map(open -> joins.facts(open, details.attestation()))
                .orElseGet(Facts::none))
        : ControllerManagerExplanation.of(
            csr,
            clients.explain(csr, Facts.none()),
            mayCreate(csr, "selfnodeclient"),
            mayCreate(csr, "nodeclient"));
  }

  private Fact<AccessReview> mayCreate(CsrView csr, String subresource) {
    return calls
        .map(
            asked ->
                asked.review(
                    csr.requestor(),
                    new AccessAttributes(
                        "create",
                        "certificates.k8s.io",
                        "certificatesigningrequests",
                        Optional.of(subresource))))
        .orElseGet(() -> objects.review(csr.requestor().username(), subresource));
  }

  /** The explanations of several requests, in their order; look-ups are made side by side. */
  List<Explanation> explain(List<CsrView> csrs) {
    ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());
    try {
      List<Future<Explanation>> futures = new ArrayList<>();
      for (CsrView csr : csrs) {
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

  private Facts facts(CsrView csr, Preflight.Open open) {
    PolicyConfig config = policy.config();
    Facts facts =
        objects
            .factsAbout(open.node(), open.claims(), config)
            .withNewerPending(Fact.known(objects.newerPending(csr)));
    if (calls.isEmpty()) {
      return withServed(objects.withGiven(facts, open, csr.requestor().username(), config), open);
    }
    // all of them, also those that can't change the decision any more: this is to show every check
    for (FactKind kind : policy.looksAt(open, facts)) {
      if (kind.cost() == FactKind.Cost.CALL) {
        facts = calls.get().lookUp(kind, facts, csr, open);
      }
    }
    return objects.withHoldings(facts, open, config);
  }

  /** With the certificate that was given as the one served now; not its issuer is looked at. */
  private Facts withServed(Facts facts, Preflight.Open open) {
    if (objects.shown().isEmpty()) {
      return facts.withServed(Fact.unknown("not among the files; --served FILE gives it"));
    }
    ShownCertificate shown = objects.shown().get();
    if (!shown.pem().contains("-----BEGIN")) {
      return facts.withServed(Fact.known(Optional.empty()));
    }
    try (InputStream pem =
        new ByteArrayInputStream(shown.pem().getBytes(StandardCharsets.US_ASCII))) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
      return facts.withServed(
          Fact.known(
              ServedCertificates.shown(
                  open.node(), open.claims(), facts, shown.address(), certificate)));
    } catch (CertificateException | IOException e) {
      return facts.withServed(
          Fact.unknown("the certificate that was given cannot be read: " + e.getMessage()));
    }
  }

  @Override
  public void close() {
    calls.ifPresent(FactCalls::close);
  }
}
