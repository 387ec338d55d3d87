package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JoinRecordsTest {
  private static final Instant AT = Instant.parse("2026-11-22T01:00:00Z");
  private static final Join JOIN = new Join("worker-1", "uid-1", "ab".repeat(32), AT);

  private static BootstrapTokenGrant full() {
    return new BootstrapTokenGrant(
        TokenId.parse("abc123"),
        List.of(NodePattern.parse("worker-*"), NodePattern.parse("edge-1")),
        OptionalInt.of(3),
        Optional.of(AT),
        Optional.of(AT.plusSeconds(60)),
        true,
        true,
        true,
        List.of(JOIN));
  }

  @Test
  void grant_toDataAndBack_same() {
    assertThat(BootstrapTokenGrant.fromData(full().toData())).isEqualTo(full());
    BootstrapTokenGrant bare =
        Grants.singleUse(TokenId.parse("abc123"), NodePattern.parse("n"), AT);
    assertThat(BootstrapTokenGrant.fromData(bare.toData())).isEqualTo(bare);
  }

  @Test
  void claim_toDataAndBack_same() {
    NodeNameReservation held = new NodeNameReservation.Held(TokenId.parse("abc123"), JOIN);
    NodeNameReservation revoked = new NodeNameReservation.Revoked("worker-1", AT);
    assertThat(NodeNameReservation.fromData(held.toData())).isEqualTo(held);
    assertThat(NodeNameReservation.fromData(revoked.toData())).isEqualTo(revoked);
  }

  @ParameterizedTest
  @CsvSource({
    "uses, 0, 'uses: got 0; want 1 to 2000, or unlimited'",
    "uses, many, 'data.uses: got \"many\"; want a number or unlimited'",
    "rejoin, yes, 'data.rejoin: got \"yes\"; want allowed or no key'",
    "notAfter, tomorrow, 'data.notAfter: got \"tomorrow\"; want a time such as"
        + " 2026-01-31T00:00:00Z'",
    "later, x, 'data: got key \"later\"; want only keys of a join grant'",
    "joins, one two, 'data.joins: got a line of 2 words; want node, request uid, SHA-256 of the"
        + " key, time'",
  })
  void grant_fromOtherData_refused(String key, String value, String message) {
    Map<String, String> data = new HashMap<>(full().toData());
    data.put(key, value);
    assertThatThrownBy(() -> BootstrapTokenGrant.fromData(data)).hasMessage(message);
  }

  @Test
  void grant_withoutNodes_refused() {
    Map<String, String> data = new HashMap<>(full().toData());
    data.remove("nodes");
    assertThatThrownBy(() -> BootstrapTokenGrant.fromData(data))
        .hasMessage("data.nodes: got nothing; want a value");
  }

  @Test
  void grant_moreJoinsThanUses_noneLeft() {
    BootstrapTokenGrant grant =
        Grants.singleUse(TokenId.parse("abc123"), NodePattern.parse("n"), AT);
    assertThat(grant.with(JOIN).with(JOIN).usesLeft()).hasValue(0);
  }

  @Test
  void recordName_longNodeName_hashedAndShortEnough() {
    String node = ("a".repeat(60) + ".").repeat(4) + "bbbb";
    assertThat(NodeNameReservation.recordName(node)).startsWith("join-long-name-").hasSize(79);
    assertThat(NodeNameReservation.recordName("worker-1")).isEqualTo("join-name-worker-1");
  }

  @ParameterizedTest
  @CsvSource({
    "worker-1, worker-1, true",
    "worker-1, worker-10, false",
    "worker-*, worker-10, true",
    "worker-*, worker-, true",
    "*, worker-1, true",
    "*, a.b, false",
    "*.rack1, a.rack1, true",
    "*.rack1, a.b.rack1, false",
    "*-a-*, x-a-a-y, true",
    "*-a-*, x-b-y, false",
    "*.*, a.b, true",
    "w*r-1, worker-1, true",
    "w*r-1, w.r-1, false",
  })
  void pattern_matches_withinLabels(String pattern, String name, boolean matches) {
    assertThat(NodePattern.parse(pattern).matches(name)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Worker", "a..b", "-a", "a/b", "a b", ".*"})
  void pattern_otherForms_refused(String text) {
    assertThatThrownBy(() -> NodePattern.parse(text)).hasMessageStartingWith("nodes: got ");
  }

  @Test
  void violation_saysWhatAndWhere_andIsOrderedByPath() {
    Violation one = new Violation(Reason.EXTENSIONS, "a", "x", "y");
    Violation other = new Violation(Reason.ALTERNATIVE_NAMES, "b", "x", "y");
    assertThat(one.message()).isEqualTo("a: got x; want y");
    assertThat(new Decision.Deny(List.of(other, one)).violations()).containsExactly(one, other);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2000, true", "2001, false"})
  void grant_usesWithinBounds(int uses, boolean allowed) {
    Map<String, String> data = new HashMap<>(full().toData());
    data.put("uses", Integer.toString(uses));
    if (allowed) {
      assertThat(BootstrapTokenGrant.fromData(data).uses()).hasValue(uses);
    } else {
      assertThatThrownBy(() -> BootstrapTokenGrant.fromData(data))
          .hasMessageStartingWith("uses: got 2001;");
    }
  }

  @Test
  void grant_moreJoinsThanCanBeKept_forgetsTheOldest() {
    BootstrapTokenGrant grant = full();
    for (int i = 2; i <= BootstrapTokenGrant.MAXIMUM_USES; i++) {
      grant = grant.with(new Join("worker-" + i, "uid-" + i, "ab".repeat(32), AT));
    }
    assertThat(grant.joins()).hasSize(BootstrapTokenGrant.MAXIMUM_USES).startsWith(JOIN);
    assertThat(grant.with(JOIN).joins()).hasSize(BootstrapTokenGrant.MAXIMUM_USES).endsWith(JOIN);
    assertThat(grant.with(JOIN).joins().getFirst().node()).isEqualTo("worker-2");
  }

  @Test
  void grant_blankLinesBetweenJoins_skipped() {
    Map<String, String> data = new HashMap<>(full().toData());
    data.merge("joins", "\n \n", String::concat);
    assertThat(BootstrapTokenGrant.fromData(data)).isEqualTo(full());
  }

  @Test
  void grant_renewedForAnotherToken_keepsItsTermsAndNoUse() {
    TokenId other = TokenId.parse("zzz999");
    assertThat(full().renewedFor(other, Optional.of(AT.plusSeconds(9))))
        .isEqualTo(
            new BootstrapTokenGrant(
                other,
                full().nodes(),
                full().uses(),
                Optional.empty(),
                Optional.of(AT.plusSeconds(9)),
                true,
                true,
                true,
                List.of()));
    assertThat(BootstrapTokenGrant.recordName(other)).isEqualTo("join-grant-zzz999");
  }

  @Test
  void claim_knowsItsNodeAndTime() {
    NodeNameReservation held = new NodeNameReservation.Held(TokenId.parse("abc123"), JOIN);
    assertThat(held.node()).isEqualTo("worker-1");
    assertThat(held.at()).isEqualTo(AT);
  }

  @Test
  void recordName_longestThatFits_asItIs() {
    String label = "a".repeat(60) + ".";
    String node = label.repeat(3) + "b".repeat(60);
    assertThat(node).hasSize(243);
    assertThat(NodeNameReservation.recordName(node)).isEqualTo("join-name-" + node);
    assertThat(NodeNameReservation.recordName(node + "b")).startsWith("join-long-name-");
  }

  @ParameterizedTest
  @CsvSource({"worker-1, true", "worker-*, false", "*, false"})
  void pattern_isExactWithoutStar(String text, boolean exact) {
    NodePattern pattern = NodePattern.parse(text);
    assertThat(pattern.isExact()).isEqualTo(exact);
    assertThat(pattern).hasToString(text);
  }

  @Test
  void names_upTo253Characters() {
    String longest = "a".repeat(253);
    assertThat(NodePattern.parse(longest).text()).isEqualTo(longest);
    assertThat(new NodeNameReservation.Revoked(longest, AT).node()).isEqualTo(longest);
    assertThatThrownBy(() -> NodePattern.parse(longest + "a")).hasMessageStartingWith("nodes: ");
    assertThatThrownBy(() -> new NodeNameReservation.Revoked(longest + "a", AT))
        .hasMessageStartingWith("node: ");
  }

  @Test
  void recordText_checkedValue_isReturned() {
    assertThat(RecordText.nodeName("p", "worker-1")).isEqualTo("worker-1");
    assertThat(RecordText.sha256("p", "ab".repeat(32))).isEqualTo("ab".repeat(32));
    assertThat(RecordText.uid("p", "uid-1")).isEqualTo("uid-1");
  }

  @Test
  void config_durationsOutOfBounds_refused() {
    assertThat(new JoinConfig(Duration.ofSeconds(1), Duration.ZERO).registrationWindow()).isZero();
    assertThatThrownBy(() -> new JoinConfig(Duration.ZERO, Duration.ZERO))
        .hasMessage("certificateLifetime: got PT0S; want a duration above zero");
    assertThatThrownBy(() -> new JoinConfig(Duration.ofDays(1), Duration.ofSeconds(-1)))
        .hasMessage("registrationWindow: got PT-1S; want zero or more");
  }
}
