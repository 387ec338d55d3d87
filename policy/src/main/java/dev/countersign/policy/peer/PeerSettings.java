package dev.countersign.policy.peer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a peer was told, by the names of its flags without hyphens before them.
 *
 * @param peer which it is
 * @param values by flag, as they were written; a flag that is not here has its default
 * @param others what has no say in a decision, by its name and what takes its place here
 */
public record PeerSettings(Peer peer, Map<String, String> values, Map<String, String> others) {
  public PeerSettings {
    Objects.requireNonNull(peer, "peer");
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
  }

  Optional<String> value(String flag) {
    return Optional.ofNullable(values.get(flag));
  }

  /** The same with those of another source over them. */
  public PeerSettings with(PeerSettings over) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.putAll(over.values);
    Map<String, String> notes = new LinkedHashMap<>(others);
    notes.putAll(over.others);
    return new PeerSettings(over.peer, all, notes);
  }
}
