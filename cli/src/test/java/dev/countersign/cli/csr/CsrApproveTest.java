package dev.countersign.cli.csr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class CsrApproveTest {
  private static final Set<Reason> NOT_YET =
      EnumSet.of(
          Reason.FACT_UNKNOWN,
          Reason.NODE_MISSING,
          Reason.ADDRESS_CLAIM_UNRECORDED,
          Reason.DNS_UNRESOLVED,
          Reason.PENDING_LIMIT,
          Reason.RULE_UNDECIDED);

  private static CsrApprove command(String... flags) {
    CsrApprove command =
        new CsrApprove(
            Console.plain(
                new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter())));
    String[] words = {"csr-1", "--reason", "because"};
    new CommandLine(command)
        .parseArgs(
            Stream.concat(List.of(words).stream(), List.of(flags).stream()).toArray(String[]::new));
    return command;
  }

  private static Explanation because(Reason... reasons) {
    List<Violation> violations =
        Arrays.stream(reasons)
            .map(reason -> new Violation(reason, "request.ipAddresses[0]", "10.0.0.9", "its own"))
            .toList();
    return Explanation.of(
        "csr-1",
        reasons[0].evidence().isFinal()
            ? new Decision.Deny(violations)
            : new Decision.Defer(violations),
        List.of());
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everythingThatSpeaksAgainstARequest_needsForce(Reason reason) throws CliException {
    if (NOT_YET.contains(reason)) {
      assertThat(command().condition("csr-1", because(reason), ApproverFacts.ALL_HERE).reason())
          .isEqualTo("CountersignByHand");
      return;
    }
    CliException refused =
        catchThrowableOfType(
            CliException.class,
            () -> command().condition("csr-1", because(reason), ApproverFacts.ALL_HERE));
    assertThat(refused.status()).isEqualTo(ExitStatus.REFUSED);
    assertThat(refused)
        .hasMessageContaining(reason.camelCase())
        .hasMessageContaining(reason.remedy())
        .hasMessageContaining("--force");
    assertThat(
            command("--force").condition("csr-1", because(reason), ApproverFacts.ALL_HERE).reason())
        .isEqualTo("CountersignForced");
  }

  @Test
  void oneFindingAmongWhatIsNotThereYet_needsForce() {
    CliException refused =
        catchThrowableOfType(
            CliException.class,
            () ->
                command()
                    .condition(
                        "csr-1",
                        because(Reason.FACT_UNKNOWN, Reason.ADDRESS_OWNED_BY_OTHER_NODE),
                        ApproverFacts.ALL_HERE));
    assertThat(refused)
        .hasMessageContaining("AddressOwnedByOtherNode")
        .hasMessageNotContaining("FactUnknown");
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"FACT_UNKNOWN", "NODE_MISSING", "ADDRESS_CLAIM_UNRECORDED", "DNS_UNRESOLVED"})
  void whoseNamesTheyAre_isNoGuess_whereTheApproverMayKnow(Reason reason) throws CliException {
    CliException refused =
        catchThrowableOfType(
            CliException.class,
            () -> command().condition("csr-1", because(reason), ApproverFacts.SOME_ELSEWHERE));
    assertThat(refused.status()).isEqualTo(ExitStatus.REFUSED);
    assertThat(
            command("--force")
                .condition("csr-1", because(reason), ApproverFacts.SOME_ELSEWHERE)
                .reason())
        .isEqualTo("CountersignForced");
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"PENDING_LIMIT", "RULE_UNDECIDED"})
  void whatHasNothingToDoWithNames_needsNoForce_whereTheApproverMayKnow(Reason reason)
      throws CliException {
    assertThat(command().condition("csr-1", because(reason), ApproverFacts.SOME_ELSEWHERE).reason())
        .isEqualTo("CountersignByHand");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everythingThatSpeaksAgainstAJoin_needsForce(Reason reason) throws CliException {
    List<Violation> violations =
        List.of(new Violation(reason, "claim", "something", "something else"));
    Explanation explanation =
        Explanation.of(
            "csr-1",
            !reason.evidence().isFinal()
                ? new Decision.Defer(violations)
                : new Decision.Deny(violations),
            List.of());
    if (NOT_YET.contains(reason)) {
      assertThat(command().condition("csr-1", explanation, ApproverFacts.ALL_HERE).reason())
          .isEqualTo("CountersignByHand");
      return;
    }
    assertThat(
            catchThrowableOfType(
                CliException.class,
                () -> command().condition("csr-1", explanation, ApproverFacts.ALL_HERE)))
        .hasMessageContaining(reason.camelCase())
        .hasMessageContaining(reason.remedy());
    assertThat(command("--force").condition("csr-1", explanation, ApproverFacts.ALL_HERE).reason())
        .isEqualTo("CountersignForced");
  }

  @Test
  void help_saysWhatNeedsNoForce() {
    String help = new CommandLine(command()).getUsageMessage();
    for (Reason reason : NOT_YET) {
      assertThat(help).contains(reason.camelCase());
    }
  }
}
