package dev.countersign.policy.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Addresses;
import dev.countersign.policy.config.DnsPattern;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Guard.ClusterCidrs;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.Names.Resolution;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.Ownership.PerNode;
import dev.countersign.policy.config.Ownership.SiblingNames;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyConfig.Client;
import dev.countersign.policy.config.PolicyWarnings;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.config.Requestors;
import dev.countersign.policy.config.Requestors.Others;
import dev.countersign.policy.rule.Rule;
import dev.countersign.policy.rule.RuleSet;
import dev.countersign.policy.rule.Rules;
import dev.countersign.x509.request.KeyAlgorithm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a policy file: {@code apiVersion: countersign.dev/v1alpha1}, {@code kind: ApprovalPolicy}.
 * What it leaves out keeps its default. Its JSON Schema is {@code
 * docs/schema/approvalpolicy.schema.json}.
 */
public final class ApprovalPolicyFile {

  /** The value of {@code kind}. */
  public static final String KIND = "ApprovalPolicy";

  private static final String RANGE = "an address or range such as 10.0.0.0/8 or fd00::/8";
  private static final String NAME = "a DNS name such as worker-1.example.com";

  private ApprovalPolicyFile() {}

  /** The configuration, or every error in the file. */
  public static ParseResult<PolicyConfig> parse(String text) {
    return Documents.one(text, Documents.LONGEST_SETTINGS)
        .then(
            document -> {
              FormerWords.replace(document);
              return Fields.read(document, text, ApprovalPolicyFile::read);
            });
  }

  /** A warning for each word of the release before; none where the file cannot be read. */
  public static List<PolicyWarnings.Warning> deprecations(String text) {
    return switch (Documents.one(text, Documents.LONGEST_SETTINGS)) {
      case ParseResult.Parsed<JsonNode>(JsonNode document) -> FormerWords.replace(document);
      case ParseResult.Refused<JsonNode> _ -> List.of();
    };
  }

  private static Optional<PolicyConfig> read(Fields file) {
    header(file, KIND);
    Fields spec = file.child("spec");
    PolicyConfig defaults = PolicyConfig.defaults();
    Mode mode = spec.choice("mode", List.of(Mode.values()), Mode::text).orElse(defaults.mode());
    Limits limits = limits(spec.child("limits"));
    Keys keys = keys(spec.child("keys"));
    Names names = names(spec.child("names"));
    Addresses addresses = addresses(spec.child("addresses"));
    Guard guard = guard(spec.child("protected"));
    Ownership ownership = ownership(spec.child("ownership"));
    Optional<AccessAttributes> access = access(spec);
    Optional<Inventory> inventory = InventorySection.read(spec);
    Renewal renewal = RenewalSection.read(spec.child("renewal"));
    RuleSet rules = rules(spec);
    Client client =
        spec.choice(
                "client",
                List.of(Client.values()),
                value -> value == Client.IGNORE ? "Ignore" : "Strict")
            .orElse(defaults.client());
    Requestors requestors = requestors(spec.child("requestors"));
    spec.end();
    return Optional.of(
        new PolicyConfig(
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
            requestors));
  }

  /** Checks apiVersion and kind and skips metadata. */
  static void header(Fields file, String kind) {
    file.constant("apiVersion", ApiVersions.V1ALPHA1);
    file.constant("kind", kind);
    if (file.has("metadata")) {
      file.child("metadata");
    }
  }

  private static Requestors requestors(Fields requestors) {
    Requestors found =
        new Requestors(
            requestors
                .choice(
                    "others",
                    List.of(Others.values()),
                    value ->
                        switch (value) {
                          case IGNORE -> "Ignore";
                          case DEFER -> "Defer";
                          case DENY -> "Deny";
                        })
                .orElse(Requestors.defaults().others()));
    requestors.end();
    return found;
  }

  private static Limits limits(Fields limits) {
    Limits defaults = Limits.defaults();
    int bytes = limits.number("requestBytes", 512, 1_000_000).orElse(defaults.requestBytes());
    int names = limits.number("names", 1, 10_000).orElse(defaults.names());
    Fields expiration = limits.child("expiration");
    Duration shortest = positive(expiration, "min", defaults.shortest());
    Duration longest = positive(expiration, "max", defaults.longest());
    expiration.end();
    Optional<Integer> pending = limits.number("pendingPerNode", 1, 1_000_000);
    limits.end();
    if (longest.compareTo(shortest) < 0) {
      expiration.wrong(
          "max", longest.toSeconds() + "s", "at least min, " + shortest.toSeconds() + "s");
      return defaults;
    }
    return new Limits(bytes, names, shortest, longest, pending);
  }

