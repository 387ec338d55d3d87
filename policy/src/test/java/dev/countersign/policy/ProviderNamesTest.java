package dev.countersign.policy;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internalDns;
import static dev.countersign.policy.Worlds.node;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.testkit.CsrForge;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names as providers report them, and the options for them. */
class ProviderNamesTest {
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final PolicyConfig UNDERSCORE = Given.policy("names: {allowUnderscore: true}");
  private static final PolicyConfig DOT = Given.policy("names: {allowTrailingDot: true}");
  private static final PolicyConfig BOTH =
      Given.policy("names: {allowUnderscore: true, allowTrailingDot: true}");
  private static final PolicyConfig PREFIX = Given.policy("names: {nodeNamePrefix: Required}");

  /** What node-a gets for a name that is its InternalDNS, written as in the request. */
  private static List<Reason> ask(String name, PolicyConfig config) {
    return Given.reasons(
        Policy.decide(
            Requests.of(CsrForge.client("node-a").withDns(name)).csr(),
            Worlds.of(node("node-a", Worlds.UID, hostname("node-a"), internalDns(name))),
            config));
  }

  @Test
  void underscore_isAnOption() {
    for (String name : List.of("my_host.internal", "_a.internal", "rack_1", "a_.b_")) {
      assertThat(ask(name, DEFAULTS)).as(name).containsExactly(Reason.DNS_UNDERSCORE);
      assertThat(ask(name, DOT)).as(name).containsExactly(Reason.DNS_UNDERSCORE);
      assertThat(ask(name, UNDERSCORE)).as(name).isEmpty();
    }
  }

  @Test
  void trailingDot_isAnOption() {
    for (String name : List.of("ip-10-0-0-1.ec2.internal.", "node-a.", "A.example.com.")) {
      assertThat(ask(name, DEFAULTS)).as(name).containsExactly(Reason.DNS_TRAILING_DOT);
      assertThat(ask(name, UNDERSCORE)).as(name).containsExactly(Reason.DNS_TRAILING_DOT);
      assertThat(ask(name, DOT)).as(name).isEmpty();
    }
    assertThat(ask("my_host.internal.", BOTH)).isEmpty();
    assertThat(ask("my_host.internal.", DOT)).containsExactly(Reason.DNS_UNDERSCORE);
    assertThat(ask("my_host.internal.", UNDERSCORE)).containsExactly(Reason.DNS_TRAILING_DOT);
  }

  @Test
  void options_permitNothingElse() {
    for (String name : List.of("a b", "-a", "a..b", ".", "a/b", "a\0b")) {
      assertThat(ask(name, BOTH)).as(name).containsExactly(Reason.DNS_SYNTAX);
    }
    assertThat(ask("a..", BOTH)).containsExactly(Reason.DNS_SYNTAX);
    assertThat(ask("a_b.", DEFAULTS))
        .containsExactlyInAnyOrder(Reason.DNS_TRAILING_DOT, Reason.DNS_UNDERSCORE);
    assertThat(ask("*.a_b.", BOTH)).containsExactly(Reason.DNS_WILDCARD);
    assertThat(ask("10.0.0.1.", BOTH)).containsExactly(Reason.DNS_IS_ADDRESS);
    assertThat(ask("xn--a.example.com.", BOTH)).containsExactly(Reason.DNS_INTERNATIONALIZED);
    assertThat(
            ask(
                "xn--a.example.com.",
                Given.policy("names: {allowTrailingDot: true, allowIDN: [example.com]}")))
        .isEmpty();
  }

  @Test
  void protectedName_isProtected_withADotToo() {
    for (String name : List.of("kubernetes.default.svc.", "localhost.", "x.cluster.local.")) {
      assertThat(ask(name, BOTH)).as(name).containsExactly(Reason.NAME_RESERVED);
    }
  }

  @Test
  void record_isWithoutTheDot_andHoldsUnderscores() {
    assertThat(
            ReportedAddresses.of(
                    node(
                        "node-a",
                        "u",
                        internalDns("My_Host.internal."),
                        internalDns("b.example.com."),
                        internalDns("a b"),
                        internalDns("-a")))
                .within(10))
        .containsExactlyInAnyOrder(dns("node-a"), dns("my_host.internal"), dns("b.example.com"));
  }

  @Test
  void nodeNamePrefix_wantsTheNodesName_wholeAndFirst() {
    for (String name : List.of("node-a", "node-a.example.com", "NODE-A.example.com")) {
      assertThat(ask(name, PREFIX)).as(name).isEmpty();
    }
    for (String name :
        List.of("node-ab", "node-ab.example.com", "a.node-a", "example.com", "node-a-x")) {
      assertThat(ask(name, PREFIX)).as(name).containsExactly(Reason.DNS_WITHOUT_NODE_NAME);
      assertThat(ask(name, DEFAULTS)).as(name).isEmpty();
    }
    Decision decision =
        Policy.decide(
            Requests.of(CsrForge.client("node-a").withDns("b")).csr(), Worlds.honest(), PREFIX);
    assertThat(decision.violations())
        .extracting(Violation::message)
        .containsExactly(
            "request.san[0]: got DNS \"b\"; want the Node's name, \"node-a\","
                + " alone or before a dot (names.nodeNamePrefix)");
  }

  @Test
  void searchList_triesShortNamesInTheDomainsFirst() {
    SearchList search = new SearchList(List.of(dns("a.test"), dns("b.test")));

    assertThat(search.candidates(dns("n")))
        .containsExactly(dns("n.a.test"), dns("n.b.test"), dns("n"));
    assertThat(search.candidates(dns("n.x")))
        .containsExactly(dns("n.x"), dns("n.x.a.test"), dns("n.x.b.test"));
    assertThat(SearchList.NONE.candidates(dns("n"))).containsExactly(dns("n"));
  }

  @Test
  void searchDomains_areThePolicys_orElseTheMachines_withoutClusterDns() {
    List<DnsName> machine =
        List.of(dns("ns.svc.cluster.local"), dns("cluster.local"), dns("int.example.test"));

    assertThat(DEFAULTS.searchList(machine).domains()).containsExactly(dns("int.example.test"));
    assertThat(Given.policy("names: {searchDomains: []}").searchList(machine).domains()).isEmpty();
    assertThat(Given.policy("names: {searchDomains: [b.test]}").searchList(machine).domains())
        .containsExactly(dns("b.test"));
  }
}
