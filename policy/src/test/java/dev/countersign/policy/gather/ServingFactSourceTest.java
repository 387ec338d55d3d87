package dev.countersign.policy.gather;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Given;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.request.CsrSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each fact about a serving certificate is looked up by what the request says of it. */
class ServingFactSourceTest {
  private static final Set<NameOrAddress> ASKED =
      Set.of(Worlds.dns(Requests.NODE), Worlds.ip("192.0.2.10"));

  /** The honest world, and the claims whose holders were asked for. */
  private static final class World implements CachedFacts, ServingLookUps {
    private final Facts honest = Worlds.honest();
    private final List<Set<NameOrAddress>> claims = new ArrayList<>();

    @Override
    public Fact<Optional<NodeFact>> node(NodeName name) {
      return honest.node();
    }

    @Override
    public Fact<ProtectedSpace> protectedSpace() {
      return honest.protectedSpace();
    }

    @Override
    public Fact<Map<NameOrAddress, AddressOwnership>> holdings(
        Set<NameOrAddress> asked, PolicyConfig config) {
      claims.add(asked);
      return honest.holdings();
    }

    @Override
    public Fact<Integer> newerPending(CsrSpec csr) {
      return honest.newerPending();
    }

    @Override
    public Fact<AccessReview> access(CsrSpec.Requestor requestor, AccessAttributes attributes) {
      return honest.access();
    }

    @Override
    public Map<String, Fact<Optional<InventoryEntry>>> inventory(Inventory asked, NodeName node) {
      return Map.of("cmdb", Fact.known(Optional.empty()));
    }

    @Override
    public Fact<Map<DnsName, Resolution>> resolution(Set<DnsName> names, PolicyConfig config) {
      return Fact.known(
          Map.of(
              Worlds.dns(Requests.NODE),
              new Resolution.Addresses(Set.of(Worlds.ip("192.0.2.99")))));
    }

    @Override
    public Fact<Optional<ServedCertificate>> served(
        Preflight.Open open, Facts facts, Renewal renewal) {
      return honest.served();
    }
  }

  private static Facts lookUp(FactKind kind, World world, PolicyConfig config) {
    return new ServingFactSource(world, world)
        .lookUp(
            kind,
            Facts.none(),
            Policy.of(config).takenApart(Requests.valid().csr()).orElseThrow(),
            config);
  }

  @Test
  void everyFact_isKeptInItsPlace() {
    PolicyConfig config =
        Given.policy(
            """
            subjectAccessReview: {}
            inventory: {sources: [{name: cmdb, file: {path: /inventory.yaml}}]}
            """);
    for (FactKind kind :
        List.of(
            FactKind.NODE,
            FactKind.PROTECTED,
            FactKind.HOLDINGS,
            FactKind.PENDING,
            FactKind.ACCESS,
            FactKind.INVENTORY,
            FactKind.RESOLUTION,
            FactKind.SERVED)) {
      assertThat(lookUp(kind, new World(), config).isLookedUp(kind)).as("%s", kind).isTrue();
    }
  }

  @Test
  void whatThePolicyDoesNotAskFor_orJoinsAlone_isNotLookedUp() {
    for (FactKind kind :
        List.of(FactKind.ACCESS, FactKind.INVENTORY, FactKind.GRANT, FactKind.MACHINES)) {
      assertThat(lookUp(kind, new World(), PolicyConfig.defaults()))
          .as("%s", kind)
          .isEqualTo(Facts.none());
    }
  }

  @Test
  void holders_areAskedFor_alsoOfWhatTheNamesResolveTo_whereOwnershipCounts() {
    assertThat(asked(FactKind.HOLDINGS, PolicyConfig.defaults())).containsExactly(ASKED);
    assertThat(asked(FactKind.RESOLUTION, PolicyConfig.defaults()))
        .containsExactly(
            Set.of(Worlds.dns(Requests.NODE), Worlds.ip("192.0.2.10"), Worlds.ip("192.0.2.99")));
    assertThat(asked(FactKind.RESOLUTION, Given.policy("ownership: {mode: Off}\n"))).isEmpty();
  }

  private static List<Set<NameOrAddress>> asked(FactKind kind, PolicyConfig config) {
    World world = new World();
    lookUp(kind, world, config);
    return world.claims;
  }
}
