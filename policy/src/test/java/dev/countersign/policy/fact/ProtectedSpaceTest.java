package dev.countersign.policy.fact;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.nodeName;
import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.fact.ProtectedSpace.Kind;
import dev.countersign.policy.fact.ProtectedSpace.Source;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectedSpaceTest {
  @Test
  void empty_protectsNothing() {
    ProtectedSpace empty = ProtectedSpace.builder().build();
    assertThat(empty.protecting(dns("kubernetes.default"))).isEmpty();
    assertThat(empty.protecting(ip("10.3.0.1"))).isEmpty();
  }

  @Test
  void name_protectsItself_andNothingBelow() {
    ProtectedSpace space =
        ProtectedSpace.builder().name(dns("api.example.com"), Kind.API_SERVER, "spec").build();
    assertThat(space.protecting(dns("api.example.com")))
        .contains(new Source(Kind.API_SERVER, "spec"));
    assertThat(space.protecting(dns("a.api.example.com"))).isEmpty();
    assertThat(space.protecting(dns("example.com"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster.local", "svc.cluster.local", "a.b.svc.cluster.local"})
  void domain_protectsItself_andAllBelow(String name) {
    assertThat(clusterDomain().protecting(dns(name)))
        .contains(new Source(Kind.CLUSTER_DOMAIN, "spec"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "mycluster.local", "cluster.local.example.com", "cluster", "a"})
  void domain_leavesOthers(String name) {
    assertThat(clusterDomain().protecting(dns(name))).isEmpty();
  }

  @Test
  void domain_withoutText_protectsNothing() {
    ProtectedSpace space =
        ProtectedSpace.builder().domain(dns(""), Kind.CLUSTER_DOMAIN, "spec").build();
    assertThat(space.protecting(dns(""))).isEmpty();
    assertThat(space.protecting(dns("a."))).isEmpty();
  }

  @Test
  void name_isFoundBeforeItsDomain() {
    ProtectedSpace space =
        ProtectedSpace.builder()
            .domain(dns("example.com"), Kind.CLUSTER_DOMAIN, "spec")
            .name(dns("api.example.com"), Kind.API_SERVER, "certificate")
            .build();
    assertThat(space.protecting(dns("api.example.com")).map(Source::kind))
        .contains(Kind.API_SERVER);
    assertThat(space.protecting(dns("b.example.com")).map(Source::kind))
        .contains(Kind.CLUSTER_DOMAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "10.3.0.0, true", "10.3.0.255, true", "10.2.255.255, false", "10.3.1.0, false",
    "fd00::1, true", "fd01::1, false", "10.9.0.9, true", "10.9.0.8, false"
  })
  void range_protectsWhatItContains_ofItsVersion(String address, boolean isProtected) {
    ProtectedSpace space =
        ProtectedSpace.builder()
            .range(range("10.3.0.0/24"), Kind.SERVICE_RANGE, "ServiceCIDR")
            .range(range("10.9.0.9/32"), Kind.SERVICE_RANGE, "ServiceCIDR")
            .range(range("fd00::/16"), Kind.SERVICE_RANGE, "ServiceCIDR")
            .build();
    assertThat(space.protecting(ip(address)).isPresent()).isEqualTo(isProtected);
  }

  @Test
  void address_theStrongestSourceIsNamed() {
    ProtectedSpace space =
        ProtectedSpace.builder()
            .range(range("10.0.0.0/8"), Kind.POD_RANGE, "pods")
            .range(range("10.3.0.0/24"), Kind.SERVICE_RANGE, "ServiceCIDR")
            .address(ip("10.3.0.1"), Kind.SERVICE_ADDRESS, "Service")
            .address(ip("10.3.0.2"), Kind.SERVICE_EXTERNAL, "balancer")
            .build();
    assertThat(space.protecting(ip("10.3.0.1")).map(Source::detail)).contains("Service");
    assertThat(space.protecting(ip("10.3.0.2")).map(Source::detail)).contains("ServiceCIDR");
    assertThat(space.protecting(ip("10.3.0.3")).map(Source::detail)).contains("ServiceCIDR");
    assertThat(space.protecting(ip("10.4.0.1")).map(Source::detail)).contains("pods");
  }

  @Test
  void sameThingTwice_theStrongerSourceStays_theFirstOfEquals() {
    for (List<Kind> order :
        List.of(
            List.of(Kind.SERVICE_NAME, Kind.SERVICE_EXTERNAL),
            List.of(Kind.SERVICE_EXTERNAL, Kind.SERVICE_NAME))) {
      ProtectedSpace space =
          ProtectedSpace.builder()
              .name(dns("web"), order.get(0), order.get(0).name())
              .name(dns("web"), order.get(1), order.get(1).name())
              .domain(dns("example"), order.get(0), order.get(0).name())
              .domain(dns("example"), order.get(1), order.get(1).name())
              .build();
      assertThat(space.protecting(dns("web"))).contains(serviceName());
      assertThat(space.protecting(dns("example"))).contains(serviceName());
    }
    assertThat(
            ProtectedSpace.builder()
                .name(dns("web"), Kind.SERVICE_NAME, "first")
                .name(dns("web"), Kind.SERVICE_NAME, "second")
                .build()
                .protecting(dns("web"))
                .map(Source::detail))
        .contains("first");
  }

  @Test
  void service_protectsItsAddressesAndNames() {
    ProtectedSpace space =
        ProtectedSpace.builder()
            .service(
                "shop",
                "web",
                List.of(ip("10.3.0.9")),
                List.of(ip("198.51.100.7")),
                List.of(dns("web.example.com")))
            .service("default", "kubernetes", List.of(), List.of(), List.of())
            .service("kube-system", "dns", List.of(), List.of(), List.of())
            .build();
    assertThat(space.protecting(ip("10.3.0.9")))
        .contains(new Source(Kind.SERVICE_ADDRESS, "Service shop/web"));
    assertThat(space.protecting(ip("198.51.100.7")))
        .contains(new Source(Kind.SERVICE_EXTERNAL, "Service shop/web"));
    assertThat(space.protecting(dns("web.example.com")))
        .contains(new Source(Kind.SERVICE_EXTERNAL, "Service shop/web"));
    assertThat(space.protecting(dns("web.shop")))
        .contains(new Source(Kind.SERVICE_NAME, "Service shop/web"));
    assertThat(space.protecting(dns("kubernetes")).map(Source::kind)).contains(Kind.SERVICE_NAME);
    assertThat(space.protecting(dns("dns")).map(Source::kind)).contains(Kind.SERVICE_NAME);
    assertThat(space.protecting(dns("web")).map(Source::kind)).contains(Kind.SERVICE_SHORT_NAME);
  }

  @ParameterizedTest
  @CsvSource({
    "db.prod, true",
    "db-0.db.prod, true",
    "a.b.db.prod, true",
    "xdb.prod, false",
    "prod, false",
    "db-0.db, false",
    "db-0.web.prod, false"
  })
  void headlessService_protectsTheNamesOfItsPods(String name, boolean isProtected) {
    ProtectedSpace space =
        ProtectedSpace.builder()
            .headlessService("prod", "db")
            .service("prod", "web", List.of(), List.of(), List.of())
            .build();
    assertThat(space.protecting(dns(name)).map(Source::detail).orElse(""))
        .isEqualTo(isProtected ? "Service prod/db" : "");
  }

  @ParameterizedTest
  @CsvSource({
    "10.244.0.0/16, 10.244.1.1, true",
    "10.244.0.0/15, 10.244.1.1, false",
    "fd00:1:2::/48, fd00:1:2::1, true",
    "fd00:1::/47, fd00:1::1, false"
  })
  void podRange_isProtectedOnlyIfNarrow(String of, String address, boolean isProtected) {
    ProtectedSpace space =
        ProtectedSpace.builder().podRanges(nodeName("node-a"), List.of(range(of))).build();
    assertThat(space.protecting(ip(address)).map(Source::detail).orElse(""))
        .isEqualTo(isProtected ? "Pod range of Node node-a" : "");
  }

  private static Source serviceName() {
    return new Source(Kind.SERVICE_NAME, "SERVICE_NAME");
  }

  private static ProtectedSpace clusterDomain() {
    return ProtectedSpace.builder()
        .domain(dns("cluster.local"), Kind.CLUSTER_DOMAIN, "spec")
        .build();
  }
}
