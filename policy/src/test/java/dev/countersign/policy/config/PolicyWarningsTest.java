package dev.countersign.policy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Given;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a policy that can be read says and hardly means. */
class PolicyWarningsTest {
  private static List<String> warnings(String spec) {
    return PolicyWarnings.of(Given.policy(spec)).stream().map(Object::toString).toList();
  }

  @Test
  void defaults_haveNone() {
    assertThat(PolicyWarnings.of(PolicyConfig.defaults())).isEmpty();
  }

  @Test
  void dryRun_andNoOwnership_areSaid() {
    assertThat(warnings("mode: Audit\nownership: {mode: Off}\n"))
        .containsExactly(
            "mode: got Audit; nothing is approved or denied; want Enforce once the log shows what"
                + " you expect",
            "ownership.mode: got Off; one Node can take the address of another by reporting it;"
                + " want Enforce");
  }

  @Test
  void patternBelowAProtectedDomain_canNeverMatter() {
    assertThat(warnings("names: {allowedPatterns: [\"*.svc.cluster.local\", \"*.example.com\"]}\n"))
        .singleElement()
        .asString()
        .startsWith("names.allowedPatterns: got *.svc.cluster.local; no such name is ever approved")
        .contains("cluster.local is protected");
  }

  @Test
  void rangeOfAllAddresses_orWithinAProtectedOne_isSaid() {
    assertThat(warnings("addresses: {allowedRanges: [\"::/0\", 192.0.2.0/24]}\n"))
        .containsExactly(
            "addresses.allowedRanges: got ::/0; every address of its family is in it; want the"
                + " networks of the Nodes");
    assertThat(
            warnings(
                """
                addresses: {allowedRanges: [10.3.0.0/24, 10.3.0.0/15]}
                protected: {serviceCIDRs: [10.3.0.0/16]}
                """))
        .containsExactly(
            "addresses.allowedRanges: got 10.3.0.0/24; no such address is ever approved:"
                + " 10.3.0.0/16 is protected");
  }
}
