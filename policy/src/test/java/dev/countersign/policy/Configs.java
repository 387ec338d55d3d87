package dev.countersign.policy;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.rule.RuleSet;
import java.util.Optional;

/** The default configuration with one part changed. */
public final class Configs {
  private static final PolicyConfig D = PolicyConfig.defaults();

  private Configs() {}

  public static PolicyConfig with(PolicyConfig.Limits limits) {
    return D.withLimits(limits);
  }

  public static PolicyConfig with(PolicyConfig.Keys keys) {
    return D.withKeys(keys);
  }

  public static PolicyConfig with(PolicyConfig.Names names) {
    return D.withNames(names);
  }

  public static PolicyConfig with(PolicyConfig.Addresses addresses) {
    return D.withAddresses(addresses);
  }

  public static PolicyConfig with(PolicyConfig.Guard guard) {
    return D.withGuard(guard);
  }

  public static PolicyConfig with(PolicyConfig.Ownership ownership) {
    return D.withOwnership(ownership);
  }

  public static PolicyConfig with(PolicyConfig.AccessAttributes access) {
    return D.withAccess(Optional.of(access));
  }

  public static PolicyConfig with(PolicyConfig.Inventory inventory) {
    return D.withInventory(Optional.of(inventory));
  }

  public static PolicyConfig with(PolicyConfig.Renewal renewal) {
    return D.withRenewal(renewal);
  }

  public static PolicyConfig with(RuleSet rules) {
    return D.withRules(rules);
  }
}
