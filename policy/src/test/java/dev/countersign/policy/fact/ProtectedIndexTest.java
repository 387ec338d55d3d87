package dev.countersign.policy.fact;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.nodeName;
import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.fact.ProtectedSpace.Kind;
import dev.countersign.policy.fact.ProtectedSpace.Protection;
import dev.countersign.policy.fact.ProtectedSpace.Source;
import dev.countersign.testkit.Arbitrary;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProtectedIndexTest {
  private static final List<Kind> KINDS = List.copyOf(EnumSet.allOf(Kind.class));

  private final ProtectedIndex index = new ProtectedIndex();

  private static Set<Protection> service(String name, String cluster, String external) {
    return ProtectedSpace.builder()
        .service("default", name, List.of(ip(cluster)), List.of(ip(external)), List.of())
        .protections();
  }

  private static Set<Protection> pods(String node, String range) {
    return ProtectedSpace.builder().podRanges(nodeName(node), List.of(range(range))).protections();
  }

  @Test
  void object_cameChangedWent_countsAtOnce() {
    index.replace(Set.of(), service("web", "10.3.0.7", "192.0.2.80"));
    assertThat(index.protecting(ip("192.0.2.80")))
        .contains(new Source(Kind.SERVICE_EXTERNAL, "Service default/web"));

    index.replace(service("web", "10.3.0.7", "192.0.2.80"), service("web", "10.3.0.7", "1.2.3.4"));
    assertThat(index.protecting(ip("192.0.2.80"))).isEmpty();
    assertThat(index.protecting(ip("1.2.3.4"))).isPresent();
    assertThat(index.protecting(ip("10.3.0.7"))).isPresent();
    assertThat(index.protecting(dns("web.default"))).isPresent();

    index.replace(service("web", "10.3.0.7", "1.2.3.4"), Set.of());
    assertThat(index.protecting(ip("10.3.0.7"))).isEmpty();
    assertThat(index.protecting(dns("web.default"))).isEmpty();
    assertThat(index.sizes()).isEmpty();
  }

  @Test
  void podRange_countsWhereItIsBelieved_andNothingSpeaksAgainstIt() {
    ProtectedIndex doubted = new ProtectedIndex((range, by) -> by.equals(nodeName("liar")));
    for (ProtectedIndex one : List.of(index, doubted)) {
      one.replace(Set.of(), pods("liar", "192.0.2.0/24"));
      one.replace(Set.of(), pods("honest", "10.2.0.0/24"));
      one.replace(Set.of(), service("web", "10.3.0.7", "192.0.2.80"));
    }

    assertThat(index.protecting(ip("192.0.2.9"))).isPresent();
    assertThat(doubted.protecting(ip("192.0.2.9"))).isEmpty();
    assertThat(doubted.protecting(ip("10.2.0.9"))).isPresent();
    assertThat(doubted.protecting(ip("10.2.0.9"), range -> range.prefix() > 24)).isEmpty();
    assertThat(doubted.protecting(ip("192.0.2.80")).map(Source::kind))
        .as("what else protects it")
        .contains(Kind.SERVICE_EXTERNAL);
    assertThat(doubted.protecting(ip("10.3.0.7"), _ -> false)).isPresent();
  }

  @Test
  void addressOfTwo_staysWhenOneGoes_withTheReasonThatIsLeft() {
    index.replace(Set.of(), service("a", "10.3.0.7", "192.0.2.80"));
    index.replace(Set.of(), service("b", "192.0.2.80", "192.0.2.81"));
    assertThat(index.protecting(ip("192.0.2.80")))
        .contains(new Source(Kind.SERVICE_ADDRESS, "Service default/b"));

    index.replace(service("b", "192.0.2.80", "192.0.2.81"), Set.of());
    assertThat(index.protecting(ip("192.0.2.80")))
        .contains(new Source(Kind.SERVICE_EXTERNAL, "Service default/a"));
  }

  @Test
  void rangeOfTwo_isFoundUntilBothAreGone() {
    index.replace(Set.of(), pods("node-a", "10.2.0.0/24"));
    index.replace(Set.of(), pods("node-b", "10.2.0.0/24"));
    index.replace(pods("node-a", "10.2.0.0/24"), Set.of());
    assertThat(index.protecting(ip("10.2.0.9")))
        .contains(
            new Source(
                Kind.POD_RANGE, "Pod range of Node node-b", Optional.of(nodeName("node-b"))));
    index.replace(pods("node-b", "10.2.0.0/24"), Set.of());
    assertThat(index.protecting(ip("10.2.0.9"))).isEmpty();
  }

  @Test
  void sizes_countByTheStrongestReason() {
    index.replace(Set.of(), service("a", "10.3.0.7", "192.0.2.80"));
    index.replace(Set.of(), pods("node-a", "10.2.0.0/24"));
    index.replace(Set.of(), service("b", "192.0.2.80", "192.0.2.81"));
    assertThat(index.sizes())
        .isEqualTo(
            Map.of(
                Kind.SERVICE_ADDRESS, 2,
                Kind.SERVICE_EXTERNAL, 1,
                Kind.SERVICE_NAME, 4,
                Kind.POD_RANGE, 1));
  }

  /** In whatever order Services change, the end is as if only their last states had ever been. */
  @Test
  void changes_inAnyOrder_leaveWhatTheLastStatesProtect() {
    Arbitrary arbitrary = new Arbitrary(1);
    for (int i = 0; i < 1000; i++) {
      List<Integer> steps = new ArrayList<>();
      for (int length = arbitrary.between(0, 40); length > 0; length--) {
        steps.add(arbitrary.between(0, 255));
      }
      change(steps);
    }
  }

  private static void change(List<Integer> steps) {
    ProtectedIndex followed = new ProtectedIndex();
    List<Set<Protection>> states = new ArrayList<>(List.of(Set.of(), Set.of(), Set.of()));
    for (int step : steps) {
      int which = step % 3;
      int of = step / 3 % 4;
      Set<Protection> next =
          of == 0
              ? Set.of()
              : ProtectedSpace.builder()
                  .address(
                      ip("192.0.2." + of), KINDS.get(step / 12 % KINDS.size()), "object " + which)
                  .range(range("10." + of + ".0.0/" + (16 + of)), Kind.POD_RANGE, "object " + which)
                  .domain(dns("d" + of), Kind.CLUSTER_DOMAIN, "object " + which)
                  .protections();
      followed.replace(states.get(which), next);
      states.set(which, next);
    }
    ProtectedIndex fresh = new ProtectedIndex();
    states.forEach(state -> fresh.replace(Set.of(), state));

    assertThat(followed.sizes()).isEqualTo(fresh.sizes());
    for (int i = 1; i < 4; i++) {
      IpAddress exact = ip("192.0.2." + i);
      IpAddress within = ip("10." + i + ".0.9");
      DnsName below = dns("a.d" + i);
      assertThat(followed.protecting(exact).map(Source::kind))
          .isEqualTo(fresh.protecting(exact).map(Source::kind));
      assertThat(followed.protecting(within).isPresent())
          .isEqualTo(fresh.protecting(within).isPresent());
      assertThat(followed.protecting(below).isPresent())
          .isEqualTo(fresh.protecting(below).isPresent());
    }
  }
}
