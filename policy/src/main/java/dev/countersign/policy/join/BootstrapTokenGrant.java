package dev.countersign.policy.join;

import dev.countersign.common.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a bootstrap token may be used for, and what it was used for: the data of ConfigMap {@code
 * join-grant-<id>}. It holds no secret, so whoever enforces it needs no access to Secrets.
 *
 * @param token whose
 * @param nodes names it may be used for; at least one pattern
 * @param uses how many identities it may give; empty for no limit
 * @param notBefore requests created earlier are deferred
 * @param notAfter requests created later are denied
 * @param rejoin whether it may be used for a name whose Node is there and may hold a certificate
 * @param inventoryRequired whether the name must be in the approver's inventory
 * @param attestationRequired whether the request must carry an attestation that holds
 * @param joins the uses taken, oldest first
 */
public record BootstrapTokenGrant(
    TokenId token,
    List<NodePattern> nodes,
    OptionalInt uses,
    Optional<Instant> notBefore,
    Optional<Instant> notAfter,
    boolean rejoin,
    boolean inventoryRequired,
    boolean attestationRequired,
    List<Join> joins) {

  /** The most uses a grant may have, so that its record stays far below the size of an object. */
  public static final int MAXIMUM_USES = 2000;

  /** The namespace of the records, unless told otherwise. */
  public static final String DEFAULT_NAMESPACE = "countersign-join";

  /** The label of every record, and its value for a grant. */
  public static final String LABEL = "countersign.dev/record";

  /** The label's value for a grant. */
  public static final String LABEL_VALUE = "join-grant";

  public BootstrapTokenGrant {
    Objects.requireNonNull(token, "token");
    nodes = List.copyOf(nodes);
    joins = List.copyOf(joins);
    notBefore = notBefore.map(instant -> instant.truncatedTo(ChronoUnit.SECONDS));
    notAfter = notAfter.map(instant -> instant.truncatedTo(ChronoUnit.SECONDS));
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("nodes: got none; want at least one name or pattern");
    }
    if (uses.isPresent() && (uses.getAsInt() < 1 || uses.getAsInt() > MAXIMUM_USES)) {
      throw new IllegalArgumentException(
          "uses: got " + uses.getAsInt() + "; want 1 to " + MAXIMUM_USES + ", or unlimited");
    }
    if (notBefore.isPresent()
        && notAfter.isPresent()
        && !notBefore.get().isBefore(notAfter.get())) {
      throw new IllegalArgumentException(
          "notAfter: got " + notAfter.get() + "; want a time after notBefore, " + notBefore.get());
    }
  }

  /** The name of the ConfigMap. */
  public static String recordName(TokenId token) {
    return "join-grant-" + token.value();
  }

  /** How many uses are left; empty for no limit. */
  public OptionalInt usesLeft() {
    return uses.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(Math.max(0, uses.getAsInt() - joins.size()));
  }

  /** The newest use already recorded that covers this join. */
  public Optional<Join> covering(Join join) {
    return joins.reversed().stream().filter(recorded -> recorded.covers(join)).findFirst();
  }

  /**
   * The grant with one more use taken. Without a limit of uses only the newest {@value
   * #MAXIMUM_USES} are remembered.
   */
  public BootstrapTokenGrant with(Join join) {
    List<Join> more = new ArrayList<>(joins);
    more.add(join);
    if (more.size() > MAXIMUM_USES) {
      more.removeFirst();
    }
    return new BootstrapTokenGrant(
        token,
        nodes,
        uses,
        notBefore,
        notAfter,
        rejoin,
        inventoryRequired,
        attestationRequired,
        more);
  }

  /** The same conditions for another token, with no use taken and another end. */
  public BootstrapTokenGrant renewedFor(TokenId other, Optional<Instant> end) {
    return new BootstrapTokenGrant(
        other,
        nodes,
        uses,
        Optional.empty(),
        end,
        rejoin,
        inventoryRequired,
        attestationRequired,
        List.of());
  }

  /**
   * Reads the data of a ConfigMap. Unknown keys are refused: a grant this version does not
   * understand in full might forbid what it would allow.
   *
   * @throws IllegalArgumentException with {@code data.<key>: got …; want …}
   */
  public static BootstrapTokenGrant fromData(Map<String, String> data) {
    for (String key : data.keySet()) {
      switch (key) {
        case "token",
            "nodes",
            "uses",
            "notBefore",
            "notAfter",
            "rejoin",
            "inventory",
            "attestation",
            "joins" -> {}
        default ->
            throw new IllegalArgumentException(
                "data: got key " + SafeText.quote(key) + "; want only keys of a join grant");
      }
    }
    List<NodePattern> nodes =
        RecordText.required(data, "nodes")
            .lines()
            .map(String::strip)
            .map(NodePattern::parse)
            .toList();
    String uses = RecordText.required(data, "uses");
    OptionalInt limit;
    if (uses.equals("unlimited")) {
      limit = OptionalInt.empty();
    } else {
      try {
        limit = OptionalInt.of(Integer.parseInt(uses));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "data.uses: got " + SafeText.quote(uses) + "; want a number or unlimited", e);
      }
    }
    List<Join> joins =
        data.getOrDefault("joins", "")
            .lines()
            .filter(line -> !line.isBlank())
            .map(Join::parse)
            .toList();
    return new BootstrapTokenGrant(
        TokenId.parse(RecordText.required(data, "token")),
        nodes,
        limit,
        RecordText.instant(data, "notBefore"),
        RecordText.instant(data, "notAfter"),
        flag(data, "rejoin", "allowed"),
        flag(data, "inventory", "required"),
        flag(data, "attestation", "required"),
        joins);
  }

  private static boolean flag(Map<String, String> data, String key, String set) {
    String value = data.get(key);
    if (value == null) {
      return false;
    }
    if (!value.strip().equals(set)) {
      throw new IllegalArgumentException(
          "data." + key + ": got " + SafeText.quote(value) + "; want " + set + " or no key");
    }
    return true;
  }

  /** The data of the ConfigMap. */
  public Map<String, String> toData() {
    Map<String, String> data = new LinkedHashMap<>();
    data.put("token", token.value());
    data.put("nodes", String.join("\n", nodes.stream().map(NodePattern::text).toList()));
    data.put("uses", uses.isEmpty() ? "unlimited" : Integer.toString(uses.getAsInt()));
    notBefore.ifPresent(instant -> data.put("notBefore", instant.toString()));
    notAfter.ifPresent(instant -> data.put("notAfter", instant.toString()));
    if (rejoin) {
      data.put("rejoin", "allowed");
    }
    if (inventoryRequired) {
      data.put("inventory", "required");
    }
    if (attestationRequired) {
      data.put("attestation", "required");
    }
    if (!joins.isEmpty()) {
      data.put("joins", String.join("\n", joins.stream().map(Join::line).toList()));
    }
    return data;
  }
}