  /** A duration above zero. */
  static Duration positive(Fields fields, String name, Duration otherwise) {
    Duration found = fields.duration(name).orElse(otherwise);
    if (!found.isPositive()) {
      fields.wrong(name, "0", "more than 0");
      return otherwise;
    }
    return found;
  }

  private static Keys keys(Fields keys) {
    Keys defaults = Keys.defaults();
    List<KeyAlgorithm> algorithms =
        keys.list("algorithms", "RSA, ECDSA or Ed25519", ApprovalPolicyFile::algorithm)
            .orElseGet(() -> List.copyOf(defaults.algorithms()));
    if (keys.has("algorithms") && algorithms.isEmpty()) {
      keys.wrong("algorithms", "none", "at least one of RSA, ECDSA, Ed25519");
    }
    List<String> curves =
        keys.list(
                "curves",
                "P-256, P-384 or P-521",
                text -> defaults.curves().contains(text) ? Optional.of(text) : Optional.empty())
            .orElseGet(() -> List.copyOf(defaults.curves()));
    Fields bits = keys.child("rsaBits");
    int shortest = bits.number("min", 2048, 16384).orElse(defaults.rsaShortest());
    int longest = bits.number("max", 2048, 16384).orElse(Math.max(shortest, defaults.rsaLongest()));
    bits.end();
    keys.end();
    if (longest < shortest) {
      bits.wrong("max", String.valueOf(longest), "at least min, " + shortest);
      return defaults;
    }
    return algorithms.isEmpty()
        ? defaults
        : new Keys(Set.copyOf(algorithms), Set.copyOf(curves), shortest, longest);
  }

  private static Optional<KeyAlgorithm> algorithm(String text) {
    return switch (text) {
      case "RSA" -> Optional.of(KeyAlgorithm.RSA);
      case "ECDSA" -> Optional.of(KeyAlgorithm.ECDSA);
      case "Ed25519" -> Optional.of(KeyAlgorithm.ED25519);
      default -> Optional.empty();
    };
  }

  private static Names names(Fields names) {
    Names defaults = Names.defaults();
    List<DnsPattern> patterns =
        names.list("allowedPatterns", DnsPattern.RULE, DnsPattern::parse).orElse(List.of());
    List<DnsName> international =
        names.list("allowIDN", NAME, ApprovalPolicyFile::dnsName).orElse(List.of());
    boolean underscore = names.truth("allowUnderscore").orElse(defaults.allowUnderscore());
    boolean trailingDot = names.truth("allowTrailingDot").orElse(defaults.allowTrailingDot());
    boolean prefix =
        names
            .choice("nodeNamePrefix", List.of(false, true), value -> value ? "Required" : "Off")
            .orElse(defaults.nodeNamePrefix());
    Resolution resolution =
        names
            .choice("resolution", List.of(Resolution.values()), Resolution::text)
            .orElse(defaults.resolution());
    Duration timeout = positive(names, "resolutionTimeout", defaults.resolutionTimeout());
    Optional<List<DnsName>> search = names.list("searchDomains", NAME, ApprovalPolicyFile::dnsName);
    List<IpRange> additional =
        names.list("additionalAddressRanges", RANGE, IpRange::parse).orElse(List.of());
    names.end();
    return new Names(
        patterns,
        international,
        underscore,
        trailingDot,
        prefix,
        resolution,
        timeout,
        search,
        additional);
  }

  private static Optional<DnsName> dnsName(String text) {
    DnsName name = DnsName.of(text);
    return DnsSyntax.isHostName(name.text()) ? Optional.of(name) : Optional.empty();
  }

  private static Addresses addresses(Fields addresses) {
    List<IpRange> ranges = addresses.list("allowedRanges", RANGE, IpRange::parse).orElse(List.of());
    List<IpRange> special =
        addresses
            .list(
                "specialRanges",
                "addresses or ranges in 169.254.0.0/16 or fe80::/10",
                text -> IpRange.parse(text).filter(Addresses::isLinkLocal))
            .orElse(List.of());
    boolean asDnsNames =
        addresses.truth("allowAsDnsNames").orElse(Addresses.defaults().allowAsDnsNames());
    addresses.end();
    return new Addresses(ranges, special, asDnsNames);
  }

