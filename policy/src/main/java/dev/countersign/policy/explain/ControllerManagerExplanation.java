package dev.countersign.policy.explain;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.check.ParsedCsr;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.decision.ViolationScope;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Explains what kube-controller-manager makes of a request for a client certificate. */
public final class ControllerManagerExplanation {
  /** The check that the right selfnodeclient stands for. */
  private static final String OWN_NAME = "RenewalIsOfOwnName";

  private static final Comparator<Finding> BY_PATH =
      Comparator.comparing(Finding::path).thenComparing(Finding::reason);

  private ControllerManagerExplanation() {}

  /**
   * Where strict join is off: what kube-controller-manager's approver looks at (kubernetes {@code
   * pkg/controller/certificates/approver/sarapprove.go}), which approves or leaves pending. The
   * form is evaluated as strict join does, which is never milder.
   *
   * @param strict what strict join says about it
   * @param self whether the requester may create certificatesigningrequests/selfnodeclient
   * @param any whether it may create certificatesigningrequests/nodeclient
   */
  public static Explanation of(
      CsrSpec csr, Explanation strict, Fact<AccessReview> self, Fact<AccessReview> any) {
    List<CheckResult> results =
        new ArrayList<>(
            strict.checks().stream()
                .filter(result -> result.evidence().equals(ViolationScope.REQUEST.name()))
                .filter(result -> !result.check().equals(OWN_NAME))
                .toList());
    List<Finding> form =
        results.stream().flatMap(result -> result.findings().stream()).sorted(BY_PATH).toList();
    boolean own =
        ParsedCsr.of(csr, csr.request().size())
            .node()
            .filter(node -> csr.requestor().username().equals(node.userName()))
            .isPresent();
    results.add(right("SelfNodeClient", "selfnodeclient", csr, self, own));
    results.add(right("NodeClient", "nodeclient", csr, any, true));
    List<Finding> findings = new ArrayList<>(form);
    boolean allowed = (own && allows(self)) || allows(any);
    boolean known = (self.isKnown() || !own) && any.isKnown();
    String outcome;
    List<String> changes;
    if (!form.isEmpty()) {
      outcome = "leaves it pending for its form";
      changes =
          form.stream()
              .map(finding -> finding.reason() + ": " + finding.remedy())
              .distinct()
              .toList();
    } else if (allowed) {
      outcome = "approves it";
      changes =
          List.of(
              "Nothing need change. If it stays pending, look at the log of"
                  + " kube-controller-manager, whose controller csrapproving must run.");
    } else if (!known) {
      outcome = "asks for rights that are not known here";
      changes = List.of("A --facts file with the SubjectAccessReview, or ask the cluster itself.");
    } else {
      outcome = "leaves it pending for want of a right";
      changes =
          List.of(
              "For a node that joins: bind ClusterRole"
                  + " system:certificates.k8s.io:certificatesigningrequests:nodeclient to group"
                  + " system:bootstrappers. For one that renews: bind"
                  + " system:certificates.k8s.io:certificatesigningrequests:selfnodeclient to group"
                  + " system:nodes. Or countersign csr approve.");
      results.stream()
          .filter(result -> result.verdict() == Verdict.VIOLATED)
          .flatMap(result -> result.findings().stream())
          .forEach(findings::add);
    }
    return new Explanation(
        csr.name(),
        new Outcome.Ignore(
            "strict join is off, so kube-controller-manager decides, by RBAC: it " + outcome),
        findings,
        results,
        changes,
        Optional.empty());
  }

  private static boolean allows(Fact<AccessReview> answer) {
    return answer instanceof Fact.Known<AccessReview>(AccessReview.Allowed _);
  }

  private static CheckResult right(
      String check, String subresource, CsrSpec csr, Fact<AccessReview> answer, boolean made) {
    if (!made) {
      return new CheckResult(check, ViolationScope.CLUSTER.name(), Verdict.OFF, List.of());
    }
    Verdict verdict =
        !answer.isKnown() ? Verdict.UNKNOWN : allows(answer) ? Verdict.PASSED : Verdict.VIOLATED;
    List<Finding> findings =
        switch (answer) {
          case Fact.Unknown<AccessReview>(String why) ->
              List.of(finding(Reason.FACT_UNKNOWN, "facts.access", "unknown: " + why, "known"));
          case Fact.Known<AccessReview>(AccessReview.Allowed _) -> List.of();
          case Fact.Known<AccessReview>(AccessReview.Refused _) ->
              List.of(
                  finding(
                      Reason.ACCESS_REFUSED,
                      "spec.username",
                      SafeText.quote(csr.requestor().username()) + " may not",
                      "the right to create certificatesigningrequests/"
                          + subresource
                          + ".certificates.k8s.io"));
        };
    return new CheckResult(check, ViolationScope.CLUSTER.name(), verdict, findings);
  }

  private static Finding finding(Reason reason, String path, String got, String want) {
    return Finding.of(new Violation(reason, path, got, want));
  }
}
