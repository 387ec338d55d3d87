package dev.countersign.policy.join;

import dev.countersign.common.Bytes;
import dev.countersign.common.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which join reserved a node name: the data of ConfigMap {@code join-name-<node>}.
 *
 * <p>Created, or replaced at the resourceVersion that was read, before a join is approved; so two
 * tokens that both allow a name give it to one requester.
 */
public sealed interface NodeNameReservation {
  /** The label's value for a claim; the label is {@link BootstrapTokenGrant#LABEL}. */
  String LABEL_VALUE = "name-claim";

  /** The name. */
  String node();

  /** When it was written, in whole seconds. */
  Instant at();

  /** A join took the name. */
  sealed interface Taken extends NodeNameReservation {
    /** Request, key and time. */
    Join join();

    @Override
    default String node() {
      return join().node();
    }

    @Override
    default Instant at() {
      return join().at();
    }
  }

  /**
   * A token's join took the name.
   *
   * @param token the token it used
   * @param join request, key and time
   */
  record Held(TokenId token, Join join) implements Taken {
    public Held {
      Objects.requireNonNull(token, "token");
      Objects.requireNonNull(join, "join");
    }
  }

  /**
   * A Machine's join took the name.
   *
   * @param machine namespace and name of the Machine
   * @param join request, key and time
   */
  record HeldByMachine(String machine, Join join) implements Taken {
    public HeldByMachine {
      Objects.requireNonNull(machine, "machine");
      Objects.requireNonNull(join, "join");
    }
  }

  /**
   * An operator deleted the node for good: the certificate its machine may still have is not
   * renewed. A new join replaces this.
   *
   * @param at when, in whole seconds
   */
  record Revoked(String node, Instant at) implements NodeNameReservation {
    public Revoked {
      RecordText.nodeName("node", node);
      at = at.truncatedTo(ChronoUnit.SECONDS);
    }
  }

  /** The join that took the name, where one did. */
  default Optional<Join> taken() {
    return this instanceof Taken taken ? Optional.of(taken.join()) : Optional.empty();
  }

  /** What took the name, for messages. */
  default String by() {
    return switch (this) {
      case Held(TokenId token, Join _) -> "token " + token;
      case HeldByMachine(String machine, Join _) -> "Machine " + SafeText.quote(machine);
      case Revoked _ -> "nobody";
    };
  }

  /** The name of the ConfigMap; a long node name is replaced by its SHA-256. */
  static String recordName(String node) {
    RecordText.nodeName("node", node);
    String name = "join-name-" + node;
    if (name.length() <= 253) {
      return name;
    }
    // no name of a Node gives this one: those begin with join-name-
    return "join-long-name-" + Bytes.ofUtf8(node).sha256().toHex();
  }

  /**
   * Reads the data of a ConfigMap.
   *
   * @throws IllegalArgumentException with {@code data.<key>: got …; want …}
   */
  static NodeNameReservation fromData(Map<String, String> data) {
    String state = RecordText.required(data, "state");
    return switch (state) {
      case "Held" ->
          data.containsKey("machine")
              ? new HeldByMachine(
                  RecordText.required(data, "machine"),
                  Join.parse(RecordText.required(data, "join")))
              : new Held(
                  TokenId.parse(RecordText.required(data, "token")),
                  Join.parse(RecordText.required(data, "join")));
      case "Revoked" ->
          new Revoked(
              RecordText.required(data, "node"),
              RecordText.instant("data.at", RecordText.required(data, "at")));
      default ->
          throw new IllegalArgumentException(
              "data.state: got " + SafeText.quote(state) + "; want Held or Revoked");
    };
  }

  /** The data of the ConfigMap. */
  default Map<String, String> toData() {
    Map<String, String> data = new LinkedHashMap<>();
    switch (this) {
      case Held(TokenId token, Join join) -> {
        data.put("state", "Held");
        data.put("token", token.value());
        data.put("join", join.line());
      }
      case HeldByMachine(String machine, Join join) -> {
        data.put("state", "Held");
        data.put("machine", machine);
        data.put("join", join.line());
      }
      case Revoked(String node, Instant at) -> {
        data.put("state", "Revoked");
        data.put("node", node);
        data.put("at", at.toString());
      }
    }
    return data;
  }
}
