package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.testkit.LoopbackDns;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NameResolverTest {
  private static final DnsName KNOWN = DnsName.of("worker-1.example.com");
  private static final DnsName ABSENT = DnsName.of("absent.example.com");
  private static final DnsName BROKEN = DnsName.of("broken.example.com");
  private static final DnsName SILENT = DnsName.of("silent.example.com");

  private final LoopbackDns server;

  NameResolverTest() throws IOException {
    server =
        LoopbackDns.start()
            .resolve(KNOWN.text(), "10.0.0.1", "fd00::1")
            .fail(BROKEN.text())
            .ignore(SILENT.text());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void resolve_addressesOfBothFamilies() {
    assertThat(resolve(Set.of(KNOWN), Duration.ofSeconds(30)))
        .isEqualTo(
            Fact.known(
                Map.of(
                    KNOWN,
                    new Resolution.Addresses(
                        Set.of(
                            IpAddress.parse("10.0.0.1").orElseThrow(),
                            IpAddress.parse("fd00::1").orElseThrow())))));
  }

  @Test
  void resolve_nameThatDoesNotExist_isNone() {
    assertThat(resolve(Set.of(KNOWN, ABSENT), Duration.ofSeconds(30)))
        .matches(Fact::isKnown)
        .extracting(Object::toString)
        .asString()
        .contains("10.0.0.1")
        .contains("None");
    assertThat(resolve(Set.of(ABSENT), Duration.ofSeconds(30)))
        .isEqualTo(Fact.known(Map.of(ABSENT, new Resolution.None())));
  }

  @Test
  void resolve_serverFailure_isUnknown() {
    assertThat(resolve(Set.of(KNOWN, BROKEN), Duration.ofSeconds(30)).isKnown()).isFalse();
  }

  @Test
  void resolve_noAnswer_isUnknown() {
    assertThat(resolve(Set.of(SILENT), Duration.ofMillis(200)).isKnown()).isFalse();
  }

  @Test
  void resolve_shortName_isFoundInTheFirstSearchDomainThatHasIt() {
    SearchList search =
        new SearchList(List.of(DnsName.of("absent.example.net"), DnsName.of("example.com")));
    DnsName name = DnsName.of("worker-1");

    assertThat(
            NameResolver.of("127.0.0.1", server.port())
                .resolve(Set.of(name), search, Duration.ofSeconds(30)))
        .isEqualTo(
            Fact.known(
                Map.of(
                    name,
                    new Resolution.Addresses(
                        Set.of(
                            IpAddress.parse("10.0.0.1").orElseThrow(),
                            IpAddress.parse("fd00::1").orElseThrow())))));
    assertThat(
            NameResolver.of("127.0.0.1", server.port())
                .resolve(Set.of(DnsName.of("broken")), search, Duration.ofSeconds(30))
                .isKnown())
        .as("a domain without an answer is not passed over")
        .isFalse();
  }

  @Test
  void searchDomains_areThoseOfTheLastLineThatNamesAny() {
    assertThat(
            NameResolver.searchDomains(
                """
                # search commented.example.com
                domain first.example.com
                nameserver 10.0.0.53
                search a.example.com  B.example.com. bad_one -x
                options ndots:5
                """))
        .containsExactly(DnsName.of("a.example.com"), DnsName.of("b.example.com"));
    assertThat(NameResolver.searchDomains("nameserver 10.0.0.53\n")).isEmpty();
    assertThat(NameResolver.of("127.0.0.1", 53).searchDomains()).isEmpty();
  }

  private Fact<Map<DnsName, Resolution>> resolve(Set<DnsName> names, Duration timeout) {
    return NameResolver.of("127.0.0.1", server.port()).resolve(names, SearchList.NONE, timeout);
  }
}
