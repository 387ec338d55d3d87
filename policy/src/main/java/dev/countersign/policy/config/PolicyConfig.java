package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.rule.RuleSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Everything an operator can choose. {@link #defaults()} is what holds without a policy file: every
 * honest kubelet passes, every forged request is refused.
 *
 * @param mode what is written down
 * @param limits sizes and numbers
 * @param keys which keys are good
 * @param names which DNS names are good
 * @param addresses which IP addresses are good
 * @param guard names and ranges protected beyond those learnt from the cluster
 * @param ownership whether names and addresses belong to the Node that claimed them first
 * @param access the SubjectAccessReview, if one is asked for
 * @param inventory inventories to be asked and how their answers combine, if any
 * @param renewal what the certificate served now is good for
 * @param rules rules in CEL
 * @param client what is done with requests for kubelets' client certificates
 * @param requestors what is done with requests of users that are no nodes
 */
public record PolicyConfig(
    Mode mode,
    Limits limits,
    Keys keys,
    Names names,
    Addresses addresses,
    Guard guard,
    Ownership ownership,
    Optional<AccessAttributes> access,
    Optional<Inventory> inventory,
    Renewal renewal,
    RuleSet rules,
    Client client,
    Requestors requestors) {

  private static final int LEAST_RECORD_BYTES = 16 * 1024;
  private static final int RECORD_BYTES_A_NAME = 163;

  private static final PolicyConfig DEFAULTS =
      new PolicyConfig(
          Mode.ENFORCE,
          Limits.defaults(),
          Keys.defaults(),
          Names.defaults(),
          Addresses.defaults(),
          Guard.defaults(),
          Ownership.defaults(),
          Optional.empty(),
          Optional.empty(),
          Renewal.defaults(),
          RuleSet.none(),
          Client.IGNORE,
          Requestors.defaults());

  public PolicyConfig {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(names, "names");
    Objects.requireNonNull(addresses, "addresses");
    Objects.requireNonNull(guard, "guard");
    Objects.requireNonNull(ownership, "ownership");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(inventory, "inventory");
    Objects.requireNonNull(renewal, "renewal");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(requestors, "requestors");
  }

  /**
   * The domains in which names are looked up.
   *
   * @param machine those of the machine's resolv.conf, which count where the policy names none; but
   *     for those of cluster DNS, in which no Node's name is
   */
  public SearchList searchList(List<DnsName> machine) {
    return new SearchList(
        names
            .searchDomains()
            .orElseGet(
                () ->
                    machine.stream()
                        .filter(
                            domain ->
                                guard.clusterDomains().stream().noneMatch(domain::isAtOrBelow))
                        .toList()));
  }

  /** Requests for kubelets' client certificates. */
  public enum Client {
    /** Left to kube-controller-manager. */
    IGNORE,
    /** Decided here, by the join grants of bootstrap tokens. */
    STRICT
  }

  /** What holds without a policy file. */
  public static PolicyConfig defaults() {
    return DEFAULTS;
  }

  /**
   * Most bytes of records of one Node. By default 16 KiB, which is a hundred IPv6 addresses of a
   * Node whose name has 60 characters, and in proportion more where {@code limits.names} is above
   * 100.
   */
  public int recordBytesPerNode() {
    return ownership
        .perNode()
        .recordBytes()
        .orElse(Math.max(LEAST_RECORD_BYTES, limits.names() * RECORD_BYTES_A_NAME));
  }

  /** The same with another mode. */
  public PolicyConfig withMode(Mode other) {
    return with(parts -> parts.mode = other);
  }

  /** The same with other sizes and numbers. */
  public PolicyConfig withLimits(Limits other) {
    return with(parts -> parts.limits = other);
  }

  /** The same with other keys. */
  public PolicyConfig withKeys(Keys other) {
    return with(parts -> parts.keys = other);
  }

  /** The same with other IP addresses. */
  public PolicyConfig withAddresses(Addresses other) {
    return with(parts -> parts.addresses = other);
  }

  /** The same with other names and ranges protected. */
  public PolicyConfig withGuard(Guard other) {
    return with(parts -> parts.guard = other);
  }

  /** The same with another rule on whose a name is. */
  public PolicyConfig withOwnership(Ownership other) {
    return with(parts -> parts.ownership = other);
  }

  /** The same with another SubjectAccessReview, or none. */
  public PolicyConfig withAccess(Optional<AccessAttributes> other) {
    return with(parts -> parts.access = other);
  }

  /** The same with other inventories, or none. */
  public PolicyConfig withInventory(Optional<Inventory> other) {
    return with(parts -> parts.inventory = other);
  }

  /** The same with another rule on renewals. */
  public PolicyConfig withRenewal(Renewal other) {
    return with(parts -> parts.renewal = other);
  }

  /** The same with other rules in CEL. */
  public PolicyConfig withRules(RuleSet other) {
    return with(parts -> parts.rules = other);
  }

  /** The same with another rule on users that are no nodes. */
  public PolicyConfig withRequestors(Requestors other) {
    return with(parts -> parts.requestors = other);
  }

  private PolicyConfig with(Consumer<Parts> change) {
    Parts parts = new Parts(this);
    change.accept(parts);
    return parts.whole();
  }

  /** A copy of which parts are replaced. */
  private static final class Parts {
    private Mode mode;
    private Limits limits;
    private Keys keys;
    private Names names;
    private Addresses addresses;
    private Guard guard;
    private Ownership ownership;
    private Optional<AccessAttributes> access;
    private Optional<Inventory> inventory;
    private Renewal renewal;
    private RuleSet rules;
    private Client client;
    private Requestors requestors;

    Parts(PolicyConfig from) {
      mode = from.mode;
      limits = from.limits;
      keys = from.keys;
      names = from.names;
      addresses = from.addresses;
      guard = from.guard;
      ownership = from.ownership;
      access = from.access;
      inventory = from.inventory;
      renewal = from.renewal;
      rules = from.rules;
      client = from.client;
      requestors = from.requestors;
    }

    PolicyConfig whole() {
      return new PolicyConfig(
          mode,
          limits,
          keys,
          names,
          addresses,
          guard,
          ownership,
          access,
          inventory,
          renewal,
          rules,
          client,
          requestors);
    }
  }

  /** What holds between the fields of a section. */
  static void require(boolean condition, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(rule);
    }
  }
}
