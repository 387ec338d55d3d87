package dev.countersign.cluster.address;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.file.ClusterObjects;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: controller, uid: c, creationTimestamp: "2026-01-01T00:00:00Z",
                 labels: {node-role.kubernetes.io/control-plane: ""}}
      spec: {podCIDRs: [10.2.0.0/24]}
      status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: worker, uid: w, creationTimestamp: "2026-01-01T00:00:00Z"}
      status:
        addresses:
        - {type: InternalIP, address: 192.0.2.10}
        - {type: InternalDNS, address: worker.corp.example}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: other, uid: o, creationTimestamp: "2026-01-02T00:00:00Z"}
      status: {addresses: [{type: InternalIP, address: 192.0.2.20}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: kubernetes, namespace: default}
      spec: {clusterIP: 10.3.0.1, clusterIPs: [10.3.0.1]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: ServiceCIDR
      metadata: {name: kubernetes}
      spec: {cidrs: [10.3.0.0/16]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
      addressType: IPv4
      endpoints: [{addresses: [192.0.2.1]}]
      """;

  private static Assignment assign(String address, String node, String policy) {
    if (!(ClusterObjects.parse(List.of(CLUSTER))
        instanceof ParseResult.Parsed<ClusterObjects>(ClusterObjects objects))) {
      throw new AssertionError("the cluster cannot be read");
    }
    NodeFact owner = objects.nodeNamed(NodeName.parse(node).orElseThrow()).orElseThrow();
    return Assignment.of(
        AddressRecords.parse(address).orElseThrow(), owner, objects, config(policy), NOW);
  }

  private static PolicyConfig config(String spec) {
    String text =
        "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: " + spec + "\n";
    if (ApprovalPolicyFile.parse(text)
        instanceof ParseResult.Parsed<PolicyConfig>(PolicyConfig config)) {
      return config;
    }
    throw new AssertionError(ApprovalPolicyFile.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.10, worker",
    "worker.corp.example, worker",
    "other, other",
    "192.0.2.1, controller",
  })
  void whatTheNodeReportsAndNothingForbids_lasts(String address, String node) {
    assertThat(assign(address, node, "{}")).isEqualTo(new Assignment.Lasting());
  }

  /** Each names what stands in the way, and the way that works. */
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, worker, {}, API server, protected.controlPlaneNodes",
    "10.3.0.1, worker, {}, Service, another address",
    "10.3.7.7, worker, {}, ServiceCIDR, outside of the Services' range",
    "db.prod.svc.cluster.local, worker, {}, cluster.local, outside of cluster DNS",
    "vip.example.com, worker, {protected: {names: [vip.example.com]}}, protects, protected.names",
    "a.b.example.com, worker, {protected: {domains: [example.com]}}, protects, protected.domains",
    "192.0.2.10, worker, {protected: {ranges: [192.0.2.0/24]}}, protects, protected.ranges",
    "172.16.0.1, worker, {protected: {podCIDRs: [172.16.0.0/12]}}, protects, protected.podCIDRs",
    "172.31.0.1, worker, {protected: {serviceCIDRs: [172.31.0.0/16]}}, protects, serviceCIDRs",
    "kubernetes, worker, {}, API server, outside of cluster DNS",
    "192.0.2.20, worker, {ownership: {reclaim: 0s}}, Node other claims, report it in its status",
  })
  void whatTheApproverWouldTakeBack_isFutile(
      String address, String node, String policy, String got, String next) {
    assertThat(assign(address, node, policy))
        .isInstanceOfSatisfying(
            Assignment.Futile.class,
            futile -> {
              assertThat(futile.got()).startsWith(address).contains(got);
              assertThat(futile.next()).contains(next);
            });
  }

  @Test
  void whatTheNodeDoesNotReport_lastsOnlyIfItDoesSoSoon() {
    assertThat(assign("192.0.2.20", "worker", "{ownership: {reclaim: 45s}}"))
        .isInstanceOfSatisfying(
            Assignment.Provisional.class,
            provisional ->
                assertThat(provisional.condition())
                    .contains("Node worker does not report 192.0.2.20", "45 s"));
  }

  /** A name that another Node is called: whose it is, is for the operator to say. */
  @Test
  void nameOfAnotherNode_isTheOperatorsToGive() {
    assertThat(assign("other", "worker", "{}")).isInstanceOf(Assignment.Provisional.class);
  }
}
