package dev.countersign.policy.peer;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.YamlText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.peer.ImportedPolicy.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes an ApprovalPolicy that decides as a peer does with its settings, or stricter. */
public final class PolicyImport {
  private static final String NAME_RULE = "peer-names";
  private static final int LONGEST_SECONDS = 367 * 24 * 3600;

  /** Go's {@code strconv.ParseBool}. */
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");

  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

  private PolicyImport() {}

  /**
   * Reads a peer's settings.
   *
   * @param peer which it is; a workload tells it itself
   * @param file a workload, Helm values or an environment; may be empty
   * @param arguments flags, which come before the file
   */
  public static ParseResult<PeerSettings> read(
      Optional<Peer> peer, Optional<String> file, List<String> arguments) {
    if (file.isEmpty()) {
      return Peer.named(peer).then(known -> PeerFlags.ofArguments(known, arguments));
    }
    return PeerDocuments.read(peer, file.get())
        .then(
            settings ->
                PeerFlags.ofArguments(settings.peer(), arguments)
                    .then(flags -> ParseResult.parsed(settings.with(flags))));
  }

  /** Writes the policy. */
  public static ParseResult<ImportedPolicy> of(PeerSettings settings) {
    ParseResult<ImportedPolicy> imported =
        switch (settings.peer()) {
          case KUBELET_CSR_APPROVER -> csrApprover(settings);
          case KUBELET_SERVING_CERT_APPROVER -> ParseResult.parsed(servingCertApprover(settings));
          case KUBELET_RUBBER_STAMP -> ParseResult.parsed(rubberStamp(settings));
        };
    return imported.then(
        policy ->
            switch (ApprovalPolicyFile.parse(policy.text())) {
              case ParseResult.Parsed<PolicyConfig> _ -> imported;
              case ParseResult.Refused<PolicyConfig>(List<ParseError> errors) ->
                  new ParseResult.Refused<>(errors);
            });
  }

  private static ParseResult<ImportedPolicy> csrApprover(PeerSettings settings) {
    Reader read = new Reader(settings);
    boolean resolves = !read.isOn("bypass-dns-resolution");
    boolean prefixed = !read.isOn("bypass-hostname-check");
    boolean others = read.isOn("ignore-non-system-node");
    boolean denies = !read.isOn("skip-deny-step");
    int seconds = read.number("max-expiration-sec", LONGEST_SECONDS, 0, LONGEST_SECONDS);
    int most = read.number("allowed-dns-names", 1, 1, 1000);
    List<IpRange> ranges = read.ranges("provider-ip-prefixes");
    String regex = settings.value("provider-regex").orElse(".*");
    if (regex.isEmpty()) {
      read.wrong("provider-regex", "nothing", "a regular expression: the peer ends without one");
    }
    if (!read.errors.isEmpty()) {
      return new ParseResult.Refused<>(read.errors);
    }
    PolicyWriter out = new PolicyWriter();
    out.line("mode: " + (denies ? "Enforce" : "ApproveOnly"));
    if (!others) {
      out.line("requestors: {others: Deny}");
    }
    String max = Math.max(1, seconds) + "s";
    out.line("limits:");
    out.line("  expiration: {" + (seconds < 600 ? "min: " + max + ", " : "") + "max: " + max + "}");
    if (prefixed || resolves) {
      out.line("names:");
      if (prefixed) {
        out.line("  nodeNamePrefix: Required");
      }
      if (resolves) {
        out.line("  resolution: Exact");
        out.line("  resolutionTimeout: 1s");
      }
    }
    if (!ranges.isEmpty()) {
      out.line("addresses:");
      out.line(
          "  allowedRanges: ["
              + ranges.stream()
                  .map(range -> YamlText.quoted(range.toString()))
                  .collect(Collectors.joining(", "))
              + "]");
    }
    nameRules(out, regex, most, prefixed);
    differences(out, prefixed, resolves, denies);
    return ParseResult.parsed(out.policy(settings));
  }

  private static void nameRules(PolicyWriter out, String regex, int most, boolean prefixed) {
    List<String> each = new ArrayList<>();
    if (prefixed) {
      each.add("('system:node:' + name).startsWith(request.username)");
    }
    if (!regex.equals(".*")) {
      // A string of CEL, whose escapes are those of JSON here.
      each.add("name.matches(" + YamlText.quoted(regex) + ")");
    }
    if (!each.isEmpty()) {
      out.rule(
          NAME_RULE,
          "certificate.dnsNames.all(name, " + String.join(" && ", each) + ")",
          "a DNS name does not match --provider-regex, or does not begin with the node name");
    }
    out.rule(
        "peer-count",
        "certificate.dnsNames.size() <= " + most,
        "more DNS names than --allowed-dns-names");
  }

