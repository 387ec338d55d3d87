package dev.countersign.policy.join;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.check.Checks;
import dev.countersign.policy.check.Findings;
import dev.countersign.policy.check.RequestCheck;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Evidence;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.RequestParse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Decides requests for signer {@code kubernetes.io/kube-apiserver-client-kubelet}. Pure; safe for
 * use by several threads.
 *
 * <p>Three requesters are known. A bootstrap token joins a new node, once its {@link JoinGrant},
 * the {@link NameClaim} to the name and the Node allow it. A node renews its own certificate, as
 * kube-controller-manager's rule {@code selfnodeclient} has it, unless an operator revoked the
 * name. A ServiceAccount that the policy names joins a {@link Machine}. The form of the request is
 * judged as {@code ValidateKubeletClientCSR} in kubernetes/kubernetes {@code pkg/apis/certificates}
 * does, or stricter.
 */
public final class StrictJoin {
  private static final String NODES_GROUP = "system:nodes";
  private static final String BOOTSTRAPPERS_GROUP = "system:bootstrappers";
  private static final Set<Set<String>> USAGES =
      Set.of(
          Set.of("digital signature", "client auth"),
          Set.of("digital signature", "key encipherment", "client auth"));

  private final JoinConfig config;
  private final PolicyConfig policy;

  /**
   * A policy.
   *
   * @param policy whose limits and keys hold for these requests as for those of serving
   *     certificates
   */
  public StrictJoin(JoinConfig config, PolicyConfig policy) {
    this.config = Objects.requireNonNull(config, "config");
    this.policy = Objects.requireNonNull(policy, "policy");
  }

  /** Who asks, as far as strict join tells requesters apart. */
  public sealed interface Requester {
    /** A bootstrap token. */
    record Token(TokenId id) implements Requester {}

    /** A node with credentials of its own. */
    record Node() implements Requester {}

    /** A ServiceAccount that joins Machines. */
    record OfMachines(Bootstrapper account) implements Requester {}

    /** Anyone else. */
    record Other() implements Requester {}

    /** Who made a request. */
    static Requester of(JoinRequest request, JoinConfig config) {
      Optional<TokenId> token = TokenId.ofUser(request.username());
      if (token.isPresent() && request.groups().contains(BOOTSTRAPPERS_GROUP)) {
        return new Token(token.get());
      }
      if (request.username().startsWith(NodeName.USER_PREFIX)
          && request.groups().contains(NODES_GROUP)) {
        return new Node();
      }
      return config
          .bootstrap(request)
          .<Requester>map(found -> new OfMachines(found.account()))
          .orElseGet(Other::new);
    }
  }

  /**
   * What stands against the form of a request, whoever made it and whatever the facts are: what
   * kube-controller-manager looks at before it asks for rights.
   */
  public static List<Violation> form(JoinRequest request, PolicyConfig policy) {
    List<Violation> violations = new ArrayList<>();
    Findings findings = new Findings(Evidence.REQUEST);
    for (RequestCheck check : Checks.onBytes()) {
      check.inspect(request.inspection(), policy, findings);
    }
    violations.addAll(findings.violations());
    request.inspection().request().ifPresent(parsed -> judgeForm(request, parsed, violations));
    violations.sort(null);
    return violations;
  }

  /** What a requester wants to be, as far as it can be told: which facts to gather. */
  public static Optional<String> nodeAskedFor(JoinRequest request) {
    return switch (request.request()) {
      case RequestParse.Malformed _ -> Optional.empty();
      case RequestParse.Parsed(CertificateRequest parsed) -> {
        List<String> names = parsed.subject().values(NameAttribute.COMMON_NAME);
        yield names.size() == 1 ? nodeOfUser(names.getFirst()) : Optional.empty();
      }
    };
  }

