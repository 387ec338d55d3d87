package dev.countersign.policy.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.gather.CachedFacts;
import dev.countersign.policy.gather.ServingLookUps;
import dev.countersign.policy.ownership.Observation;
import dev.countersign.policy.ownership.OwnedAddresses;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Kubernetes objects as {@code kubectl get -o yaml} or {@code -o json} writes them: requests, and
 * the facts they are evaluated with (Nodes, Services, ServiceCIDRs, the EndpointSlice of the API
 * server, and the approver's records of addresses). Facts that the approver would ask for can be
 * given, too: a SubjectAccessReview with its status; {@code kind: Inventory}, which stands for
 * every source of the policy; {@code kind: Resolution}, whose {@code names} map DNS names to lists
 * of addresses, empty where a name has none; and {@link ShownCertificate}. Objects of other kinds
 * are skipped. Immutable.
 */
public final class ClusterObjects implements CachedFacts {
  private final List<CsrSpec> requests;
  private final Map<String, CsrDetails> details;
  private final Map<Sender, List<CsrSpec>> pending;
  private final Map<NodeName, NodeFact> nodes;
  private final Map<Integer, Shard> shards;
  private final Map<NameOrAddress, List<ReportedAddresses>> naming = new HashMap<>();
  private final ProtectedSpace space;
  private final Map<ClusterObjectReader.RightOf, AccessReview> rights;
  private final Map<ClusterObjectReader.ObjectName, JsonNode> raw;
  private final ServingLookUps lookUps;
  private final Set<String> listed;
  private final Map<Integer, String> unreadableShards;

  /** Whose request it is, and to whom. */
  private record Sender(String username, SignerName signer) {
    static Sender of(CsrSpec csr) {
      return new Sender(csr.requestor().username(), csr.signer());
    }
  }

  private ClusterObjects(
      ClusterObjectReader read, Optional<ServiceRangesUnknown> serviceRangesUnknown) {
    requests = List.copyOf(read.requests);
    details = Map.copyOf(read.details);
    pending = pending(requests);
    nodes = Collections.unmodifiableMap(new LinkedHashMap<>(read.nodes));
    shards = Map.copyOf(read.shards);
    // Once, after the last object: requests are evaluated side by side, by thousands of Nodes.
    for (NodeFact node : nodes.values()) {
      read.protectedSpace.podRanges(node.name(), node.podRanges());
      ReportedAddresses claims = ReportedAddresses.of(node);
      for (NameOrAddress claim : claims.inStatus()) {
        naming.computeIfAbsent(claim, _ -> new ArrayList<>(1)).add(claims);
      }
    }
    serviceRangesUnknown.ifPresent(read.protectedSpace::serviceRangesUnknown);
    space = read.protectedSpace.build(held());
    rights = Map.copyOf(read.rights);
    raw = Map.copyOf(read.raw);
    lookUps = new GivenLookUps(read);
    listed = Set.copyOf(read.listed);
    unreadableShards = Map.copyOf(read.unreadableShards);
  }

  /** Whose addresses are, by the records or, without them, by who alone claims each. */
  private OwnedAddresses held() {
    OwnedAddresses held = new OwnedAddresses();
    shards.values().forEach(shard -> held.replace(Shard.empty(), shard));
    if (shards.isEmpty()) {
      naming.forEach(
          (claim, nodes) -> {
            if (claim instanceof IpAddress address && nodes.size() == 1) {
              held.add(address, nodes.getFirst().node().name());
            }
          });
    }
    return held;
  }

  /** Reads any number of texts, each of any number of documents or lists. */
  public static ParseResult<ClusterObjects> parse(List<String> texts) {
    Builder builder = builder();
    for (String text : texts) {
      switch (Documents.all(text)) {
        case ParseResult.Refused<List<JsonNode>>(List<ParseError> found) ->
            builder.errors.addAll(found);
        case ParseResult.Parsed<List<JsonNode>>(List<JsonNode> documents) ->
            documents.forEach(builder::add);
      }
    }
    return builder.errors.isEmpty()
        // Files leave out what does not matter to whoever asks: that alone makes nothing unknown.
        ? new ParseResult.Parsed<>(new ClusterObjects(builder.reader, Optional.empty()))
        : new ParseResult.Refused<>(builder.errors);
  }

  /** Starts with no objects. */
  public static Builder builder() {
    return new Builder();
  }

  /** Takes in objects that an API server sends. Not thread-safe. */
  public static final class Builder {
    private final ClusterObjectReader reader = new ClusterObjectReader();
    private final List<ParseError> errors = new ArrayList<>();
    private Optional<String> noServiceRanges = Optional.empty();

    private Builder() {}

    /** Adds an object, or the items of a list; one that cannot be read is among the errors. */
    public void add(JsonNode object) {
      reader.add(object, errors);
    }

    /** Adds the certificate that the API server showed, whose names are its own. */
    public void add(X509Certificate shown) {
      reader.protectedSpace.apiServerCertificate(shown);
    }

    /** Says why the API server sent no ServiceCIDR objects. */
    public void noServiceRanges(String why) {
      noServiceRanges = Optional.of(why);
    }

    /** What could not be read; facts that depend on it are unknown. */
    public List<ParseError> errors() {
      return List.copyOf(errors);
    }

    /** The objects that could be read. */
    public ClusterObjects build() {
      return new ClusterObjects(reader, reader.serviceRangesUnknown(noServiceRanges));
    }
  }

  /** The requests, in the order of the texts. */
  public List<CsrSpec> requests() {
    return requests;
  }

  /** What else is known of one of the requests. */
  public CsrDetails details(CsrSpec csr) {
    return details.getOrDefault(csr.name(), CsrDetails.none());
  }

  @Override
  public Fact<Integer> newerPending(CsrSpec csr) {
    List<CsrSpec> all = pending.getOrDefault(Sender.of(csr), List.of());
    int at = Collections.binarySearch(all, csr, CsrSpec.OLDEST_FIRST);
    return Fact.known(all.size() - (at < 0 ? -at - 1 : at + 1));
  }

  /** Undecided requests, each once, in the order of their age. */
  private static Map<Sender, List<CsrSpec>> pending(List<CsrSpec> requests) {
    Map<String, CsrSpec> byName = new LinkedHashMap<>();
    for (CsrSpec csr : requests) {
      if (csr.isPending()) {
        byName.putIfAbsent(csr.name(), csr);
      }
    }
    Map<Sender, List<CsrSpec>> bySender = new HashMap<>();
    byName.values().stream()
        .sorted(CsrSpec.OLDEST_FIRST)
        .forEach(csr -> bySender.computeIfAbsent(Sender.of(csr), _ -> new ArrayList<>()).add(csr));
    return bySender;
  }

  /**
   * The answer to a SubjectAccessReview of a user for a subresource, as far as one was given.
   *
   * @param subresource such as {@code nodeclient}
   */
  public Fact<AccessReview> review(String username, String subresource) {
    AccessReview answer = rights.get(new ClusterObjectReader.RightOf(username, subresource));
    return answer == null
        ? Fact.unknown("no SubjectAccessReview for " + subresource + " among the files")
        : Fact.known(answer);
  }

  /**
   * An object as it was given: a Lease, a record of strict join; of a Node only that it is there.
   */
  public Optional<JsonNode> raw(String kind, String name) {
    return kind.equals("Node")
        ? NodeName.parse(name)
            .filter(nodes::containsKey)
            .map(_ -> JsonNodeFactory.instance.objectNode())
        : Optional.ofNullable(raw.get(new ClusterObjectReader.ObjectName(kind, name)));
  }

  /**
   * Whether objects of such a kind were given at all, so that one that is not there is known. Of
   * ConfigMaps only the records of joins count.
   */
  public boolean knows(String kind) {
    return listed.contains(kind);
  }

  /** What the approver would ask others for, as far as the objects tell it. */
  public ServingLookUps lookUps() {
    return lookUps;
  }

  /** The Nodes. */
  public List<NodeFact> nodes() {
    return List.copyOf(nodes.values());
  }

  @Override
  public Fact<Optional<NodeFact>> node(NodeName name) {
    return listed.contains("Node")
        ? Fact.known(nodeNamed(name))
        : Fact.unknown("no Nodes among the files");
  }

  @Override
  public Fact<ProtectedSpace> protectedSpace() {
    return listed.contains("Service")
        ? Fact.known(space)
        : Fact.unknown("no Services among the files");
  }

  /** The names and addresses that are the cluster's own. */
  public ProtectedSpace space() {
    return space;
  }

  /**
   * What the approver makes of a record when it next looks at the Nodes.
   *
   * @param entry what is on record
   * @param at when it looks
   */
  public OwnershipRecord observed(
      NameOrAddress claim, OwnershipRecord entry, PolicyConfig config, Instant at) {
    return entry.observe(observation(claim, entry, config, at), config.ownership().reclaim());
  }

  /** The Node of that name. */
  public Optional<NodeFact> nodeNamed(NodeName name) {
    return Optional.ofNullable(nodes.get(name));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Without the approver's records, who owns what is derived as on a first start: what one Node
   * alone claims is that Node's, what several claim is contested, since the newest Node was made.
   */
  @Override
  public Fact<Map<NameOrAddress, AddressOwnership>> holdings(
      Set<NameOrAddress> claims, PolicyConfig config) {
    if (!listed.contains("Node")) {
      return Fact.unknown("no Nodes among the files");
    }
    Duration reclaim = config.ownership().reclaim();
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    for (NameOrAddress claim : claims) {
      OwnershipRecord recorded = recorded(claim);
      if (recorded.isNothing() && !unreadableShards.isEmpty()) {
        return Fact.unknown(unreadableShards.values().iterator().next());
      }
      OwnershipRecord entry =
          shards.isEmpty()
              ? observed(claim, OwnershipRecord.nothing(), config, newestNode())
              : recorded;
      holdings.put(claim, entry.holding(reclaim));
    }
    return Fact.known(holdings);
  }

  private Instant newestNode() {
    return nodes.values().stream()
        .map(NodeFact::created)
        .max(Comparator.naturalOrder())
        .orElse(Instant.EPOCH);
  }

  /** Its record in any shard: the key that says in which is not among the files, perhaps. */
  private OwnershipRecord recorded(NameOrAddress claim) {
    return shards.values().stream()
        .map(shard -> shard.entry(claim))
        .filter(entry -> !entry.isNothing())
        .findFirst()
        .orElse(OwnershipRecord.nothing());
  }

  private Observation observation(
      NameOrAddress claim, OwnershipRecord entry, PolicyConfig config, Instant at) {
    List<NodeFact> within =
        naming.getOrDefault(claim, List.of()).stream()
            .filter(claims -> claims.areWithin(config.limits().names()))
            .map(ReportedAddresses::node)
            .toList();
    return Observation.of(claim, within, this::nodeNamed, Fact.known(space), entry, config, at);
  }
}
