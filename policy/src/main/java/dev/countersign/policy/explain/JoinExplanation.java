package dev.countersign.policy.explain;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinDecision;
import dev.countersign.policy.join.JoinFacts;
import dev.countersign.policy.join.JoinGrant;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.StrictJoin;
import dev.countersign.policy.join.StrictJoin.Requester;
import dev.countersign.x509.request.RequestParse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Explains decisions on requests for kubelets' client certificates. */
public final class JoinExplanation {
  private JoinExplanation() {}

  /** What strict join looks at, one after another. */
  private enum Check {
    REQUEST_IS_READABLE(""),
    KEY_IS_GOOD(""),
    POSSESSION_IS_PROVEN(""),
    EXPIRATION_IS_BOUNDED(""),
    SUBJECT_IS_OF_A_NODE(""),
    NAMES_ARE_NONE(""),
    ATTRIBUTES_ARE_NONE(""),
    USAGES_ARE_EXACT(""),
    RENEWAL_IS_OF_OWN_NAME(""),
    REQUESTER_IS_TOKEN_OR_NODE(""),
    TOKEN_HAS_GRANT("grant"),
    TOKEN_IS_FOR_NODE("grant"),
    TOKEN_WINDOW_IS_OPEN("grant"),
    TOKEN_HAS_USE_LEFT("grant"),
    NODE_IS_LISTED("inventory"),
    MACHINE_IS_ATTESTED("attestation"),
    MACHINE_IS_NEW("machines"),
    NODE_IS_NOT_THERE_YET("node"),
    NAME_IS_FREE("claim");

    /** Those of the form, which kube-controller-manager has, too. */
    private static final Set<Check> FORM = EnumSet.range(REQUEST_IS_READABLE, USAGES_ARE_EXACT);

    /** The path of the fact it needs; empty where it needs none. */
    private final String fact;

    Check(String fact) {
      this.fact = fact;
    }

    private boolean onRequest() {
      return compareTo(RENEWAL_IS_OF_OWN_NAME) <= 0;
    }

    private static boolean concerns(Violation violation, Check check) {
      return switch (violation.reason()) {
        case REQUEST_MALFORMED, REQUEST_TOO_LARGE -> check == REQUEST_IS_READABLE;
        case SIGNATURE_ALGORITHM_NOT_ALLOWED, POSSESSION_NOT_PROVEN ->
            check == POSSESSION_IS_PROVEN;
        case KEY_ALGORITHM_NOT_ALLOWED, KEY_SIZE_NOT_ALLOWED, KEY_KNOWN_WEAK ->
            check == KEY_IS_GOOD;
        case EXPIRATION_OUT_OF_BOUNDS -> check == EXPIRATION_IS_BOUNDED;
        case SUBJECT_COMMON_NAME_NOT_EXACT,
            SUBJECT_ORGANIZATION_NOT_EXACT,
            SUBJECT_ATTRIBUTE_UNEXPECTED,
            SUBJECT_STRING_TYPE,
            NODE_NAME_SYNTAX ->
            check == SUBJECT_IS_OF_A_NODE;
        case ALTERNATIVE_NAMES -> check == NAMES_ARE_NONE;
        case EXTENSIONS -> check == ATTRIBUTES_ARE_NONE;
        case USAGES_NOT_PERMITTED -> check == USAGES_ARE_EXACT;
        case RENEWAL_OF_ANOTHER_NAME -> check == RENEWAL_IS_OF_OWN_NAME;
        case REQUESTER -> check == REQUESTER_IS_TOKEN_OR_NODE;
        case TOKEN_WITHOUT_GRANT -> check == TOKEN_HAS_GRANT;
        case TOKEN_NOT_FOR_NODE -> check == TOKEN_IS_FOR_NODE;
        case TOKEN_USED_UP -> check == TOKEN_HAS_USE_LEFT;
        case TOKEN_WINDOW_OVER, TOKEN_WINDOW_NOT_OPEN -> check == TOKEN_WINDOW_IS_OPEN;
        case NODE_TAKEN -> check == NODE_IS_NOT_THERE_YET;
        case NAME_REVOKED, NAME_CLAIMED -> check == NAME_IS_FREE;
        case NOT_IN_INVENTORY -> check == NODE_IS_LISTED;
        case ATTESTATION -> check == MACHINE_IS_ATTESTED;
        case MACHINE_MISSING, MACHINE_JOINED, MACHINE_WINDOW -> check == MACHINE_IS_NEW;
        case FACT_UNKNOWN -> check.fact.equals(violation.path());
        default -> false;
      };
    }

    private CheckResult result(List<Violation> violations, boolean made) {
      List<Violation> own =
          violations.stream().filter(violation -> concerns(violation, this)).toList();
      Verdict verdict = made ? Verdict.PASSED : Verdict.OFF;
      for (Violation violation : own) {
        verdict =
            violation.reason() == Reason.FACT_UNKNOWN && verdict != Verdict.VIOLATED
                ? Verdict.UNKNOWN
                : Verdict.VIOLATED;
      }
      StringBuilder name = new StringBuilder();
      for (String word : name().split("_", -1)) {
        name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
      }
      return new CheckResult(
          name.toString(),
          onRequest() ? "REQUEST" : "CLUSTER",
          verdict,
          own.stream().map(Finding::of).toList());
    }
  }

