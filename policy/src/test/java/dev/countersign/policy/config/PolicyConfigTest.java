package dev.countersign.policy.config;

import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.Guard.ClusterCidrs;
import dev.countersign.policy.config.Inventory.Combine;
import dev.countersign.policy.config.Names.Resolution;
import dev.countersign.policy.config.Ownership.PerNode;
import dev.countersign.policy.config.Ownership.SiblingNames;
import dev.countersign.x509.request.KeyAlgorithm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bounds that no configuration can leave, whoever makes it; each at its edge. */
class PolicyConfigTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Set<KeyAlgorithm> RSA = Set.of(KeyAlgorithm.RSA);

  private static Limits limits(
      int bytes, int names, Duration shortest, Duration longest, int pending) {
    return new Limits(bytes, names, shortest, longest, Optional.of(pending));
  }

  private static void refused(String why, ThrowingCallable made) {
    assertThatThrownBy(made).isInstanceOf(IllegalArgumentException.class).hasMessage(why);
  }

  @Test
  void limits_atTheirEdges() {
    assertThat(limits(512, 1, SECOND, SECOND, 1).pendingPerNode()).contains(1);
    assertThat(new Limits(512, 1, SECOND, SECOND, Optional.empty()).pendingPerNode()).isEmpty();
    refused("requestBytes must be 512 or more", () -> limits(511, 1, SECOND, SECOND, 1));
    refused("names must be 1 or more", () -> limits(512, 0, SECOND, SECOND, 1));
    refused("shortest must be positive", () -> limits(512, 1, Duration.ZERO, SECOND, 1));
    refused(
        "longest must not be below shortest",
        () -> limits(512, 1, SECOND, Duration.ofMillis(999), 1));
    refused("pendingPerNode must be 1 or more", () -> limits(512, 1, SECOND, SECOND, 0));
  }

  @Test
  void keys_atTheirEdges() {
    assertThat(new Keys(RSA, Set.of(), 2048, 2048).rsaLongest()).isEqualTo(2048);
    refused("algorithms must not be empty", () -> new Keys(Set.of(), Set.of(), 2048, 2048));
    refused("rsaShortest must be 2048 or more", () -> new Keys(RSA, Set.of(), 2047, 2048));
    refused("rsaLongest must not be below rsaShortest", () -> new Keys(RSA, Set.of(), 2049, 2048));
  }

  @Test
  void names_atTheirEdges() {
    assertThat(names(Duration.ofNanos(1)).resolution()).isEqualTo(Resolution.OFF);
    refused("resolutionTimeout must be positive", () -> names(Duration.ZERO));
  }

  @Test
  void ownership_atItsEdge() {
    assertThat(ownership(Duration.ZERO).reclaim()).isEqualTo(Duration.ZERO);
    refused("reclaim must not be negative", () -> ownership(Duration.ofNanos(-1)));
  }

  private static Ownership ownership(Duration reclaim) {
    return new Ownership(
        true, Set.of(), List.of(), reclaim, SiblingNames.ASSIGNED, PerNode.defaults());
  }

  @Test
  void perNode_atItsEdges() {
    assertThat(new PerNode(Optional.of(1024), 1, Duration.ZERO).changeBurst()).isEqualTo(1);
    refused(
        "recordBytes must be 1024 or more", () -> new PerNode(Optional.of(1023), 1, Duration.ZERO));
    refused("changeBurst must be 1 or more", () -> new PerNode(Optional.empty(), 0, Duration.ZERO));
    refused(
        "changeInterval must not be negative",
        () -> new PerNode(Optional.empty(), 1, Duration.ofNanos(-1)));
  }

  @Test
  void recordBytesPerNode_growWithTheNamesOfARequest_unlessGiven() {
    PolicyConfig defaults = PolicyConfig.defaults();
    Limits limits = defaults.limits();
    PolicyConfig many =
        defaults.withLimits(
            new Limits(
                limits.requestBytes(),
                1000,
                limits.shortest(),
                limits.longest(),
                limits.pendingPerNode()));
    Ownership ownership = defaults.ownership();

    assertThat(defaults.recordBytesPerNode()).isEqualTo(16_384);
    assertThat(many.recordBytesPerNode()).isEqualTo(163_000);
    assertThat(
            many.withOwnership(
                    new Ownership(
                        true,
                        Set.of(),
                        List.of(),
                        ownership.reclaim(),
                        ownership.siblingNames(),
                        new PerNode(Optional.of(2048), 1, Duration.ZERO)))
                .recordBytesPerNode())
        .isEqualTo(2048);
  }

  @Test
  void clusterCidrs_atTheirEdges() {
    assertThat(new ClusterCidrs(List.of(), List.of(), 16, 48).nodeMaskIpv4()).isEqualTo(16);
    assertThat(new ClusterCidrs(List.of(), List.of(), 32, 128).nodeMaskIpv6()).isEqualTo(128);
    for (int bits : List.of(15, 33)) {
      refused(
          "nodeMaskIpv4 must be 16 to 32", () -> new ClusterCidrs(List.of(), List.of(), bits, 64));
    }
    for (int bits : List.of(47, 129)) {
      refused(
          "nodeMaskIpv6 must be 48 to 128", () -> new ClusterCidrs(List.of(), List.of(), 24, bits));
    }
  }

  @Test
  void podRangeOfANode_isBelieved_ifItIsNotTooWide_andThePolicyNamesNone() {
    ClusterCidrs defaults = ClusterCidrs.defaults();
    ClusterCidrs named = new ClusterCidrs(List.of(range("10.2.0.0/16")), List.of(), 24, 64);

    assertThat(defaults.believes(range("10.2.1.0/24"))).isTrue();
    assertThat(defaults.believes(range("10.2.0.0/23"))).isFalse();
    assertThat(defaults.isTooWide(range("10.2.0.0/23"))).isTrue();
    assertThat(defaults.believes(range("fd00::/64"))).isTrue();
    assertThat(defaults.believes(range("fd00::/63"))).isFalse();
    assertThat(named.believes(range("10.2.1.0/24"))).isFalse();
    assertThat(named.believes(range("fd00::/64"))).as("another family").isTrue();
  }

  @Test
  void specialRanges_areLinkLocal() {
    assertThat(addresses("169.254.0.0/16", "fe80::/10").specialRanges()).hasSize(2);
    for (String other : List.of("169.254.0.0/15", "fe80::/9", "127.0.0.1", "fec0::1")) {
      refused("specialRanges must be link-local", () -> addresses(other));
    }
  }

  private static Addresses addresses(String... special) {
    return new Addresses(List.of(), List.of(special).stream().map(Worlds::range).toList(), false);
  }

  @Test
  void kubeletPort_atItsEdges() {
    assertThat(renewal(1).kubeletPort()).isEqualTo(1);
    assertThat(renewal(65_535).kubeletPort()).isEqualTo(65_535);
    refused("kubeletPort must be 1 to 65535", () -> renewal(0));
    refused("kubeletPort must be 1 to 65535", () -> renewal(65_536));
  }

  private static Renewal renewal(int port) {
    return new Renewal(Renewal.OnChange.IGNORE, true, port);
  }

  @Test
  void machines_haveAGroupAVersion_andElsewhereAPlace() {
    assertThat(machines("machine.openshift.io", "v1beta1", "ns", "", "/k").group())
        .isEqualTo("machine.openshift.io");
    assertThat(machines("a.b", "v1", "", "app=x", "/k").labelSelector()).contains("app=x");
    for (String group : List.of("", "machines", "A.b", "a..b", "-a.b", "a.b-", "a.b/c")) {
      refused(
          "group must be an API group such as cluster.x-k8s.io",
          () -> machines(group, "v1", "ns", "", ""));
    }
    for (String version : List.of("beta", "v0", "v1beta", "1", "v1/x", "v1gamma1")) {
      refused(
          "version must be an API version such as v1beta1",
          () -> machines("a.b", version, "ns", "", ""));
    }
    refused(
        "namespace or labelSelector must be given with kubeconfig",
        () -> machines("a.b", "v1", "", "", "/k"));
  }

  private static InventorySource.Machines machines(
      String group, String version, String namespace, String selector, String kubeconfig) {
    return new InventorySource.Machines(
        "machines",
        group,
        given(version),
        given(namespace),
        given(selector),
        given(kubeconfig),
        List.of());
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(found -> !found.isEmpty());
  }

  @Test
  void inventory_hasSourcesOfDifferentNames() {
    InventorySource one = new InventorySource.File("a", "x");
    InventorySource other = new InventorySource.File("b", "x");

    assertThat(new Inventory(List.of(one, other), Combine.ANY, false).sources()).hasSize(2);
    refused("sources must not be empty", () -> new Inventory(List.of(), Combine.ANY, false));
    refused(
        "names of sources must differ", () -> new Inventory(List.of(one, one), Combine.ANY, false));
  }

  @Test
  void webhook_isAskedOverHttpsOnly_withAWholeIdentityOrNone() {
    Optional<String> file = Optional.of("f");

    assertThat(webhook("https://a", Optional.empty(), Optional.empty()).name()).isEqualTo("w");
    assertThat(webhook("https://a", file, file).url()).isEqualTo("https://a");
    refused(
        "url must start with https://",
        () -> webhook("http://a", Optional.empty(), Optional.empty()));
    refused(
        "clientCertificateFile and clientKeyFile must be given together",
        () -> webhook("https://a", file, Optional.empty()));
    refused(
        "clientCertificateFile and clientKeyFile must be given together",
        () -> webhook("https://a", Optional.empty(), file));
  }

  private static InventorySource.Webhook webhook(
      String url, Optional<String> certificate, Optional<String> key) {
    return new InventorySource.Webhook("w", url, "ca", certificate, key, SECOND);
  }

  @ParameterizedTest
  @EnumSource
  void mode_isWrittenInCamelCase(Mode mode) {
    assertThat(mode.text())
        .isEqualTo(
            switch (mode) {
              case ENFORCE -> "Enforce";
              case AUDIT -> "Audit";
              case APPROVE_ONLY -> "ApproveOnly";
            });
  }

  @Test
  void defaults_areTheSafeOnes() {
    PolicyConfig defaults = PolicyConfig.defaults();

    assertThat(defaults.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(defaults.ownership().enforced()).isTrue();
    assertThat(defaults.guard().serviceExternalAddresses()).isTrue();
    assertThat(defaults.client()).isEqualTo(PolicyConfig.Client.IGNORE);
    assertThat(defaults.rules().rules()).isEmpty();
  }

  private static Names names(Duration timeout) {
    return new Names(
        List.of(),
        List.of(),
        false,
        false,
        false,
        Resolution.OFF,
        timeout,
        Optional.empty(),
        List.of());
  }
}