  /** SHA-256 of the subjectPublicKeyInfo in a request, in hexadecimal. */
  public static String keySha256(CertificateRequest request) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(request.key().spki().toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Optional<String> nodeOfUser(String user) {
    if (!user.startsWith(NodeName.USER_PREFIX)) {
      return Optional.empty();
    }
    String name = user.substring(NodeName.USER_PREFIX.length());
    return name.length() <= 253 && RecordText.NODE_NAME.matcher(name).matches()
        ? Optional.of(name)
        : Optional.empty();
  }

  /** Decides. */
  public JoinDecision decide(JoinRequest request, JoinFacts facts) {
    List<Violation> violations = new ArrayList<>(form(request, policy));
    switch (request.request()) {
      case RequestParse.Malformed _ -> {
        return new JoinDecision.Deny(violations);
      }
      case RequestParse.Parsed(CertificateRequest parsed) -> {
        Optional<String> node = nodeAskedFor(request);
        if (node.isEmpty()) {
          return conclude(violations, new JoinDecision.Deny(violations));
        }
        return switch (Requester.of(request, config)) {
          case Requester.Token(TokenId token) -> {
            Join join = new Join(node.get(), request.uid(), keySha256(parsed), facts.now());
            yield join(request, token, join, facts, violations);
          }
          case Requester.Node() -> renewal(request, node.get(), facts, violations);
          case Requester.OfMachines(Bootstrapper account) -> {
            Join join = new Join(node.get(), request.uid(), keySha256(parsed), facts.now());
            yield machineJoin(request, account, join, facts, violations);
          }
          case Requester.Other() -> {
            violations.add(
                new Violation(
                    Reason.REQUESTER,
                    "spec.username",
                    SafeText.quote(request.username()),
                    "a bootstrap token or a node; anything else is for an operator to approve"));
            yield conclude(violations, new JoinDecision.Renew(node.get()));
          }
        };
      }
    }
  }

  private JoinDecision renewal(
      JoinRequest request, String node, JoinFacts facts, List<Violation> violations) {
    if (!request.username().equals(NodeName.USER_PREFIX + node)) {
      violations.add(
          new Violation(
              Reason.RENEWAL_OF_ANOTHER_NAME,
              "spec.request.subject.CN",
              SafeText.quote(NodeName.USER_PREFIX + node),
              "the requester's own name, " + SafeText.quote(request.username())));
    }
    switch (facts.claim()) {
      case Fact.Unknown<Optional<NameClaim>>(String why) -> violations.add(unknown("claim", why));
      case Fact.Known<Optional<NameClaim>>(Optional<NameClaim> claim) -> {
        if (claim.isPresent() && claim.get() instanceof NameClaim.Revoked(String _, Instant at)) {
          violations.add(
              new Violation(
                  Reason.NAME_REVOKED,
                  "claim",
                  "revoked at " + at,
                  "a name in good standing; join again with a token"));
        }
      }
    }
    return conclude(violations, new JoinDecision.Renew(node));
  }

  private JoinDecision join(
      JoinRequest request, TokenId token, Join join, JoinFacts facts, List<Violation> violations) {
    Optional<JoinGrant> grant = Optional.empty();
    switch (facts.grant()) {
      case Fact.Unknown<Optional<JoinGrant>>(String why) -> violations.add(unknown("grant", why));
      case Fact.Known<Optional<JoinGrant>>(Optional<JoinGrant> found) -> {
        grant = found.filter(granted -> granted.token().equals(token));
        if (found.isPresent() && grant.isEmpty()) {
          violations.add(unknown("grant", "the record is of token " + found.get().token()));
        } else if (found.isEmpty()) {
          violations.add(
              new Violation(
                  Reason.TOKEN_WITHOUT_GRANT,
                  "grant",
                  "none for token " + token,
                  "a join grant; make tokens with countersign token create"));
        }
      }
    }
    boolean recorded =
        grant
            .flatMap(g -> g.covering(join))
            .filter(use -> stillCounts(use, join, facts.claim()))
            .isPresent();
    grant.ifPresent(g -> judgeGrant(request, g, join, recorded, facts, violations));
    boolean held = judgeName(grant, join, facts, violations);

    Optional<JoinGrant> nextGrant =
        recorded ? Optional.empty() : grant.map(granted -> granted.with(join));
    Optional<NameClaim> nextClaim =
        held ? Optional.empty() : Optional.of(new NameClaim.Held(token, join));
    return conclude(violations, new JoinDecision.Admit(join.node(), nextGrant, nextClaim));
  }

  private JoinDecision machineJoin(
      JoinRequest request,
      Bootstrapper account,
      Join join,
      JoinFacts facts,
      List<Violation> violations) {
    Optional<Machine> machine =
        MachineJoin.judge(request, join.node(), account, facts.machines(), violations);
    boolean held = judgeName(Optional.empty(), join, facts, violations);
    Optional<NameClaim> claim =
        held
            ? Optional.empty()
            : machine.map(found -> new NameClaim.HeldByMachine(found.name(), join));
    return conclude(violations, new JoinDecision.Admit(join.node(), Optional.empty(), claim));
  }

  /**
   * Whether a use that is recorded still stands for this join. It is there so that an approver that
   * died between its writes can go on; it ends where the name was revoked or went to another join
   * since. Else whoever has a deleted node's disk, with key and token, could join once more.
   */
  private static boolean stillCounts(Join use, Join join, Fact<Optional<NameClaim>> claim) {
    return switch (claim) {
      // held for that; a denial must not rest on what could not be read
      case Fact.Unknown<Optional<NameClaim>> _ -> true;
      case Fact.Known<Optional<NameClaim>>(Optional<NameClaim> found) ->
          found.isEmpty() || holds(found.get(), join) || use.at().isAfter(found.get().at());
    };
  }

  private static boolean holds(NameClaim claim, Join join) {
    return claim.taken().filter(holding -> holding.covers(join)).isPresent();
  }

  private static void judgeGrant(
      JoinRequest request,
      JoinGrant grant,
      Join join,
      boolean recorded,
      JoinFacts facts,
      List<Violation> violations) {
    if (grant.nodes().stream().noneMatch(pattern -> pattern.matches(join.node()))) {
      violations.add(
          new Violation(
              Reason.TOKEN_NOT_FOR_NODE,
              "grant.nodes",
              SafeText.quote(join.node()),
              "one of " + grant.nodes()));
    }
    if (grant.notBefore().isPresent() && request.createdAt().isBefore(grant.notBefore().get())) {
      violations.add(
          new Violation(
              Reason.TOKEN_WINDOW_NOT_OPEN,
              "grant.notBefore",
              "a request of " + request.createdAt(),
              "one from " + grant.notBefore().get() + " on"));
    }
    if (grant.notAfter().isPresent() && request.createdAt().isAfter(grant.notAfter().get())) {
      violations.add(
          new Violation(
              Reason.TOKEN_WINDOW_OVER,
              "grant.notAfter",
              "a request of " + request.createdAt(),
              "one until " + grant.notAfter().get() + "; ask for a new token"));
    }
    if (!recorded && grant.usesLeft().isPresent() && grant.usesLeft().getAsInt() == 0) {
      violations.add(
          new Violation(
              Reason.TOKEN_USED_UP,
              "grant.uses",
              grant.joins().size()
                  + " of "
                  + grant.uses().orElse(0)
                  + " taken, the last at "
                  + grant.joins().getLast().at(),
              "a use left; ask for a new token"));
    }
    if (grant.inventoryRequired()) {
      switch (facts.inInventory()) {
        case Fact.Unknown<Boolean>(String why) -> violations.add(unknown("inventory", why));
        case Fact.Known<Boolean>(Boolean listed) -> {
          if (!listed) {
            violations.add(
                new Violation(
                    Reason.NOT_IN_INVENTORY,
                    "inventory",
                    "no entry for " + SafeText.quote(join.node()),
                    "the node's entry"));
          }
        }
      }
    }
    if (grant.attestationRequired()) {
      switch (facts.attestation()) {
        case Fact.Unknown<AttestationVerdict>(String why) ->
            violations.add(unknown("attestation", why));
        case Fact.Known<AttestationVerdict>(AttestationVerdict verdict) -> {
          switch (verdict) {
            case AttestationVerdict.Refused(String path, String got, String want) ->
                violations.add(new Violation(Reason.ATTESTATION, "attestation." + path, got, want));
            case AttestationVerdict.Attested(String attested, Optional<String> key) -> {
              if (!attested.equals(join.node())) {
                violations.add(
                    new Violation(
                        Reason.ATTESTATION,
                        "attestation.node",
                        SafeText.quote(attested),
                        "the name that is asked for, " + SafeText.quote(join.node())));
              }
              if (key.isPresent() && !key.get().equals(join.keySha256())) {
                violations.add(
                    new Violation(
                        Reason.ATTESTATION,
                        "attestation.key",
                        "SHA-256 " + key.get(),
                        "that of the key in the request, " + join.keySha256()));
              }
            }
          }
        }
      }
    }
  }

  /** Judges who has the name; returns whether this very join holds it already. */
  private boolean judgeName(
      Optional<JoinGrant> grant, Join join, JoinFacts facts, List<Violation> violations) {
    Optional<NameClaim> claim = Optional.empty();
    switch (facts.claim()) {
      case Fact.Unknown<Optional<NameClaim>>(String why) -> violations.add(unknown("claim", why));
      case Fact.Known<Optional<NameClaim>>(Optional<NameClaim> found) -> claim = found;
    }
    if (claim.isPresent() && holds(claim.get(), join)) {
      return true;
    }
    // the certificate of a join that was approved lasts as long as any other, whether or not its
    // kubelet has been in contact since
    Optional<Instant> joined = claim.filter(found -> found.taken().isPresent()).map(NameClaim::at);
    boolean rejoin = grant.map(JoinGrant::rejoin).orElse(false);
    switch (facts.node()) {
      case Fact.Unknown<NodePresence>(String why) -> violations.add(unknown("node", why));
      case Fact.Known<NodePresence>(NodePresence presence) -> {
        switch (presence) {
          case NodePresence.Absent() -> {}
          case NodePresence.Present(Optional<Instant> lastContact) -> {
            boolean expired =
                lastContact
                    .map(at -> joined.filter(at::isBefore).orElse(at))
                    .map(at -> at.plus(config.certificateLifetime()).isBefore(facts.now()))
                    .orElse(false);
            if (!expired && !rejoin) {
              violations.add(
                  new Violation(
                      Reason.NODE_TAKEN,
                      "node",
                      "a Node of this name, "
                          + lastContact
                              .map(at -> "in contact at " + at)
                              .orElse("which never reported"),
                      "a free name: delete the Node first, or a token with --allow-rejoin"));
            }
          }
        }
      }
    }
    if (claim.flatMap(NameClaim::taken).isPresent()
        && facts.node() instanceof Fact.Known<NodePresence>(NodePresence.Absent())
        && claim.get().at().plus(config.registrationWindow()).isAfter(facts.now())) {
      violations.add(
          new Violation(
              Reason.NAME_CLAIMED,
              "claim",
              "taken with " + claim.get().by() + " at " + claim.get().at(),
              "a name that no join took in the last " + config.registrationWindow()));
    }
    return false;
  }

  /** What a client certificate's request must not have, and its usages. */
  private static void judgeForm(
      JoinRequest request, CertificateRequest parsed, List<Violation> violations) {
    if (!parsed.sans().isEmpty()) {
      violations.add(
          new Violation(
              Reason.ALTERNATIVE_NAMES,
              "spec.request.subjectAltName",
              parsed.sans().size() + " names",
              "none"));
    } else if (!parsed.attributes().isEmpty()) {
      violations.add(
          new Violation(
              Reason.EXTENSIONS,
              "spec.request.attributes",
              parsed.attributes().size()
                  + " attributes, "
                  + parsed.extensions().size()
                  + " extensions",
              "none"));
    }
    List<String> usages = request.usages();
    if (Set.copyOf(usages).size() != usages.size() || !USAGES.contains(Set.copyOf(usages))) {
      violations.add(
          new Violation(
              Reason.USAGES_NOT_PERMITTED,
              "spec.usages",
              SafeText.quote(String.join(", ", usages)),
              "exactly digital signature and client auth, with or without key encipherment"));
    }
  }

  private static Violation unknown(String path, String why) {
    return new Violation(
        Reason.FACT_UNKNOWN, path, "nothing: " + why, "an answer of the API server");
  }

  private static JoinDecision conclude(List<Violation> violations, JoinDecision otherwise) {
    if (violations.isEmpty()) {
      return otherwise;
    }
    return violations.stream().anyMatch(v -> v.reason().evidence().isFinal())
        ? new JoinDecision.Deny(violations)
        : new JoinDecision.Hold(violations);
  }
}
