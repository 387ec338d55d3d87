package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.inventory.InventoryDocument;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InventoryFileTest {
  private static final String HEADER = "apiVersion: countersign.dev/v1alpha1\nkind: Inventory\n";

  private static <T> T parsed(ParseResult<T> outcome) {
    return switch (outcome) {
      case ParseResult.Parsed<T>(T value) -> value;
      case ParseResult.Refused<T> refused -> throw new AssertionError(refused.message());
    };
  }

  private static List<String> errors(ParseResult<?> outcome) {
    return switch (outcome) {
      case ParseResult.Parsed<?> _ -> List.of();
      case ParseResult.Refused<?>(List<ParseError> errors) ->
          errors.stream().map(ParseError::message).toList();
    };
  }

  @Test
  void document_isMapped_nodeByNode() {
    InventoryDocument document =
        parsed(
            InventoryFile.parse(
                HEADER
                    + """
                    nodes:
                      worker-1:
                        names: [worker-1, Worker-1.Example.com]
                        addresses: [192.0.2.10, "2001:db8::10"]
                        ranges: [10.0.0.0/24]
                      worker-2: {}
                    """));

    assertThat(document.entry(Worlds.nodeName("worker-1")))
        .contains(
            new InventoryEntry(
                Set.of(Worlds.dns("worker-1"), Worlds.dns("worker-1.example.com")),
                Set.of(Worlds.ip("192.0.2.10"), Worlds.ip("2001:db8::10")),
                List.of(Worlds.range("10.0.0.0/24"))));
    assertThat(document.entry(Worlds.nodeName("worker-2")))
        .contains(new InventoryEntry(Set.of(), Set.of(), List.of()));
    assertThat(document.entry(Worlds.nodeName("worker-3"))).isEmpty();
    assertThat(parsed(InventoryFile.parse(HEADER)).nodes()).isEmpty();
  }

  @Test
  void entry_allowsItsNamesAddressesAndRanges_andNoOthers() {
    InventoryEntry entry =
        new InventoryEntry(
            Set.of(Worlds.dns("a.example.com")),
            Set.of(Worlds.ip("192.0.2.10")),
            List.of(Worlds.range("10.0.0.0/24")));

    assertThat(entry.allows(Worlds.dns("a.example.com"))).isTrue();
    assertThat(entry.allows(Worlds.dns("b.example.com"))).isFalse();
    assertThat(entry.allows(Worlds.ip("192.0.2.10"))).isTrue();
    assertThat(entry.allows(Worlds.ip("192.0.2.11"))).isFalse();
    assertThat(entry.allows(Worlds.ip("10.0.0.255"))).isTrue();
    assertThat(entry.allows(Worlds.ip("10.0.1.0"))).isFalse();
  }

  @Test
  void document_withErrors_isRefused_eachWithItsPath() {
    assertThat(
            errors(
                InventoryFile.parse(
                    """
                    apiVersion: v1
                    kind: Inventory
                    nodes:
                      UPPER: {}
                      worker-1: {names: ["*.a", "10.0.0.1"], addresses: [x], ranges: [1/2], ports: 1}
                    more: 1
                    """)))
        .hasSize(8)
        .anyMatch(
            message -> message.startsWith("apiVersion (line 1): got \"v1\"; want countersign.dev/"))
        .anyMatch(
            message -> message.startsWith("nodes.UPPER (line 4): got a field of that name; want "))
        .anyMatch(
            message ->
                message.startsWith("nodes.worker-1.names[0] (line 5): got \"*.a\"; want a DNS"))
        .anyMatch(
            message -> message.startsWith("nodes.worker-1.names[1] (line 5): got \"10.0.0.1\""))
        .anyMatch(
            message ->
                message.startsWith("nodes.worker-1.addresses[0] (line 5): got \"x\"; want an IP"))
        .anyMatch(
            message ->
                message.startsWith("nodes.worker-1.ranges[0] (line 5): got \"1/2\"; want a range"))
        .anyMatch(
            message -> message.startsWith("nodes.worker-1.ports (line 5): got an unknown field"))
        .anyMatch(message -> message.startsWith("more (line 6): got an unknown field"));
    assertThat(errors(InventoryFile.parse(""))).hasSize(1);
    assertThat(errors(InventoryFile.parse("kind: ["))).hasSize(1);
  }

  @Test
  void answer_knownOrNot_isTakenAsSaid() {
    assertThat(parsed(InventoryFile.parseAnswer("{\"known\": false}"))).isEmpty();
    assertThat(
            parsed(
                InventoryFile.parseAnswer(
                    "{\"known\": true, \"names\": [\"a\"], \"ranges\": [\"10.0.0.0/8\"]}")))
        .contains(
            new InventoryEntry(
                Set.of(Worlds.dns("a")), Set.of(), List.of(Worlds.range("10.0.0.0/8"))));
  }

  @Test
  void answer_thatIsNoAnswer_isRefused() {
    assertThat(errors(InventoryFile.parseAnswer("{}")))
        .containsExactly("known (line 1): got nothing; want true or false");
    assertThat(errors(InventoryFile.parseAnswer("{\"known\": \"yes\"}"))).isNotEmpty();
    assertThat(errors(InventoryFile.parseAnswer("{\"known\": true, \"name\": []}"))).isNotEmpty();
    assertThat(errors(InventoryFile.parseAnswer("<html>"))).isNotEmpty();
    assertThat(errors(InventoryFile.parseAnswer(""))).isNotEmpty();
  }

  @Test
  void machine_givesItsNodesAddresses_byType() {
    InventoryDocument document =
        parsed(
            InventoryFile.parseMachine(
                """
                {"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Machine","status":{
                  "nodeRef":{"kind":"Node","name":"worker-1"},
                  "addresses":[
                    {"type":"InternalIP","address":"192.0.2.10"},
                    {"type":"ExternalIP","address":"198.51.100.10"},
                    {"type":"InternalIP","address":"not-an-address"},
                    {"type":"InternalDNS","address":"worker-1.internal"},
                    {"type":"ExternalDNS","address":"worker-1.example.com"},
                    {"type":"ExternalDNS","address":"*.example.com"},
                    {"type":"Hostname","address":"worker-1"},
                    {"type":"Hostname","address":"192.0.2.11"},
                    {"type":"Unheard","address":"192.0.2.12"}]}}
                """));

    assertThat(document.nodes())
        .isEqualTo(
            Map.of(
                Worlds.nodeName("worker-1"),
                new InventoryEntry(
                    Set.of(
                        Worlds.dns("worker-1.internal"),
                        Worlds.dns("worker-1.example.com"),
                        Worlds.dns("worker-1")),
                    Set.of(
                        Worlds.ip("192.0.2.10"),
                        Worlds.ip("198.51.100.10"),
                        Worlds.ip("192.0.2.11")),
                    List.of())));
  }

  @Test
  void machine_withoutANode_givesNothing() {
    assertThat(parsed(InventoryFile.parseMachine("{\"status\":{}}")).nodes()).isEmpty();
    assertThat(parsed(InventoryFile.parseMachine("{}")).nodes()).isEmpty();
    assertThat(errors(InventoryFile.parseMachine("{"))).isNotEmpty();
  }

  @Test
  void textOfMoreThanSixteenMebibytes_isNotRead() {
    assertThat(errors(InventoryFile.parse("#\n".repeat(Documents.LONGEST / 2) + "#")))
        .containsExactly("file: got 16777217 characters; want at most 16777216");
    assertThat(errors(InventoryFile.parse("#\n".repeat(Documents.LONGEST_SETTINGS))))
        .containsExactly("file: got 0 documents; want one document");
  }
}
