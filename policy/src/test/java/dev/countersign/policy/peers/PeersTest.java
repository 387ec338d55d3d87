package dev.countersign.policy.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.testkit.GoldenFiles;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every case of the files beside it has exactly our verdict; no difference is without a reason. */
class PeersTest {
  private static final List<String> FILES =
      List.of(
          "kubernetes.yaml",
          "kubelet-csr-approver.yaml",
          "imported.yaml",
          "kubelet-serving-cert-approver.yaml",
          "cluster-machine-approver.yaml",
          "kubelet-rubber-stamp.yaml",
          "cloud-controllers.yaml",
          "trackers.yaml");

  @TestFactory
  Stream<DynamicNode> everyCase_hasOurVerdict() {
    return FILES.stream().map(CaseFile::read).flatMap(PeersTest::tests);
  }

  static Stream<DynamicNode> tests(CaseFile file) {
    return file.tables().stream()
        .flatMap(
            table ->
                table.rows().stream()
                    .map(
                        row ->
                            DynamicTest.dynamicTest(
                                file.title() + ", " + table.name() + ": " + row.name(),
                                () -> decide(file, row))));
  }

  private static void decide(CaseFile file, CaseFile.Row row) {
    if (row.signer() == CaseFile.Signer.CLIENT) {
      assertThat(new ClientCase(row.request(), row.world(), config(file, row)).decide().toString())
          .isEqualTo(row.ours().toString());
      return;
    }
    PolicyConfig config = config(file, row);
    ServingCase serving = new ServingCase(row.request(), row.world(), config);

    assertThat(serving.decide().toString()).isEqualTo(row.ours().toString());

    if (row.ours().outcome() == Outcome.APPROVE) {
      assertThat(serving.withoutNode().toString()).startsWith("defer NodeMissing");
      // A rule of an imported policy may refuse that, too; where nothing is denied, it waits.
      assertThat(serving.byAnotherNode().toString().replace("RuleRefusedRequest ", ""))
          .isEqualTo(
              (config.mode() == Mode.APPROVE_ONLY ? "defer" : "deny") + " UsernameNotCommonName");
      if (config.inventory().isEmpty()
          && config.ownership().sharedRanges().isEmpty()
          && config.ownership().sharedNames().isEmpty()) {
        assertThat(serving.ofAnothersAddresses().toString())
            .startsWith("defer AddressOwnedByOtherNode");
      }
    }
  }

  private static PolicyConfig config(CaseFile file, CaseFile.Row row) {
    CaseFile.NamedPolicy policy = Objects.requireNonNull(file.policies().get(row.policy()));
    return switch (ApprovalPolicyFile.parse(policy.text())) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case ParseResult.Refused<PolicyConfig> refused -> throw new AssertionError(refused.message());
    };
  }

  @Test
  void everyDifference_hasAReason_andEveryReasonADifference() {
    for (String name : FILES) {
      CaseFile file = CaseFile.read(name);
      Set<String> used = new LinkedHashSet<>();
      Set<String> names = new HashSet<>();
      List<String> wrong = new ArrayList<>();
      for (CaseFile.Table table : file.tables()) {
        for (CaseFile.Row row : table.rows()) {
          if (row.differs() != row.because().isPresent()) {
            wrong.add(
                row.name() + ": " + row.theirs().text() + ", " + row.ours() + ", " + row.because());
          }
          row.because().ifPresent(used::add);
          if (!names.add(table.name() + row.name())) {
            wrong.add(row.name() + " twice");
          }
        }
      }
      assertThat(wrong).as(name).isEmpty();
      assertThat(file.because().keySet()).as(name).containsExactlyInAnyOrderElementsOf(used);
    }
  }

  @Test
  void page_isCurrent() {
    GoldenFiles.in("../docs/testing")
        .assertMatches("peers.md", PeersPage.of(FILES.stream().map(CaseFile::read).toList()));
  }
}
