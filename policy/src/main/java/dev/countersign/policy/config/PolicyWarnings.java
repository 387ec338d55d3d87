package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What a policy says that is allowed, and that an operator may not mean. */
public final class PolicyWarnings {
  private PolicyWarnings() {}

  /**
   * One warning.
   *
   * @param path the field
   * @param got what it holds
   * @param next what to do, or what follows from it
   */
  public record Warning(String path, String got, String next) {
    public Warning {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(got, "got");
      Objects.requireNonNull(next, "next");
    }

    @Override
    public String toString() {
      return path + ": got " + got + "; " + next;
    }
  }

  /** The warnings, in the order of the fields. */
  public static List<Warning> of(PolicyConfig policy) {
    List<Warning> warnings = new ArrayList<>();
    if (policy.mode() == Mode.AUDIT) {
      warnings.add(
          new Warning(
              "mode",
              policy.mode().text(),
              "nothing is approved or denied; want Enforce once the log shows what you expect"));
    }
    for (DnsPattern pattern : policy.names().allowedPatterns()) {
      DnsName name = DnsName.of(pattern.text());
      Stream.concat(policy.guard().clusterDomains().stream(), policy.guard().domains().stream())
          .filter(name::isAtOrBelow)
          .findFirst()
          .ifPresent(
              domain ->
                  warnings.add(
                      new Warning(
                          "names.allowedPatterns",
                          pattern.text(),
                          "no such name is ever approved: " + domain.text() + " is protected")));
    }
    for (IpRange range : policy.addresses().allowedRanges()) {
      allowed(policy, range, warnings);
    }
    if (!policy.ownership().enforced()) {
      warnings.add(
          new Warning(
              "ownership.mode",
              "Off",
              "one Node can take the address of another by reporting it; want Enforce"));
    }
    return warnings;
  }

  private static void allowed(PolicyConfig policy, IpRange range, List<Warning> warnings) {
    if (range.prefix() == 0) {
      warnings.add(
          new Warning(
              "addresses.allowedRanges",
              range.toString(),
              "every address of its family is in it; want the networks of the Nodes"));
      return;
    }
    Guard.ClusterCidrs cidrs = policy.guard().cidrs();
    Stream.of(policy.guard().ranges(), cidrs.pods(), cidrs.services())
        .flatMap(List::stream)
        .filter(protectedRange -> protectedRange.contains(range))
        .findFirst()
        .ifPresent(
            protectedRange ->
                warnings.add(
                    new Warning(
                        "addresses.allowedRanges",
                        range.toString(),
                        "no such address is ever approved: " + protectedRange + " is protected")));
  }
}
