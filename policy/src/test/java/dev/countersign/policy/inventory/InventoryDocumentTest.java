package dev.countersign.policy.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.fact.InventoryEntry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Machines say about Nodes. */
class InventoryDocumentTest {
  private static Machine machine(String name, Optional<String> node) {
    return new Machine(
        "infra/" + name, Requests.NOW, node.map(Worlds::nodeName), entry(name + ".example.com"));
  }

  private static InventoryEntry entry(String name) {
    return new InventoryEntry(Set.of(Worlds.dns(name)), Set.of(), List.of());
  }

  @Test
  void machine_speaksForTheNodeThatItNames() {
    InventoryDocument document =
        InventoryDocument.ofMachines(
            List.of(
                machine("m1", Optional.of("node-a")),
                machine("m2", Optional.of("node-b")),
                machine("m3", Optional.empty())));

    assertThat(document.entry(Worlds.nodeName("node-a"))).contains(entry("m1.example.com"));
    assertThat(document.entry(Worlds.nodeName("node-b"))).contains(entry("m2.example.com"));
    assertThat(document.entry(Worlds.nodeName("m3"))).isEmpty();
  }

  @Test
  void twoMachinesThatNameOneNode_areNotBelieved() {
    InventoryDocument document =
        InventoryDocument.ofMachines(
            List.of(
                machine("m1", Optional.of("node-a")),
                machine("m2", Optional.of("node-a")),
                machine("m3", Optional.of("node-b"))));

    assertThat(document.entry(Worlds.nodeName("node-a"))).isEmpty();
    assertThat(document.entry(Worlds.nodeName("node-b"))).contains(entry("m3.example.com"));
  }
}
