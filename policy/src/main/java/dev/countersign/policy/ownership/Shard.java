package dev.countersign.policy.ownership;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A part of the record of addresses that is written at once: the entries of all names and addresses
 * of one number ({@link ShardKey#numberOf}). Immutable.
 *
 * <p>The text form is one line an entry, sorted, tab-separated: key, state, then who waits, then
 * how many more do. It is small enough that 5,000 Nodes of four addresses fill 64 shards with 40
 * KiB each, far below the 1 MiB that a ConfigMap may have.
 */
public final class Shard {
  /** How many shards there are. Never to be changed: it decides where an entry is looked for. */
  public static final int COUNT = 64;

  /** The name of the ConfigMap of a shard, up to its number of two digits. */
  public static final String OBJECT_PREFIX = "countersign-addresses-";

  /** The key in the ConfigMap's data. */
  public static final String DATA_KEY = "entries";

  /** The label of the ConfigMaps of all shards. */
  public static final String LABEL = "countersign.dev/ledger";

  /** What {@link #LABEL} says. */
  public static final String LABEL_VALUE = "addresses";

  /**
   * Most bytes of the text form. A ConfigMap has room for 1 MiB; what is left is for changes of
   * entries that are there already, which are never turned away.
   */
  public static final int MOST_BYTES = 900_000;

  private static final String HEADER = "countersign.dev/ownership/v1";

  private final Map<NameOrAddress, OwnershipRecord> entries;
  private final int bytes;

  private Shard(Map<NameOrAddress, OwnershipRecord> entries, int bytes) {
    this.entries = entries;
    this.bytes = bytes;
  }

  /** The length of the text form, which is ASCII. */
  public int bytes() {
    return bytes;
  }

  /** The length of one line of the text form; nothing has none. */
  static int bytes(NameOrAddress claim, OwnershipRecord entry) {
    return entry.isNothing() ? 0 : line(claim, claim.key(), entry).length();
  }

  /** A shard without entries. */
  public static Shard empty() {
    return new Shard(Map.of(), HEADER.length() + 1);
  }

  /** The name of the ConfigMap of a shard. */
  public static String objectName(int number) {
    return OBJECT_PREFIX + (number < 10 ? "0" : "") + number;
  }

  /** The entry of a name or address; {@link OwnershipRecord#nothing()} where there is none. */
  public OwnershipRecord entry(NameOrAddress claim) {
    return entries.getOrDefault(claim, OwnershipRecord.nothing());
  }

  /** All entries, in no order. */
  public Map<NameOrAddress, OwnershipRecord> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** A shard with these entries in the place of what it had for the same keys. */
  public Shard with(Map<NameOrAddress, OwnershipRecord> changed) {
    Map<NameOrAddress, OwnershipRecord> next = new HashMap<>(entries);
    int sum = bytes;
    for (Map.Entry<NameOrAddress, OwnershipRecord> change : changed.entrySet()) {
      NameOrAddress claim = change.getKey();
      sum += bytes(claim, change.getValue()) - bytes(claim, entry(claim));
      if (change.getValue().isNothing()) {
        next.remove(claim);
      } else {
        next.put(claim, change.getValue());
      }
    }
    return new Shard(next, sum);
  }

  /** The text form. */
  public String toText() {
    StringBuilder out = new StringBuilder(HEADER).append('\n');
    // Sorted by keys that are made once: those of addresses cost something.
    Map<String, NameOrAddress> sorted = new TreeMap<>();
    entries.keySet().forEach(claim -> sorted.put(claim.key() + '\t' + type(claim), claim));
    sorted.forEach(
        (key, claim) ->
            out.append(line(claim, key.substring(0, key.lastIndexOf('\t')), entry(claim))));
    return out.toString();
  }

  private static StringBuilder line(NameOrAddress claim, String key, OwnershipRecord entry) {
    StringBuilder out = new StringBuilder(type(claim)).append('\t').append(key).append('\t');
    switch (entry.state()) {
      case OwnershipRecord.State.Free(Optional<NodeName> former) -> {
        out.append("free");
        former.ifPresent(node -> out.append(' ').append(node));
      }
      case OwnershipRecord.State.Held(
              ReportingNode holder,
              Instant since,
              OwnershipRecord.Basis basis) -> {
        out.append("held ").append(basis).append(' ');
        append(out, holder, since);
      }
      case OwnershipRecord.State.Left(NodeName former, Instant left) ->
          out.append("left ").append(former).append(' ').append(left);
    }
    for (OwnershipRecord.Waiting waiting : entry.waiting()) {
      out.append('\t');
      append(out, waiting.claimant(), waiting.since());
    }
    if (entry.unlisted() > 0) {
      out.append("\t+").append(entry.unlisted());
    }
    return out.append('\n');
  }

  private static void append(StringBuilder out, ReportingNode claimant, Instant at) {
    out.append(claimant.node()).append(' ').append(claimant.uid()).append(' ').append(at);
  }

  /** How a line begins; a DNS name that reads like an address is not that address. */
  private static String type(NameOrAddress claim) {
    return switch (claim) {
      case IpAddress _ -> "ip";
      case DnsName _ -> "dns";
    };
  }

  /** Reads the text form. A shard that cannot be read in full is not read at all. */
  public static ParseResult<Shard> parse(String text) {
    String[] lines = text.split("\n", -1);
    if (!lines[0].equals(HEADER)) {
      return ParseResult.refused("line 1", "another header", HEADER);
    }
    Map<NameOrAddress, OwnershipRecord> entries = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      if (lines[i].isEmpty() && i == lines.length - 1) {
        break;
      }
      String[] fields = lines[i].split("\t", -1);
      Optional<NameOrAddress> claim = fields.length < 3 ? Optional.empty() : claim(fields);
      Optional<OwnershipRecord> entry = fields.length < 3 ? Optional.empty() : entry(fields);
      if (claim.isEmpty() || entry.isEmpty() || entries.put(claim.get(), entry.get()) != null) {
        return ParseResult.refused(
            "line " + (i + 1), "something else", "a key not seen before, a state, who waits");
      }
    }
    return ParseResult.parsed(empty().with(entries));
  }

  private static Optional<NameOrAddress> claim(String[] fields) {
    return switch (fields[0]) {
      case "ip" -> IpAddress.parse(fields[1]).map(NameOrAddress.class::cast);
      case "dns" -> Optional.of(DnsName.of(fields[1]));
      default -> Optional.empty();
    };
  }

  private static Optional<OwnershipRecord> entry(String[] fields) {
    String[] words = fields[2].split(" ", -1);
    Optional<? extends OwnershipRecord.State> state =
        switch (words[0]) {
          case "free" ->
              words.length == 1
                  ? Optional.of(new OwnershipRecord.State.Free())
                  : words.length == 2
                      ? NodeName.parse(words[1])
                          .map(former -> new OwnershipRecord.State.Free(Optional.of(former)))
                      : Optional.empty();
          case "held" ->
              words.length == 5
                  ? basis(words[1])
                      .flatMap(
                          basis ->
                              waiting(words[2], words[3], words[4])
                                  .map(
                                      w ->
                                          new OwnershipRecord.State.Held(
                                              w.claimant(), w.since(), basis)))
                  : Optional.empty();
          case "left" ->
              words.length == 3
                  ? NodeName.parse(words[1])
                      .flatMap(
                          node ->
                              instant(words[2]).map(at -> new OwnershipRecord.State.Left(node, at)))
                  : Optional.empty();
          default -> Optional.empty();
        };
    int unlisted = unlisted(fields);
    int end = unlisted > 0 ? fields.length - 1 : fields.length;
    List<OwnershipRecord.Waiting> waiting = new ArrayList<>();
    for (int i = 3; i < end; i++) {
      String[] parts = fields[i].split(" ", -1);
      Optional<OwnershipRecord.Waiting> one =
          parts.length == 3 ? waiting(parts[0], parts[1], parts[2]) : Optional.empty();
      if (one.isEmpty()) {
        return Optional.empty();
      }
      waiting.add(one.get());
    }
    return waiting.size() > OwnershipRecord.MOST_WAITING
        ? Optional.empty()
        : state.map(found -> new OwnershipRecord(found, waiting, unlisted));
  }

  /** How many are not listed, by the last field; 0 where it says nothing of that. */
  private static int unlisted(String[] fields) {
    String last = fields[fields.length - 1];
    return fields.length > 3 && last.matches("\\+[1-9][0-9]{0,6}")
        ? Integer.parseInt(last, 1, last.length(), 10)
        : 0;
  }

  private static Optional<OwnershipRecord.Basis> basis(String text) {
    for (OwnershipRecord.Basis basis : OwnershipRecord.Basis.values()) {
      if (basis.toString().equals(text)) {
        return Optional.of(basis);
      }
    }
    return Optional.empty();
  }

  private static Optional<OwnershipRecord.Waiting> waiting(String node, String uid, String at) {
    return NodeName.parse(node)
        .flatMap(
            name ->
                instant(at)
                    .map(
                        since -> new OwnershipRecord.Waiting(new ReportingNode(name, uid), since)));
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shard that && entries.equals(that.entries);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(entries);
  }

  /** How many entries. */
  @Override
  public String toString() {
    return "Shard of " + entries.size();
  }
}