  private static void differences(
      PolicyWriter out, boolean prefixed, boolean resolves, boolean denies) {
    out.difference(
        Effect.STRICTER,
        "form",
        "usages, organization, key, extensions and the kinds of names must be exactly those of a"
            + " kubelet");
    out.difference(
        Effect.STRICTER,
        "addresses",
        "each name and address must be the Node's own: in its object, owned by no other Node, and"
            + " none of the cluster's");
    if (prefixed) {
      out.difference(
          Effect.STRICTER,
          "--bypass-hostname-check=false",
          "a name is the node name alone or followed by a dot: node-1 does not get node-10");
    }
    if (denies) {
      out.difference(
          Effect.DEFERRED,
          "names and ranges",
          "what --provider-regex, --provider-ip-prefixes, --allowed-dns-names and the node name do"
              + " not allow waits: the policy can change, a denial could not");
      if (resolves) {
        out.difference(
            Effect.DEFERRED,
            "DNS",
            "a name that does not resolve, or resolves elsewhere, waits: a record can follow its"
                + " machine by minutes");
      }
    }
    out.difference(
        Effect.DENIED, "form", "a text that is no request of PKCS#10 is denied: it cannot change");
  }

  private static ImportedPolicy servingCertApprover(PeerSettings settings) {
    return reviewed(new PolicyWriter())
        .difference(
            Effect.STRICTER,
            "names",
            "it looks at no names; here each name and address must be the Node's own: in its"
                + " object, owned by no other Node, and none of the cluster's")
        .policy(settings);
  }

  private static ImportedPolicy rubberStamp(PeerSettings settings) {
    return reviewed(new PolicyWriter())
        .rule(
            "peer-names-and-addresses",
            "certificate.dnsNames.size() > 0 && certificate.ipAddresses.size() > 0",
            "kubelet-rubber-stamp wants a DNS name and an address")
        .rule(
            "peer-usages",
            "request.usages.size() == 3 && 'key encipherment' in request.usages",
            "kubelet-rubber-stamp wants key encipherment, which kubelets of 1.27 no longer ask for"
                + " with ECDSA keys")
        .difference(
            Effect.STRICTER,
            "names",
            "it looks at no names; here each name and address must be the Node's own: in its"
                + " object, owned by no other Node, and none of the cluster's")
        .policy(settings);
  }

  /** What both of those that never deny ask the API server. */
  private static PolicyWriter reviewed(PolicyWriter out) {
    return out.line("mode: ApproveOnly")
        .line("subjectAccessReview: {mode: Required}")
        .difference(
            Effect.STRICTER,
            "form",
            "key, extensions and the kinds of names must be exactly those of a kubelet; without"
                + " mode: ApproveOnly, what can never be right is denied");
  }

  /** Reads values as the peer's own program does, and keeps what is wrong. */
  private static final class Reader {
    private final PeerSettings settings;
    private final List<ParseError> errors = new ArrayList<>();

    Reader(PeerSettings settings) {
      this.settings = settings;
    }

    void wrong(String flag, String got, String want) {
      errors.add(new ParseError("--" + flag, OptionalInt.empty(), got, want, Optional.empty()));
    }

    boolean isOn(String flag) {
      String text = settings.value(flag).orElse("false");
      if (!TRUE.contains(text) && !FALSE.contains(text)) {
        wrong(flag, SafeText.quote(text), "true or false");
      }
      return TRUE.contains(text);
    }

    int number(String flag, int usual, int least, int most) {
      String text = settings.value(flag).orElse(Integer.toString(usual));
      if (!text.matches("[0-9]{1,9}")
          || Integer.parseInt(text) < least
          || Integer.parseInt(text) > most) {
        wrong(flag, SafeText.quote(text), least + " to " + most);
        return usual;
      }
      return Integer.parseInt(text);
    }

    /** None where all addresses are good. */
    List<IpRange> ranges(String flag) {
      List<IpRange> ranges = new ArrayList<>();
      for (String text : settings.value(flag).orElse("0.0.0.0/0,::/0").split(",", -1)) {
        IpRange.parse(text)
            .filter(_ -> text.contains("/"))
            .ifPresentOrElse(
                ranges::add,
                () -> wrong(flag, SafeText.quote(text), "ranges such as 192.0.2.0/24"));
      }
      Set<String> written = ranges.stream().map(IpRange::toString).collect(Collectors.toSet());
      return written.containsAll(Set.of("0.0.0.0/0", "::/0")) ? List.of() : ranges;
    }
  }
}
