package dev.countersign.approver.lookup;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.file.FileError;
import dev.countersign.policy.file.FileParse;
import dev.countersign.policy.file.InventoryFile;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.NodeName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the inventories of a policy about a Node. Files, ConfigMaps and Machines are read as a whole
 * and kept for a few seconds; a webhook is asked each time. Whatever cannot be read, or not in
 * full, is unknown. Thread-safe.
 */
public final class InventoryReader implements AutoCloseable {
  /** How long a document is taken to be current. */
  static final Duration FRESH_FOR = Duration.ofSeconds(5);

  private static final int MOST_BYTES = 16 * 1024 * 1024;
  private static final int MOST_ANSWER_BYTES = 1024 * 1024;
  private static final List<String> MACHINE_VERSIONS = List.of("v1beta2", "v1beta1");

  /** One document and when it was read; read by one thread at a time. */
  private static final class Kept {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Fact<InventoryDocument> document;
    private long readAtNanos;
  }

  private final ClusterSource cluster;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final Map<InventorySource, Kept> documents = new ConcurrentHashMap<>();
  private final Map<InventorySource.Webhook, HttpTransport> webhooks = new ConcurrentHashMap<>();

  /** A reader that reads ConfigMaps and Machines of {@code cluster}. */
  public InventoryReader(ClusterSource cluster, InstantSource clock) {
    this(cluster, clock, System::nanoTime);
  }

  InventoryReader(ClusterSource cluster, InstantSource clock, LongSupplier nanos) {
    this.cluster = cluster;
    this.clock = clock;
    this.nanos = nanos;
  }

  /** What each source says about the Node, by the source's name. */
  public Map<String, Fact<Optional<InventoryEntry>>> ask(
      PolicyConfig.Inventory inventory, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = new HashMap<>();
    for (InventorySource source : inventory.sources()) {
      answers.put(source.name(), ask(source, node));
    }
    return answers;
  }

  /** Closes the connections to webhooks that nobody has used for a while. */
  public void closeUnused() {
    webhooks.values().forEach(HttpTransport::closeUnused);
  }

  private Fact<Optional<InventoryEntry>> ask(InventorySource source, NodeName node) {
    return switch (source) {
      case InventorySource.File file -> entry(kept(file, () -> read(file)), node);
      case InventorySource.ConfigMap map -> entry(kept(map, () -> read(map)), node);
      case InventorySource.Machines machines -> entry(kept(machines, () -> read(machines)), node);
      case InventorySource.Webhook webhook -> call(webhook, node);
    };
  }

  private static Fact<Optional<InventoryEntry>> entry(
      Fact<InventoryDocument> document, NodeName node) {
    return switch (document) {
      case Fact.Known<InventoryDocument>(InventoryDocument known) -> Fact.known(known.entry(node));
      case Fact.Unknown<InventoryDocument>(String why) -> Fact.unknown(why);
    };
  }

  private Fact<InventoryDocument> kept(
      InventorySource source, Supplier<Fact<InventoryDocument>> read) {
    Kept kept = documents.computeIfAbsent(source, ignored -> new Kept());
    kept.lock.lock();
    try {
      Fact<InventoryDocument> known = kept.document;
      if (known == null || nanos.getAsLong() - kept.readAtNanos > FRESH_FOR.toNanos()) {
        known = read.get();
        kept.document = known;
        kept.readAtNanos = nanos.getAsLong();
      }
      return known;
    } finally {
      kept.lock.unlock();
    }
  }

