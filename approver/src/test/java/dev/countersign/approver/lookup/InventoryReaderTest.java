package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryReaderTest {
  private static final NodeName NODE = NodeName.parse("worker-1").orElseThrow();
  private static final NodeName OTHER = NodeName.parse("worker-2").orElseThrow();
  private static final String DOCUMENT =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: Inventory
      nodes:
        worker-1:
          names: [worker-1]
          addresses: [10.0.0.1]
      """;
  private static final InventoryEntry ENTRY =
      new InventoryEntry(
          Set.of(DnsName.of("worker-1")),
          Set.of(IpAddress.parse("10.0.0.1").orElseThrow()),
          List.of());

  @TempDir private Path directory;
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void file_knowsItsNodes_andIsReadAgainOnceItIsNotFresh() throws IOException {
    Path file = directory.resolve("inventory.yaml");
    Files.writeString(file, DOCUMENT);
    try (LoopbackServer server = nothing();
        InventoryReader reader = reader(server.client())) {
      InventorySource source = new InventorySource.File("file", file.toString());

      assertThat(ask(reader, source, NODE)).isEqualTo(Fact.known(Optional.of(ENTRY)));
      assertThat(ask(reader, source, OTHER)).isEqualTo(Fact.known(Optional.empty()));

      Files.writeString(file, DOCUMENT.replace("worker-1:", "worker-2:"));
      assertThat(ask(reader, source, NODE)).isEqualTo(Fact.known(Optional.of(ENTRY)));
      nanos.addAndGet(FreshValues.FRESH_FOR.toNanos() + 1);
      assertThat(ask(reader, source, NODE)).isEqualTo(Fact.known(Optional.empty()));
    }
  }

  @Test
  void file_absentOrBroken_isUnknown() throws IOException {
    Path file = directory.resolve("inventory.yaml");
    InventorySource source = new InventorySource.File("file", file.toString());
    try (LoopbackServer server = nothing();
        InventoryReader reader = reader(server.client())) {
      assertThat(why(ask(reader, source, NODE))).contains("cannot be read");

      Files.writeString(file, DOCUMENT + "  unheard-of: true\n");
      reader.forget();
      assertThat(why(ask(reader, source, NODE))).contains("inventory.yaml").contains("unheard-of");
    }
  }

  @Test
  void configMap_knowsItsNodes_unknownWithoutKeyOrRight() {
    String data = DOCUMENT.replace("\n", "\\n");
    try (LoopbackServer server =
            LoopbackServer.start(
                directory,
                false,
                (exchange, body) -> {
                  String path = exchange.getRequestURI().getPath();
                  if (path.equals("/api/v1/namespaces/infra/configmaps/machines")) {
                    LoopbackServer.reply(
                        exchange, 200, "{\"data\":{\"inventory.yaml\":\"" + data + "\"}}");
                  } else {
                    LoopbackServer.reply(
                        exchange, 403, "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}");
                  }
                });
        InventoryReader reader = reader(server.client())) {
      assertThat(
              ask(
                  reader,
                  new InventorySource.ConfigMap("map", "infra", "machines", "inventory.yaml"),
                  NODE))
          .isEqualTo(Fact.known(Optional.of(ENTRY)));
      assertThat(
              why(
                  ask(
                      reader,
                      new InventorySource.ConfigMap("map", "infra", "machines", "other.yaml"),
                      NODE)))
          .contains("no key other.yaml");
      assertThat(
              why(
                  ask(
                      reader,
                      new InventorySource.ConfigMap("map", "infra", "absent", "inventory.yaml"),
                      NODE)))
          .contains("403");
    }
  }

  @Test
  void webhook_withClientCertificate_isAskedForTheNode() {
    try (LoopbackServer server =
            LoopbackServer.start(directory, true, InventoryReaderTest::answer);
        InventoryReader reader = reader(server.client())) {
      assertThat(ask(reader, webhook(server, true), NODE))
          .isEqualTo(Fact.known(Optional.of(ENTRY)));
      assertThat(ask(reader, webhook(server, true), OTHER)).isEqualTo(Fact.known(Optional.empty()));
      assertThat(server.seen().getFirst())
          .isEqualTo(
              "POST /nodes?cluster=a {\"apiVersion\":\"countersign.dev/v1alpha1\","
                  + "\"kind\":\"InventoryQuestion\",\"node\":\"worker-1\"}");
    }
  }

  @Test
  void webhook_withoutClientCertificate_isUnknown() {
    try (LoopbackServer server =
            LoopbackServer.start(directory, true, InventoryReaderTest::answer);
        InventoryReader reader = reader(server.client())) {
      assertThat(why(ask(reader, webhook(server, false), NODE))).startsWith("webhook hook");
      assertThat(server.seen()).isEmpty();
    }
  }

  @Test
  void webhook_errorsAndNonsense_areUnknown() {
    for (String answer :
        List.of(
            "500 {\"known\":false}",
            "200 {}",
            "200 {\"known\":true,\"adresses\":[\"10.0.0.1\"]}",
            "200 nonsense",
            "302 {\"known\":false}")) {
      try (LoopbackServer server =
              LoopbackServer.start(
                  directory,
                  false,
                  (exchange, body) ->
                      LoopbackServer.reply(
                          exchange,
                          Integer.parseInt(answer.substring(0, 3)),
                          answer.substring(4)));
          InventoryReader reader = reader(server.client())) {
        assertThat(why(ask(reader, webhook(server, false), NODE)))
            .as(answer)
            .startsWith("webhook hook");
      }
    }
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, String body)
      throws IOException {
    LoopbackServer.reply(
        exchange,
        200,
        body.contains("worker-1")
            ? "{\"known\":true,\"names\":[\"worker-1\"],\"addresses\":[\"10.0.0.1\"]}"
            : "{\"known\":false}");
  }

  private static InventorySource webhook(LoopbackServer server, boolean withCertificate) {
    return new InventorySource.Webhook(
        "hook",
        "https://127.0.0.1:" + server.port() + "/nodes?cluster=a",
        server.directory().resolve("ca.crt").toString(),
        withCertificate
            ? Optional.of(server.directory().resolve("client.crt").toString())
            : Optional.empty(),
        withCertificate
            ? Optional.of(server.directory().resolve("client.key").toString())
            : Optional.empty(),
        Duration.ofSeconds(20));
  }

  private LoopbackServer nothing() {
    return LoopbackServer.start(
        directory, false, (exchange, body) -> LoopbackServer.reply(exchange, 404, "{}"));
  }

  private InventoryReader reader(ApiClient client) {
    return new InventoryReader(ClusterSource.of(client), InstantSource.system(), nanos::get);
  }

  private static Fact<Optional<InventoryEntry>> ask(
      InventoryReader reader, InventorySource source, NodeName node) {
    return reader
        .ask(new Inventory(List.of(source), Inventory.Combine.ANY, false), node)
        .getOrDefault(source.name(), Fact.unknown("not among the answers"));
  }

  private static String why(Fact<Optional<InventoryEntry>> fact) {
    return switch (fact) {
      case Fact.Unknown<Optional<InventoryEntry>>(String why) -> why;
      case Fact.Known<Optional<InventoryEntry>> known -> "known: " + known;
    };
  }
}
