package dev.countersign.approver.lookup;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.file.InventoryFile;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.inventory.Machine;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Asks the inventories of a policy about a Node. Files, ConfigMaps and Machines are read as a whole
 * and kept for a few seconds; a webhook is asked each time. Whatever cannot be read, or not in
 * full, is unknown. Thread-safe.
 */
public final class InventoryReader implements AutoCloseable {
  private static final int MOST_ANSWER_BYTES = 1024 * 1024;

  private final ClusterSource cluster;
  private final InstantSource clock;
  private final FreshValues<InventorySource, Fact<InventoryDocument>> documents;
  private final FreshValues<InventorySource.Machines, Fact<List<Machine>>> machines;
  private final MachineReader machineReader;
  private final Map<InventorySource.Webhook, HttpTransport> webhooks = new ConcurrentHashMap<>();

  /** A reader that reads ConfigMaps and Machines of {@code cluster}. */
  public InventoryReader(ClusterSource cluster, InstantSource clock) {
    this(cluster, clock, System::nanoTime);
  }

  InventoryReader(ClusterSource cluster, InstantSource clock, LongSupplier nanos) {
    this.cluster = cluster;
    this.clock = clock;
    this.documents = new FreshValues<>(nanos);
    this.machines = new FreshValues<>(nanos);
    this.machineReader = new MachineReader(cluster, clock);
  }

  /** What each source says about the Node, by the source's name. */
  public Map<String, Fact<Optional<InventoryEntry>>> ask(Inventory inventory, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = new HashMap<>();
    for (InventorySource source : inventory.sources()) {
      answers.put(source.name(), ask(source, node));
    }
    return answers;
  }

  /** Closes the connections to webhooks that nobody has used for a while. */
  public void closeUnused() {
    webhooks.values().forEach(HttpTransport::closeUnused);
    machineReader.closeUnused();
  }

  /** The Machines of a source. */
  public Fact<List<Machine>> machines(InventorySource.Machines source) {
    return machines.get(source, () -> machineReader.read(source));
  }

  /** What one source says about the Node. */
  public Fact<Optional<InventoryEntry>> ask(InventorySource source, NodeName node) {
    return switch (source) {
      case InventorySource.File file ->
          documents
              .get(file, () -> parsed(file.path(), TextSources.file(file.path())))
              .map(document -> document.entry(node));
      case InventorySource.ConfigMap map ->
          documents.get(map, () -> read(map)).map(document -> document.entry(node));
      case InventorySource.Machines machines ->
          machines(machines).map(known -> InventoryDocument.ofMachines(known).entry(node));
      case InventorySource.Webhook webhook -> call(webhook, node);
    };
  }

  private static Fact<InventoryDocument> parsed(String where, Fact<String> text) {
    return text.then(
        found ->
            switch (InventoryFile.parse(found)) {
              case ParseResult.Parsed<InventoryDocument>(InventoryDocument document) ->
                  Fact.known(document);
              case ParseResult.Refused<InventoryDocument>(List<ParseError> errors) ->
                  Fact.unknown(where + ": " + errors.getFirst().message());
            });
  }

  private Fact<InventoryDocument> read(InventorySource.ConfigMap map) {
    return parsed(
        TextSources.configMap(map.namespace(), map.configMap()),
        TextSources.configMap(cluster, map.namespace(), map.configMap(), map.key()));
  }

  private Fact<Optional<InventoryEntry>> call(InventorySource.Webhook webhook, NodeName node) {
    String where = "webhook " + webhook.name();
    byte[] question =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", ApiVersions.V1ALPHA1);
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
          case ParseResult.Parsed<Optional<InventoryEntry>>(Optional<InventoryEntry> entry) ->
              Fact.known(entry);
          case ParseResult.Refused<Optional<InventoryEntry>>(List<ParseError> errors) ->
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
    documents.forget();
    machines.forget();
    machineReader.close();
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