  private static Fact<InventoryDocument> read(InventorySource.File file) {
    try (InputStream in = Files.newInputStream(Path.of(file.path()))) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        return Fact.unknown(file.path() + ": more than " + MOST_BYTES + " bytes");
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return parsed(file.path(), InventoryFile.parse(text));
    } catch (CharacterCodingException e) {
      return Fact.unknown(file.path() + ": bytes that are not UTF-8");
    } catch (IOException e) {
      return Fact.unknown(file.path() + ": cannot be read");
    }
  }

  private static Fact<InventoryDocument> parsed(String where, FileParse<InventoryDocument> parse) {
    return switch (parse) {
      case FileParse.Parsed<InventoryDocument>(InventoryDocument document) -> Fact.known(document);
      case FileParse.Refused<InventoryDocument>(List<FileError> errors) ->
          Fact.unknown(where + ": " + errors.getFirst().message());
    };
  }

  private Fact<InventoryDocument> read(InventorySource.ConfigMap map) {
    String where = "ConfigMap " + map.namespace() + "/" + map.configMap();
    String target =
        ApiQuery.path("api", "v1", "namespaces", map.namespace(), "configmaps", map.configMap());
    Outcome<Optional<String>> outcome = cluster.get(target, parser -> dataOf(parser, map.key()));
    return switch (outcome) {
      case Outcome.Done<Optional<String>>(Optional<String> text) ->
          text.map(found -> parsed(where, InventoryFile.parse(found)))
              .orElseGet(() -> Fact.unknown(where + ": has no key " + map.key()));
      case Outcome.Refused<Optional<String>>(ApiStatus status) ->
          Fact.unknown(where + ": " + status);
      case Outcome.Unreachable<Optional<String>>(String why) -> Fact.unknown(where + ": " + why);
    };
  }

  private static Optional<String> dataOf(JsonParser parser, String key) throws IOException {
    var fields =
        new Object() {
          Optional<String> text = Optional.empty();
        };
    JsonReading.object(
        parser,
        section -> {
          if (section.equals("data")) {
            JsonReading.object(
                parser,
                field -> {
                  if (field.equals(key)) {
                    fields.text = Optional.of(JsonReading.string(parser));
                  }
                });
          }
        });
    return fields.text;
  }

  /** The newest version that the cluster serves. */
  private Fact<InventoryDocument> read(InventorySource.Machines source) {
    String why = "Machines: the cluster has no cluster.x-k8s.io " + MACHINE_VERSIONS;
    for (String version : MACHINE_VERSIONS) {
      String path =
          source.namespace().isPresent()
              ? ApiQuery.path(
                  "apis",
                  "cluster.x-k8s.io",
                  version,
                  "namespaces",
                  source.namespace().get(),
                  "machines")
              : ApiQuery.path("apis", "cluster.x-k8s.io", version, "machines");
      Map<NodeName, InventoryEntry> nodes = new HashMap<>();
      Set<NodeName> twice = new HashSet<>();
      Outcome<String> outcome =
          cluster.list(
              path,
              MachineObject::decode,
              machine ->
                  machine
                      .node()
                      .ifPresent(
                          node -> {
                            if (nodes.put(node, machine.entry()) != null) {
                              twice.add(node);
                            }
                          }));
      switch (outcome) {
        case Outcome.Done<String> ignored -> {
          // Of two Machines that name one Node, none is believed.
          nodes.keySet().removeAll(twice);
          return Fact.known(new InventoryDocument(nodes));
        }
        case Outcome.Refused<String>(ApiStatus status) -> {
          if (status.reason() != StatusReason.NOT_FOUND) {
            return Fact.unknown("Machines: " + status);
          }
        }
        case Outcome.Unreachable<String>(String reason) -> {
          return Fact.unknown("Machines: " + reason);
        }
      }
    }
    return Fact.unknown(why);
  }

  /** What a Machine says: the Node it became, and the addresses its provider gave it. */
  private record MachineObject(Optional<NodeName> node, InventoryEntry entry) {
    static MachineObject decode(JsonParser parser) throws IOException {
      var fields =
          new Object() {
            Optional<NodeName> node = Optional.empty();
          };
      Set<DnsName> names = new HashSet<>();
      Set<IpAddress> addresses = new HashSet<>();
      JsonReading.object(
          parser,
          section -> {
            if (section.equals("status")) {
              JsonReading.object(
                  parser,
                  field -> {
                    switch (field) {
                      case "nodeRef" ->
                          JsonReading.object(
                              parser,
                              inner -> {
                                if (inner.equals("name")) {
                                  fields.node = NodeName.parse(JsonReading.string(parser));
                                }
                              });
                      case "addresses" ->
                          JsonReading.array(parser, () -> address(parser, names, addresses));
                      default -> {}
                    }
                  });
            }
          });
      return new MachineObject(fields.node, new InventoryEntry(names, addresses, List.of()));
    }

    private static void address(JsonParser parser, Set<DnsName> names, Set<IpAddress> addresses)
        throws IOException {
      Map<String, String> text = new HashMap<>(4);
      JsonReading.object(
          parser,
          field -> {
            if (field.equals("type") || field.equals("address")) {
              text.put(field, JsonReading.string(parser));
            }
          });
      String type = text.getOrDefault("type", "");
      String value = text.getOrDefault("address", "");
      Optional<IpAddress> address = IpAddress.parse(value);
      switch (type) {
        case "InternalIP", "ExternalIP" -> address.ifPresent(addresses::add);
        case "Hostname", "InternalDNS", "ExternalDNS" -> {
          if (address.isPresent()) {
            addresses.add(address.get());
          } else if (!value.isEmpty()) {
            names.add(DnsName.of(value));
          }
        }
        default -> {}
      }
    }
  }

  private Fact<Optional<InventoryEntry>> call(InventorySource.Webhook webhook, NodeName node) {
    String where = "webhook " + webhook.name();
    byte[] question =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", "countersign.dev/v1alpha1");
              out.writeStringField("kind", "InventoryQuestion");
              out.writeStringField("node", node.text());
            });
    try {
      URI url = URI.create(webhook.url());
      String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
      String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
      HttpRequest request =
          HttpRequest.of(HttpRequest.Method.POST, path + query, ApiClient.JSON, webhook.timeout())
              .withBody(ApiClient.JSON, question)
              .asRepeatable();
      HttpTransport transport =
          webhooks.computeIfAbsent(webhook, ignored -> transport(webhook, url));
      try (HttpResponse response = transport.send(request)) {
        if (response.status() != 200) {
          return Fact.unknown(where + ": answered " + response.status() + " instead of 200");
        }
        byte[] answer = response.body().readNBytes(MOST_ANSWER_BYTES);
        if (response.body().read() >= 0) {
          return Fact.unknown(where + ": answered more than " + MOST_ANSWER_BYTES + " bytes");
        }
        String text =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(answer)).toString();
        return switch (InventoryFile.parseAnswer(text)) {
          case FileParse.Parsed<Optional<InventoryEntry>>(Optional<InventoryEntry> entry) ->
              Fact.known(entry);
          case FileParse.Refused<Optional<InventoryEntry>>(List<FileError> errors) ->
              Fact.unknown(where + ": " + errors.getFirst().message());
        };
      }
    } catch (IOException e) {
      return Fact.unknown(where + ": " + e.getMessage());
    } catch (IllegalArgumentException e) {
      return Fact.unknown(where + ": its url cannot be used");
    }
  }

  private HttpTransport transport(InventorySource.Webhook webhook, URI url) {
    String host = url.getHost();
    if (host == null) {
      throw new IllegalArgumentException("no host");
    }
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    return new HttpTransport(
        ClientCredentials.ofFiles(
            host,
            url.getPort() < 0 ? 443 : url.getPort(),
            Path.of(webhook.caFile()),
            webhook.clientCertificateFile().map(Path::of),
            webhook.clientKeyFile().map(Path::of),
            clock),
        "countersign",
        webhook.timeout());
  }

  /** Forgets what was read, as when the policy changes. */
  public void forget() {
    documents.clear();
    for (InventorySource.Webhook webhook : List.copyOf(webhooks.keySet())) {
      HttpTransport transport = webhooks.remove(webhook);
      if (transport != null) {
        transport.close();
      }
    }
  }

  @Override
  public void close() {
    forget();
  }
}
