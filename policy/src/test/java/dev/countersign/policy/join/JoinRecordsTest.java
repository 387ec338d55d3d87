package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  private static JoinGrant full() {
    return new JoinGrant(
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
    assertThat(JoinGrant.fromData(full().toData())).isEqualTo(full());
    JoinGrant bare = JoinGrant.singleUse(TokenId.parse("abc123"), NodePattern.parse("n"), AT);
    assertThat(JoinGrant.fromData(bare.toData())).isEqualTo(bare);
  }

  @Test
  void claim_toDataAndBack_same() {
    NameClaim held = new NameClaim.Held(TokenId.parse("abc123"), JOIN);
    NameClaim revoked = new NameClaim.Revoked("worker-1", AT);
    assertThat(NameClaim.fromData(held.toData())).isEqualTo(held);
    assertThat(NameClaim.fromData(revoked.toData())).isEqualTo(revoked);
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
    assertThatThrownBy(() -> JoinGrant.fromData(data)).hasMessage(message);
  }

  @Test
  void grant_withoutNodes_refused() {
    Map<String, String> data = new HashMap<>(full().toData());
    data.remove("nodes");
    assertThatThrownBy(() -> JoinGrant.fromData(data))
        .hasMessage("data.nodes: got nothing; want a value");
  }

  @Test
  void grant_moreJoinsThanUses_noneLeft() {
    JoinGrant grant = JoinGrant.singleUse(TokenId.parse("abc123"), NodePattern.parse("n"), AT);
    assertThat(grant.with(JOIN).with(JOIN).usesLeft()).hasValue(0);
  }

  @Test
  void recordName_longNodeName_hashedAndShortEnough() {
    String node = ("a".repeat(60) + ".").repeat(4) + "bbbb";
    assertThat(NameClaim.recordName(node)).startsWith("join-long-name-").hasSize(79);
    assertThat(NameClaim.recordName("worker-1")).isEqualTo("join-name-worker-1");
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
  void quoted_controlCharactersAndLength_madeHarmless() {
    assertThat(JoinViolation.quoted("a\u001b[31m\"\n")).isEqualTo("\"a\\u001b[31m\\\"\\u000a\"");
    assertThat(JoinViolation.quoted("x".repeat(5000)).length()).isLessThan(210);
  }
}
