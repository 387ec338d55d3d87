package dev.countersign.policy.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.name.DnsName;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.ClientPolicy;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinRequests;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.CsrSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Builds a case of kubelets' client certificates, and decides it under strict join. */
final class ClientCase {
  private static final TokenId TOKEN = TokenId.parse("abc123");

  private final CsrSpec request;
  private final JoinFacts facts;
  private final JoinConfig config;
  private final PolicyConfig policy;

  ClientCase(JsonNode request, JsonNode world, PolicyConfig policy) {
    this.policy = policy;
    this.config = JoinConfig.DEFAULT;
    this.request =
        JoinRequests.of(
            "uid-1",
            Requests.NOW,
            request.path("user").asText("system:bootstrap:" + TOKEN.value()),
            Set.of(
                RequestFields.groups(
                    request, List.of("system:bootstrappers", "system:authenticated"))),
            List.of(RequestFields.usages(request, "client auth")),
            RequestFields.pem(request));
    this.facts =
        new JoinFacts(
            Requests.NOW,
            Fact.known(
                world.path("grant").asText().equals("none")
                    ? Optional.empty()
                    : Optional.of(grant(world.path("grant").asText(RequestFields.node(request))))),
            Fact.known(Optional.empty()),
            Fact.known(
                world.path("node").asText().equals("present")
                    ? new NodePresence.Present(Optional.of(Requests.NOW))
                    : new NodePresence.Absent()),
            Fact.unknown("no inventory"),
            Fact.unknown("no attestation"),
            Fact.known(machines(world.path("machines"))));
  }

  private static List<Machine> machines(JsonNode machines) {
    List<Machine> all = new ArrayList<>();
    for (JsonNode machine : machines) {
      all.add(
          new Machine(
              "machines/machine-" + all.size(),
              Requests.NOW.minusSeconds(machine.path("age").asLong(60)),
              Optional.ofNullable(machine.path("node").textValue()).map(Worlds::nodeName),
              new InventoryEntry(
                  RequestFields.texts(machine.path("names")).stream()
                      .map(DnsName::of)
                      .collect(Collectors.toSet()),
                  Set.of(),
                  List.of())));
    }
    return all;
  }

  private static BootstrapTokenGrant grant(String nodes) {
    return new BootstrapTokenGrant(
        TOKEN,
        List.of(NodePattern.parse(nodes)),
        OptionalInt.of(1),
        Optional.empty(),
        Optional.of(Requests.NOW.plusSeconds(3600)),
        false,
        false,
        false,
        List.of());
  }

  Verdict decide() {
    return switch (ClientPolicy.of(policy, config).decide(request, facts)) {
      case Decision.Approve _ -> verdict(Outcome.APPROVE, List.of());
      case Decision.Ignore _ -> throw new AssertionError("ignored");
      case Decision.Deny(List<Violation> violations) -> verdict(Outcome.DENY, violations);
      case Decision.Defer(List<Violation> violations) -> verdict(Outcome.DEFER, violations);
    };
  }

  private static Verdict verdict(Outcome outcome, List<Violation> violations) {
    return new Verdict(
        outcome,
        violations.stream()
            .map(violation -> violation.reason().camelCase())
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