  private static Guard guard(Fields guard) {
    Guard defaults = Guard.defaults();
    Guard found =
        new Guard(
            guard
                .list("clusterDomains", NAME, ApprovalPolicyFile::dnsName)
                .orElse(defaults.clusterDomains()),
            guard.list("names", NAME, ApprovalPolicyFile::dnsName).orElse(List.of()),
            guard.list("domains", NAME, ApprovalPolicyFile::dnsName).orElse(List.of()),
            guard.list("ranges", RANGE, IpRange::parse).orElse(List.of()),
            guard
                .choice(
                    "serviceExternalAddresses",
                    List.of(true, false),
                    value -> value ? "Protect" : "Ignore")
                .orElse(defaults.serviceExternalAddresses()),
            Set.copyOf(
                guard.list("controlPlaneNodes", NodeName.RULE, NodeName::parse).orElse(List.of())),
            cidrs(guard, defaults.cidrs()));
    guard.end();
    return found;
  }

  private static ClusterCidrs cidrs(Fields guard, ClusterCidrs defaults) {
    return new ClusterCidrs(
        guard.list("podCIDRs", RANGE, IpRange::parse).orElse(defaults.pods()),
        guard.list("serviceCIDRs", RANGE, IpRange::parse).orElse(defaults.services()),
        guard.number("nodeCIDRMaskSizeIPv4", 16, 32).orElse(defaults.nodeMaskIpv4()),
        guard.number("nodeCIDRMaskSizeIPv6", 48, 128).orElse(defaults.nodeMaskIpv6()));
  }

  private static Ownership ownership(Fields ownership) {
    Ownership defaults = Ownership.defaults();
    Ownership found =
        new Ownership(
            ownership
                .choice("mode", List.of(true, false), value -> value ? "Enforce" : "Off")
                .orElse(defaults.enforced()),
            Set.copyOf(
                ownership.list("sharedNames", NAME, ApprovalPolicyFile::dnsName).orElse(List.of())),
            ownership.list("sharedRanges", RANGE, IpRange::parse).orElse(List.of()),
            ownership.duration("reclaim").orElse(defaults.reclaim()),
            ownership
                .choice(
                    "siblingNames",
                    List.of(SiblingNames.values()),
                    value -> value == SiblingNames.ASSIGNED ? "Assigned" : "FirstClaim")
                .orElse(defaults.siblingNames()),
            perNode(ownership.child("perNode")));
    ownership.end();
    return found;
  }

  private static PerNode perNode(Fields perNode) {
    PerNode defaults = PerNode.defaults();
    PerNode found =
        new PerNode(
            perNode.number("recordBytes", 1024, 1_000_000),
            perNode.number("changeBurst", 1, 1000).orElse(defaults.changeBurst()),
            perNode.duration("changeInterval").orElse(defaults.changeInterval()));
    perNode.end();
    return found;
  }

  private static Optional<AccessAttributes> access(Fields spec) {
    Fields access = spec.child("subjectAccessReview");
    AccessAttributes defaults = AccessAttributes.defaults();
    boolean required =
        access
            .choice("mode", List.of(true, false), value -> value ? "Required" : "Off")
            .orElse(spec.has("subjectAccessReview"));
    AccessAttributes found =
        new AccessAttributes(
            access.text("verb", "a verb such as create").orElse(defaults.verb()),
            access.text("group", "an API group").orElse(defaults.group()),
            access.text("resource", "a plural resource").orElse(defaults.resource()),
            access.text("subresource", "a subresource"));
    access.end();
    return required ? Optional.of(found) : Optional.empty();
  }

  private static RuleSet rules(Fields spec) {
    List<Rule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields rule : spec.children("rules")) {
      String name = rule.required("name", "a name for messages");
      if (!name.isEmpty() && !names.add(name)) {
        rule.wrong("name", "\"" + name + "\" again", "another name for each rule");
      }
      String expression = rule.required("expression", "a CEL expression");
      String message = rule.text("message", "a text").orElse("the rule is not met");
      long limit =
          rule.number("costLimit", 1, 1_000_000)
              .map(Integer::longValue)
              .orElse(Rule.DEFAULT_COST_LIMIT);
      rule.end();
      if (!expression.isEmpty()) {
        switch (Rules.compile(name, expression, message, limit)) {
          case ParseResult.Parsed<Rule>(Rule compiled) -> rules.add(compiled);
          case ParseResult.Refused<Rule>(List<ParseError> errors) ->
              errors.forEach(error -> rule.wrong("expression", error.got(), error.want()));
        }
      }
    }
    return new RuleSet(rules);
  }
}
