package dev.countersign.policy;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.rule.RuleSet;
import java.util.Optional;

/** The default configuration with one part changed. */
public final class Configs {
  private static final PolicyConfig D = PolicyConfig.defaults();

  private Configs() {}

  public static PolicyConfig with(PolicyConfig.Limits limits) {
    return new PolicyConfig(
        D.mode(),
        limits,
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Keys keys) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        keys,
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Names names) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        names,
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Addresses addresses) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        addresses,
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Guard guard) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        guard,
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Ownership ownership) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        ownership,
        D.access(),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.AccessAttributes access) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        Optional.of(access),
        D.inventory(),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Inventory inventory) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        Optional.of(inventory),
        D.renewal(),
        D.rules());
  }

  public static PolicyConfig with(PolicyConfig.Renewal renewal) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        renewal,
        D.rules());
  }

  public static PolicyConfig with(RuleSet rules) {
    return new PolicyConfig(
        D.mode(),
        D.limits(),
        D.keys(),
        D.names(),
        D.addresses(),
        D.guard(),
        D.ownership(),
        D.access(),
        D.inventory(),
        D.renewal(),
        rules);
  }
}