  /** By strict join. */
  public static Explanation strict(
      String name, JoinRequest request, JoinFacts facts, JoinConfig config, PolicyConfig policy) {
    JoinDecision decision = new StrictJoin(config, policy).decide(request, facts);
    Set<Check> made = made(request, facts, config);
    List<CheckResult> results = new ArrayList<>();
    Set<String> shown = new HashSet<>();
    for (Check check : Check.values()) {
      CheckResult result = check.result(decision.violations(), made.contains(check));
      // a fact that is not known is told once, by the first check that needs it
      results.add(
          result.verdict() == Verdict.UNKNOWN && !shown.add(check.fact)
              ? new CheckResult(result.check(), result.evidence(), result.verdict(), List.of())
              : result);
    }
    return Explanation.of(name, decision, results);
  }

  /** The checks that have something to look at in this request. */
  private static Set<Check> made(JoinRequest request, JoinFacts facts, JoinConfig config) {
    if (request.request() instanceof RequestParse.Malformed) {
      return EnumSet.of(Check.REQUEST_IS_READABLE);
    }
    EnumSet<Check> made = EnumSet.copyOf(Check.FORM);
    if (StrictJoin.nodeAskedFor(request).isEmpty()) {
      return made;
    }
    made.add(Check.REQUESTER_IS_TOKEN_OR_NODE);
    switch (Requester.of(request, config)) {
      case Requester.Token _ -> {
        made.add(Check.TOKEN_HAS_GRANT);
        made.add(Check.NODE_IS_NOT_THERE_YET);
        made.add(Check.NAME_IS_FREE);
        if (facts.grant() instanceof Fact.Known<Optional<JoinGrant>>(Optional<JoinGrant> grant)
            && grant.isPresent()) {
          made.addAll(EnumSet.range(Check.TOKEN_IS_FOR_NODE, Check.TOKEN_HAS_USE_LEFT));
          if (grant.get().inventoryRequired()) {
            made.add(Check.NODE_IS_LISTED);
          }
          if (grant.get().attestationRequired()) {
            made.add(Check.MACHINE_IS_ATTESTED);
          }
        }
      }
      case Requester.Node _ -> {
        made.add(Check.RENEWAL_IS_OF_OWN_NAME);
        made.add(Check.NAME_IS_FREE);
      }
      case Requester.OfMachines _ -> {
        made.add(Check.MACHINE_IS_NEW);
        made.add(Check.NODE_IS_NOT_THERE_YET);
        made.add(Check.NAME_IS_FREE);
      }
      case Requester.Other _ -> {}
    }
    return made;
  }

  /**
   * Where strict join is off: what kube-controller-manager's approver looks at (kubernetes {@code
   * pkg/controller/certificates/approver/sarapprove.go}), which approves or leaves pending. The
   * form is judged as strict join does, which is never milder.
   *
   * @param self whether the requester may create certificatesigningrequests/selfnodeclient
   * @param any whether it may create certificatesigningrequests/nodeclient
   */
  public static Explanation byControllerManager(
      String name,
      JoinRequest request,
      PolicyConfig policy,
      Fact<AccessReview> self,
      Fact<AccessReview> any) {
    List<Violation> form = StrictJoin.form(request, policy);
    boolean readable = request.request() instanceof RequestParse.Parsed;
    List<CheckResult> results = new ArrayList<>();
    for (Check check : Check.FORM) {
      results.add(check.result(form, readable || check == Check.REQUEST_IS_READABLE));
    }
    boolean own =
        StrictJoin.nodeAskedFor(request)
            .filter(node -> request.username().equals(NodeName.USER_PREFIX + node))
            .isPresent();
    results.add(right("SelfNodeClient", "selfnodeclient", request, self, own));
    results.add(right("NodeClient", "nodeclient", request, any, true));
    List<Finding> findings = new ArrayList<>(form.stream().map(Finding::of).toList());
    boolean allowed = (own && allows(self)) || allows(any);
    boolean known = (self.isKnown() || !own) && any.isKnown();
    String outcome;
    List<String> changes;
    if (!form.isEmpty()) {
      outcome = "leaves it pending for its form";
      changes =
          form.stream()
              .map(Finding::of)
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
        name,
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
      String check,
      String subresource,
      JoinRequest request,
      Fact<AccessReview> answer,
      boolean made) {
    if (!made) {
      return new CheckResult(check, "CLUSTER", Verdict.OFF, List.of());
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
                      SafeText.quote(request.username()) + " may not",
                      "the right to create certificatesigningrequests/"
                          + subresource
                          + ".certificates.k8s.io"));
        };
    return new CheckResult(check, "CLUSTER", verdict, findings);
  }

  private static Finding finding(Reason reason, String path, String got, String want) {
    return Finding.of(new Violation(reason, path, got, want));
  }
}
