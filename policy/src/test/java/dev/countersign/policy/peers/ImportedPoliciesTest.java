package dev.countersign.policy.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.peer.ImportedPolicy;
import dev.countersign.policy.peer.Peer;
import dev.countersign.policy.peer.PeerSettings;
import dev.countersign.policy.peer.PolicyImport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * On every case of the peers' own tables, the policy that is imported from their settings decides
 * as they do, or stricter; where it is stricter, the import names why.
 */
class ImportedPoliciesTest {
  /** The settings of kubelet-csr-approver's tests, by the name of the policy in its table. */
  private static final Map<String, List<String>> SETTINGS =
      Map.of(
          "suite",
          List.of(
              "--provider-regex=^[\\w-]*\\.test\\.example$",
              "--provider-ip-prefixes=192.168.0.0/16,fc00::/7",
              "--allowed-dns-names=3"),
          "no-dns",
          List.of(
              "--provider-regex=^[\\w-]*\\.test\\.example$",
              "--provider-ip-prefixes=192.168.0.0/16,fc00::/7",
              "--allowed-dns-names=3",
              "--bypass-dns-resolution"),
          "no-denial",
          List.of(
              "--provider-regex=^[\\w-]*\\.test\\.example$",
              "--provider-ip-prefixes=192.168.0.0/16,fc00::/7",
              "--allowed-dns-names=3",
              "--skip-deny-step"),
          "review",
          List.of());

  /** Where a verdict may differ: theirs, ours. */
  private static final Map<Outcome, List<Outcome>> ALIKE_OR_STRICTER =
      Map.of(
          // Stricter: deferred or denied for what the import names.
          Outcome.APPROVE, List.of(Outcome.APPROVE, Outcome.DEFER, Outcome.DENY),
          // Never approved; what can change waits.
          Outcome.DENY, List.of(Outcome.DENY, Outcome.DEFER, Outcome.IGNORE),
          // Pending either way, or denied for its form.
          Outcome.DEFER, List.of(Outcome.DEFER, Outcome.IGNORE, Outcome.DENY),
          Outcome.IGNORE, List.of(Outcome.IGNORE));

  @TestFactory
  Stream<DynamicNode> everyCase_isDecidedAsThePeerDoesOrStricter() {
    List<DynamicNode> tests = new ArrayList<>();
    for (Peer peer : Peer.values()) {
      CaseFile file = CaseFile.read(peer.text() + ".yaml");
      for (CaseFile.Table table : file.tables()) {
        for (CaseFile.Row row : table.rows()) {
          tests.add(
              DynamicTest.dynamicTest(
                  peer.text() + ": " + table.name() + ": " + row.name(), () -> decide(peer, row)));
        }
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> everySetUp_isDecidedAsThePeerDoesOrStricter() {
    CaseFile file = CaseFile.read("imported.yaml");
    return file.tables().stream()
        .flatMap(table -> table.rows().stream())
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.policy() + ": " + row.name(),
                    () -> {
                      CaseFile.NamedPolicy policy =
                          Objects.requireNonNull(file.policies().get(row.policy()));
                      decide(row, policy.text(), policy.differences());
                    }));
  }

  private static void decide(Peer peer, CaseFile.Row row) {
    List<String> flags = Objects.requireNonNull(SETTINGS.get(row.policy()), row.policy());
    PeerSettings settings = PolicyImport.read(Optional.of(peer), Optional.empty(), flags).orThrow();
    ImportedPolicy imported = PolicyImport.of(settings).orThrow();
    decide(row, imported.text(), imported.differences());
  }

  private static void decide(
      CaseFile.Row row, String policy, List<ImportedPolicy.Difference> differences) {
    PolicyConfig config = ApprovalPolicyFile.parse(policy).orThrow();

    Verdict ours = new ServingCase(row.request(), row.world(), config).decide();

    assertThat(ours.outcome())
        .as(row.theirs() + " there, here " + ours)
        .isIn(Objects.requireNonNull(ALIKE_OR_STRICTER.get(row.theirs())));
    if (row.theirs() != ours.outcome()) {
      assertThat(differences)
          .extracting(ImportedPolicy.Difference::effect)
          .contains(effect(row.theirs(), ours.outcome()));
    }
  }

  private static ImportedPolicy.Effect effect(Outcome theirs, Outcome ours) {
    return switch (theirs) {
      case APPROVE -> ImportedPolicy.Effect.STRICTER;
      case DENY -> ImportedPolicy.Effect.DEFERRED;
      case DEFER, IGNORE ->
          ours == Outcome.DENY ? ImportedPolicy.Effect.DENIED : ImportedPolicy.Effect.STRICTER;
    };
  }
}
