package dev.countersign.cluster.address;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The approver's records of addresses in one namespace. Safe beside a running approver. */
public final class AddressRecords {
  /** Where the approver keeps its records when nothing else is said. */
  public static final String DEFAULT_NAMESPACE = "kube-system";

  private static final int ATTEMPTS = 8;
  private static final Comparator<AddressRecord> BY_ADDRESS =
      Comparator.comparing(record -> record.address().key());

  private final KubernetesClient client;
  private final String namespace;
  private final InstantSource clock;

  /** Records in a namespace. */
  public AddressRecords(KubernetesClient client, String namespace, InstantSource clock) {
    this.client = Objects.requireNonNull(client, "client");
    this.namespace = Objects.requireNonNull(namespace, "namespace");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /**
   * The namespaces that hold such records. Whoever may not list ConfigMaps everywhere is told the
   * default.
   */
  public static SortedSet<String> namespaces(KubernetesClient client) {
    SortedSet<String> namespaces = new TreeSet<>();
    try {
      client
          .configMaps()
          .inAnyNamespace()
          .withLabel(Shard.LABEL, Shard.LABEL_VALUE)
          .list()
          .getItems()
          .forEach(map -> namespaces.add(map.getMetadata().getNamespace()));
    } catch (KubernetesClientException e) {
      if (e.getCode() != 403) {
        throw e;
      }
    }
    if (namespaces.isEmpty()) {
      namespaces.add(DEFAULT_NAMESPACE);
    }
    return namespaces;
  }

  /** A name or address as a user writes it. */
  public static Optional<NameOrAddress> parse(String text) {
    Optional<NameOrAddress> address = IpAddress.parse(text).map(NameOrAddress.class::cast);
    return address.isPresent() || !DnsSyntax.isHostName(text) || DnsSyntax.isAddress(text)
        ? address
        : Optional.of(DnsName.of(text));
  }

  /** The namespace. */
  public String namespace() {
    return namespace;
  }

  /**
   * Everything on record, sorted by name or address.
   *
   * @throws IllegalStateException where a record cannot be read
   */
  public List<AddressRecord> list() {
    List<AddressRecord> records = new ArrayList<>();
    for (ConfigMap map : maps()) {
      shard(map)
          .entries()
          .forEach((address, entry) -> records.add(new AddressRecord(address, entry)));
    }
    records.sort(BY_ADDRESS);
    return records;
  }

  private List<ConfigMap> maps() {
    return client
        .configMaps()
        .inNamespace(namespace)
        .withLabel(Shard.LABEL, Shard.LABEL_VALUE)
        .list()
        .getItems();
  }

  /** What each Node has on record, and what it claims in vain, the greatest first. */
  public List<NodeUsage> usage(int mostNames) {
    return NodeUsage.of(list(), client.nodes().list().getItems(), mostNames);
  }

  /** What came of a settlement. */
  public sealed interface Settlement {
    /**
     * It is written.
     *
     * @param before the record as it was
     * @param after the record as it is
     */
    record Settled(OwnershipRecord before, OwnershipRecord after) implements Settlement {}

    /** It says so already. */
    record Unchanged(OwnershipRecord entry) implements Settlement {}

    /** There is no such Node. */
    record NoSuchNode(String node) implements Settlement {}
  }

  /**
   * Gives a name or address to a Node, whoever owns it now; that one waits from then on.
   *
   * @param dryRun to look at what would be written
   */
  public Settlement assign(NameOrAddress address, NodeName owner, boolean dryRun) {
    Node node = client.nodes().withName(owner.text()).get();
    if (node == null) {
      return new Settlement.NoSuchNode(owner.text());
    }
    ReportingNode claimant = new ReportingNode(owner, node.getMetadata().getUid());
    return change(
        address,
        entry ->
            entry.state() instanceof OwnershipRecord.State.Held held
                    && held.holder().equals(claimant)
                ? entry
                : entry.settle(claimant, clock.instant().truncatedTo(ChronoUnit.MILLIS)),
        dryRun);
  }

  /**
   * Forgets whose a name or address is and who waits. The approver then looks at who claims it: if
   * that is one Node, it gets it; if several do, nobody does.
   *
   * @param dryRun to look at what would be written
   */
  public Settlement release(NameOrAddress address, boolean dryRun) {
    return change(address, _ -> OwnershipRecord.nothing(), dryRun);
  }

  /** Whether a Node has anything on record, as far as the records can be read. */
  public boolean ownsAny(String node) {
    return maps().stream()
        .flatMap(
            map ->
                read(map) instanceof ParseResult.Parsed<Shard>(Shard shard)
                    ? Stream.of(shard)
                    : Stream.empty())
        .flatMap(shard -> shard.entries().values().stream())
        .anyMatch(entry -> isOf(node, entry));
  }

  /**
   * What {@code node delete} does for a Node that is gone: forgets what it owned, or has left just
   * now, and nobody waits for. What others wait for is left to the approver, which lets the former
   * owner come back first. A record that cannot be read stays as it is.
   *
   * @param dryRun to look at what would be forgotten
   */
  public Released releaseAllOf(String node, boolean dryRun) {
    List<AddressRecord> free = new ArrayList<>();
    List<AddressRecord> awaited = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    for (ConfigMap map : maps()) {
      if (!(read(map) instanceof ParseResult.Parsed<Shard>(Shard shard))) {
        unreadable.add(unreadable(map));
        continue;
      }
      shard
          .entries()
          .forEach(
              (address, entry) -> {
                if (isOf(node, entry)) {
                  (entry.waiting().isEmpty() ? free : awaited)
                      .add(new AddressRecord(address, entry));
                  change(
                      map.getMetadata().getName(),
                      address,
                      now ->
                          isOf(node, now) && now.waiting().isEmpty()
                              ? OwnershipRecord.nothing()
                              : now,
                      dryRun);
                }
              });
    }
    free.sort(BY_ADDRESS);
    awaited.sort(BY_ADDRESS);
    return new Released(free, awaited, unreadable);
  }

  private static boolean isOf(String node, OwnershipRecord entry) {
    return entry.owner().filter(owner -> owner.text().equals(node)).isPresent();
  }

  /**
   * What became of a Node's names and addresses.
   *
   * @param free the records that were forgotten
   * @param awaited those that others wait for
   * @param unreadable why records could not be read, if some could not
   */
  public record Released(
      List<AddressRecord> free, List<AddressRecord> awaited, List<String> unreadable) {
    public Released {
      free = List.copyOf(free);
      awaited = List.copyOf(awaited);
      unreadable = List.copyOf(unreadable);
    }

    /** Of a Node that had nothing on record. */
    public static Released nothing() {
      return new Released(List.of(), List.of(), List.of());
    }
  }

  /** The key that says which record a name or address is in. */
  private ShardKey key() {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(ShardKey.OBJECT_NAME).get();
    return Optional.ofNullable(map)
        .flatMap(found -> Optional.ofNullable(found.getData()))
        .flatMap(data -> ShardKey.parse(data.getOrDefault(ShardKey.DATA_KEY, "")))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "ConfigMap "
                        + namespace
                        + "/"
                        + ShardKey.OBJECT_NAME
                        + ": got "
                        + (map == null ? "none" : "no key in it")
                        + "; want the key of the records, which the approver makes when it starts;"
                        + " start it, or name its namespace with --namespace"));
  }

  private Settlement change(
      NameOrAddress address, Function<OwnershipRecord, OwnershipRecord> next, boolean dryRun) {
    return change(Shard.objectName(key().numberOf(address)), address, next, dryRun);
  }

  private Settlement change(
      String name,
      NameOrAddress address,
      Function<OwnershipRecord, OwnershipRecord> next,
      boolean dryRun) {
    for (int attempt = 1; ; attempt++) {
      ConfigMap read = client.configMaps().inNamespace(namespace).withName(name).get();
      Shard shard = read == null ? Shard.empty() : shard(read);
      OwnershipRecord before = shard.entry(address);
      OwnershipRecord after = next.apply(before);
      if (after.equals(before)) {
        return new Settlement.Unchanged(before);
      }
      if (dryRun) {
        return new Settlement.Settled(before, after);
      }
      try {
        write(read, name, shard.with(Map.of(address, after)));
        return new Settlement.Settled(before, after);
      } catch (KubernetesClientException e) {
        // 409: the approver wrote meanwhile, so look again; 404: the record was deleted
        boolean raced = e.getCode() == 409 || (e.getCode() == 404 && read != null);
        if (!raced || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void write(@Nullable ConfigMap read, String name, Shard shard) {
    Map<String, String> data = Map.of(Shard.DATA_KEY, shard.toText());
    var maps = client.configMaps().inNamespace(namespace);
    if (read == null) {
      maps.resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .withNamespace(namespace)
                  .addToLabels("app.kubernetes.io/managed-by", "countersign")
                  .addToLabels(Shard.LABEL, Shard.LABEL_VALUE)
                  .endMetadata()
                  .withData(data)
                  .build())
          .create();
    } else {
      maps.resource(new ConfigMapBuilder(read).withData(data).build()).update();
    }
  }

  private static Shard shard(ConfigMap map) {
    if (read(map) instanceof ParseResult.Parsed<Shard>(Shard shard)) {
      return shard;
    }
    throw new IllegalStateException(unreadable(map));
  }

  private static ParseResult<Shard> read(ConfigMap map) {
    String text = map.getData() == null ? "" : map.getData().getOrDefault(Shard.DATA_KEY, "");
    return text.isBlank() ? ParseResult.parsed(Shard.empty()) : Shard.parse(text);
  }

  private static String unreadable(ConfigMap map) {
    return "ConfigMap "
        + map.getMetadata().getNamespace()
        + "/"
        + map.getMetadata().getName()
        + (read(map) instanceof ParseResult.Refused<Shard> unreadable
            ? " " + unreadable.message()
            : "")
        + "; restore it from a backup, or delete it to start over with what the Nodes claim";
  }
}
