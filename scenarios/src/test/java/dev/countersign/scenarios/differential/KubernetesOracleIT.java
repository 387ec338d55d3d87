package dev.countersign.scenarios.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.decision.ViolationScope;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Whatever the policy approves, the API server stores and the signer signs, with the names that the
 * policy saw; whatever they refuse, the policy never approves; and where it is stricter than they
 * are, it is so for a reason that is listed here.
 *
 * <p>Every request meets the kindest cluster there is: a Node that has all names it asks for, held
 * by nobody else. {@code -Dcountersign.differential.requests} and {@code …seed} choose others;
 * {@code -Dcountersign.differential.record=FILE} writes the table.
 */
class KubernetesOracleIT {
  private static final int REQUESTS =
      Integer.getInteger("countersign.differential.requests", 20_000);
  private static final long SEED = Long.getLong("countersign.differential.seed", 20261122L);

  /**
   * Where Kubernetes is as strict as the policy, so that these alone must never be the only ones.
   */
  private static final Set<Reason> AS_STRICT =
      EnumSet.of(
          Reason.SAN_MISSING,
          Reason.SAN_MALFORMED,
          Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
          Reason.POSSESSION_NOT_PROVEN);

  private static final String POLICY =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        requestors: {others: Deny}
        addresses: {specialRanges: [169.254.0.0/16, "fe80::/10"]}
      """;

  /** One request, what Kubernetes says about it, and what the policy says. */
  private record Outcome(
      int index,
      Mutations.Made made,
      Oracle.Answer answer,
      Preflight preflight,
      Decision decision) {
    @Override
    public String toString() {
      return "seed %d request %d: %s%npolicy: %s%nKubernetes: %s"
          .formatted(SEED, index, made, decision, answer);
    }

    Set<Reason> reasons() {
      return decision.violations().stream()
          .map(Violation::reason)
          .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));
    }
  }

  private static Mutations.Made made(int index) {
    return new Mutations(new Random(SEED * 1_000_003 + index)).next();
  }

  private static CsrSpec view(Mutations.Made made) {
    return new CsrSpec(
        "csr",
        "none",
        SignerName.KUBELET_SERVING,
        CsrSpec.Requestor.of(made.username(), made.groups()),
        made.usages(),
        made.expiration(),
        Instant.EPOCH,
        Bytes.copyOf(made.pem().getBytes(StandardCharsets.ISO_8859_1)),
        List.of(),
        false,
        false);
  }

  private static Outcome judge(
      int index, Mutations.Made made, Oracle.Answer answer, Policy policy) {
    Preflight preflight = policy.preflight(view(made));
    Facts facts =
        switch (preflight) {
          case Preflight.Settled _ -> Facts.none();
          case Preflight.Open open -> kindest(open);
        };
    return new Outcome(index, made, answer, preflight, policy.decide(preflight, facts));
  }

  private static Facts kindest(Preflight.Open open) {
    List<NodeAddress> addresses = new ArrayList<>();
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    for (NameOrAddress claim : open.claims()) {
      addresses.add(
          switch (claim) {
            case DnsName name -> new NodeAddress(NodeAddress.Type.INTERNAL_DNS, name.text());
            case IpAddress ip -> new NodeAddress(NodeAddress.Type.INTERNAL_IP, ip.toString());
          });
      holdings.put(claim, new AddressOwnership.HeldBy(open.node(), "uid", Instant.EPOCH));
    }
    NodeFact node =
        new NodeFact(open.node(), "uid", Instant.EPOCH, addresses, List.of(), Map.of(), Map.of());
    return Facts.none()
        .withNode(Fact.known(Optional.of(node)))
        .withProtectedSpace(Fact.known(ProtectedSpace.builder().build()))
        .withHoldings(Fact.known(holdings))
        .withNewerPending(Fact.known(0));
  }

  @Test
  void whatWeApprove_kubernetesSigns_andWhatItRefuses_weNeverApprove() throws Exception {
    KubernetesBinaries binaries = TestedKubernetes.binaries();
    if (!binaries.has(Program.ORACLE)) {
      String why = "these binaries have no oracle: " + binaries;
      assertThat(System.getenv("CI"))
          .as("with CI=true nothing is skipped: %s", why)
          .isNotEqualTo("true");
      Assumptions.abort("skipped: " + why);
    }
    List<Mutations.Made> requests =
        IntStream.range(0, REQUESTS).parallel().mapToObj(KubernetesOracleIT::made).toList();

    List<Oracle.Answer> answers = Oracle.ask(binaries.file(Program.ORACLE), requests);

    assertThat(answers).hasSize(REQUESTS);
    // Every user is judged, also one that is no node and is left alone by default: a request of the
    // generator that is no node's must still never be approved. Link-local addresses are a question
    // of the policy, which the default leaves to an operator.
    Policy policy = Policy.of(ApprovalPolicyFile.parse(POLICY).orThrow());
    List<Outcome> outcomes =
        IntStream.range(0, REQUESTS)
            .parallel()
            .mapToObj(i -> judge(i, requests.get(i), answers.get(i), policy))
            .toList();
    for (Outcome outcome : outcomes) {
      switch (outcome.preflight()) {
        case Preflight.Open open -> {
          assertThat(outcome.answer().accepted()).as("%s", outcome).isTrue();
          assertThat(outcome.decision()).as("%s", outcome).isInstanceOf(Decision.Approve.class);
          assertThat(open.claims()).as("%s", outcome).isEqualTo(outcome.answer().names());
          assertThat(open.node().userName()).isEqualTo(outcome.answer().commonName());
        }
        case Preflight.Settled(Decision decision) -> {
          // What is held without a look at the cluster is what an option of the policy admits.
          if (decision instanceof Decision.Defer(List<Violation> violations)) {
            assertThat(violations)
                .as("%s", outcome)
                .allMatch(violation -> violation.reason().evidence() == ViolationScope.POLICY);
          } else {
            assertThat(decision).as("%s", outcome).isInstanceOf(Decision.Deny.class);
          }
          if (outcome.answer().accepted()) {
            assertThat(AS_STRICT).as("%s", outcome).doesNotContainAnyElementsOf(outcome.reasons());
          }
        }
      }
    }
    String record = record(outcomes);
    System.out.print(record);
    String file = System.getProperty("countersign.differential.record", "");
    if (!file.isEmpty()) {
      write(Path.of(file), record);
    }
    long approved = outcomes.stream().filter(o -> o.answer().accepted()).count();
    assertThat(approved).isBetween(REQUESTS / 20L, REQUESTS - REQUESTS / 20L);
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
  }

  private static String record(List<Outcome> outcomes) {
    List<Outcome> stricter =
        outcomes.stream()
            .filter(o -> o.answer().accepted() && !(o.decision() instanceof Decision.Approve))
            .toList();
    long approved = outcomes.stream().filter(o -> o.decision() instanceof Decision.Approve).count();
    long bothRefuse = outcomes.stream().filter(o -> !o.answer().accepted()).count();
    Map<Reason, Long> all = count(stricter, Outcome::reasons);
    Map<Reason, Long> alone =
        count(stricter, o -> o.reasons().size() == 1 ? o.reasons() : Set.of());
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # The policy beside Kubernetes' own rules

        `KubernetesOracleIT` (module scenarios) makes requests by structured changes of a kubelet's and asks about each one both the
        policy and Kubernetes: the API server's validation of a new request, then the signer's `ValidateKubeletServingCSR`. This page is
        what it writes with `-Dcountersign.differential.record=FILE`.

        """);
    text.append(
        "Seed %d, %d requests: %d approved by both, %d refused by both, %d refused by the policy only, 0 by Kubernetes only.%n%n"
            .formatted(SEED, outcomes.size(), approved, bothRefuse, stricter.size()));
    text.append(
        "Why the policy is stricter (a request may have several reasons; *alone* counts those with"
            + " no other):\n\n");
    text.append("| reason | requests | alone | the rule |\n|---|---:|---:|---|\n");
    all.forEach(
        (reason, count) ->
            text.append(
                "| `%s` | %d | %d | %s |%n"
                    .formatted(reason, count, alone.getOrDefault(reason, 0L), reason.meaning())));
    return text.toString();
  }

  private static Map<Reason, Long> count(
      List<Outcome> outcomes, Function<Outcome, Set<Reason>> reasons) {
    return outcomes.stream()
        .flatMap(outcome -> reasons.apply(outcome).stream())
        .collect(
            Collectors.groupingBy(
                Function.identity(), () -> new EnumMap<>(Reason.class), Collectors.counting()));
  }
}
