package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.InventorySource.Machines;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.inventory.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineReaderTest {
  private static final String NOT_FOUND = "{\"kind\":\"Status\",\"reason\":\"NotFound\"}";
  private static final String FORBIDDEN = "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}";

  @TempDir private Path directory;

  /** A nodeRef as v1beta1 has it, and as v1beta2 does. */
  private static String nodeRef(String version, String node) {
    return version.equals("v1beta2")
        ? "{\"name\":\"" + node + "\"}"
        : "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"" + node + "\",\"uid\":\"u\"}";
  }

  private static String machine(String name, String status) {
    return """
    {"metadata":{"namespace":"infra","name":"%s","creationTimestamp":"2026-01-02T03:04:05Z"},
     "spec":{"clusterName":"prod"},"status":{%s}}
    """
        .formatted(name, status);
  }

  private static String joined(String version, String name, String node, String address) {
    return machine(
        name,
        """
        "nodeRef":%s,"phase":"Running","addresses":[
          {"type":"Hostname","address":"%s"},
          {"type":"InternalDNS","address":"%s.EC2.internal."},
          {"type":"ExternalDNS","address":""},
          {"type":"Unheard","address":"10.9.9.9"},
          {"type":"InternalIP","address":"%s"}]
        """
            .formatted(nodeRef(version, node), node, node, address));
  }

  private static String list(String... machines) {
    return "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":["
        + String.join(",", machines)
        + "]}";
  }

  private LoopbackServer server(String path, String preferred, String list) {
    return LoopbackServer.start(
        directory,
        false,
        (exchange, body) -> {
          String asked = exchange.getRequestURI().getPath();
          if (asked.equals(path)) {
            LoopbackServer.reply(exchange, 200, list);
          } else if (!preferred.isEmpty() && path.startsWith(asked)) {
            LoopbackServer.reply(
                exchange, 200, "{\"kind\":\"APIGroup\",\"preferredVersion\":" + preferred + "}");
          } else {
            LoopbackServer.reply(exchange, 404, NOT_FOUND);
          }
        });
  }

  private static MachineReader reader(LoopbackServer server) {
    return new MachineReader(ClusterSource.of(server.client()), InstantSource.system());
  }

  private static Machines machines(String group, String... more) {
    List<Optional<String>> given =
        Arrays.stream(more).map(text -> Optional.of(text).filter(t -> !t.isEmpty())).toList();
    return new Machines(
        "machines", group, given.get(0), given.get(1), given.get(2), given.get(3), List.of());
  }

  private static String why(Fact<List<Machine>> fact) {
    return switch (fact) {
      case Fact.Unknown<List<Machine>>(String why) -> why;
      case Fact.Known<List<Machine>> known -> "known: " + known;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "cluster.x-k8s.io,v1alpha4",
    "cluster.x-k8s.io,v1beta1",
    "cluster.x-k8s.io,v1beta2",
    "machine.openshift.io,v1beta1"
  })
  void machines_ofEveryApi_giveTheirNodeNameAndAddresses(String group, String version) {
    try (LoopbackServer server =
            server(
                "/apis/" + group + "/" + version + "/machines",
                "{\"groupVersion\":\"x\",\"version\":\"" + version + "\"}",
                list(
                    joined(version, "m-1", "worker-1", "10.0.0.1"),
                    machine("m-2", "\"phase\":\"\"")));
        MachineReader reader = reader(server)) {
      List<Machine> expected =
          List.of(
              new Machine(
                  "infra/m-1",
                  Instant.parse("2026-01-02T03:04:05Z"),
                  NodeName.parse("worker-1"),
                  new InventoryEntry(
                      Set.of(DnsName.of("worker-1"), DnsName.of("worker-1.ec2.internal")),
                      Set.of(IpAddress.parse("10.0.0.1").orElseThrow()),
                      List.of())),
              new Machine(
                  "infra/m-2",
                  Instant.parse("2026-01-02T03:04:05Z"),
                  Optional.empty(),
                  new InventoryEntry(Set.of(), Set.of(), List.of())));

      assertThat(reader.read(machines(group, "", "", "", ""))).isEqualTo(Fact.known(expected));
      assertThat(reader.read(machines(group, version, "", "", ""))).isEqualTo(Fact.known(expected));
    }
  }

  @Test
  void machines_areAskedForByNamespaceAndLabels() {
    try (LoopbackServer server =
            server("/apis/cluster.x-k8s.io/v1beta1/namespaces/infra/machines", "", list());
        MachineReader reader = reader(server)) {
      assertThat(
              reader.read(
                  machines(
                      "cluster.x-k8s.io",
                      "v1beta1",
                      "infra",
                      "cluster.x-k8s.io/cluster-name=prod",
                      "")))
          .isEqualTo(Fact.known(List.of()));
      assertThat(server.seen())
          .singleElement()
          .asString()
          .contains("labelSelector=cluster.x-k8s.io%2Fcluster-name%3Dprod");
    }
  }

  @Test
  void machines_ofTwoThatNameOneNode_noneIsBelieved() {
    try (LoopbackServer server =
            server(
                "/apis/cluster.x-k8s.io/v1beta1/machines",
                "",
                list(
                    joined("v1beta1", "m-1", "worker-1", "10.0.0.1"),
                    joined("v1beta1", "m-2", "worker-2", "10.0.0.2"),
                    joined("v1beta1", "m-3", "worker-2", "10.0.0.3")));
        MachineReader reader = reader(server)) {
      Fact<List<Machine>> read = reader.read(machines("cluster.x-k8s.io", "v1beta1", "", "", ""));
      assertThat(read).isInstanceOf(Fact.Known.class);
      if (read instanceof Fact.Known<List<Machine>>(List<Machine> known)) {
        assertThat(InventoryDocument.ofMachines(known).nodes())
            .containsOnlyKeys(NodeName.parse("worker-1").orElseThrow());
      }
    }
  }

  @Test
  void anApiThatIsNotThere_isUnknown_andSaysWhatToDo() {
    try (LoopbackServer server = server("/apis/a.b/v1/machines", "", list());
        MachineReader reader = reader(server)) {
      assertThat(why(reader.read(machines("cluster.x-k8s.io", "", "", "", ""))))
          .isEqualTo(
              "no API group cluster.x-k8s.io; set machines.group or machines.kubeconfig; looked in"
                  + " this cluster");
      assertThat(why(reader.read(machines("cluster.x-k8s.io", "v1beta2", "", "", ""))))
          .isEqualTo(
              "no machines.cluster.x-k8s.io of version v1beta2; set machines.version (kubectl get"
                  + " --raw /apis/cluster.x-k8s.io); looked in this cluster");
    }
    try (LoopbackServer server =
            server("/apis/a.b/v1/machines", "{\"version\":\"../v1\"}", list());
        MachineReader reader = reader(server)) {
      assertThat(why(reader.read(machines("a.b", "", "", "", "")))).startsWith("this cluster: ");
    }
  }

  @Test
  void aForbiddenRead_isUnknown_andNamesTheRight() {
    try (LoopbackServer server =
            LoopbackServer.start(
                directory,
                false,
                (exchange, body) -> LoopbackServer.reply(exchange, 403, FORBIDDEN));
        MachineReader reader = reader(server)) {
      assertThat(why(reader.read(machines("machine.openshift.io", "v1beta1", "mapi", "", ""))))
          .isEqualTo(
              "let the approver list machines.machine.openshift.io in namespace mapi: 403 from this"
                  + " cluster");
      assertThat(why(reader.read(machines("machine.openshift.io", "", "", "", ""))))
          .contains("403");
    }
  }

  @Test
  void aKubeconfig_leadsToAnotherCluster_andIsReadAgainWhenItChanges() throws IOException {
    Path management = Files.createDirectory(directory.resolve("management"));
    Path kubeconfig = directory.resolve("kubeconfig");
    Machines source = machines("cluster.x-k8s.io", "v1beta1", "infra", "", kubeconfig.toString());
    String path = "/apis/cluster.x-k8s.io/v1beta1/namespaces/infra/machines";
    try (LoopbackServer here = LoopbackServer.start(directory, false, MachineReaderTest::refuses);
        MachineReader reader = reader(here)) {
      assertThat(why(reader.read(source))).contains(kubeconfig.toString()).contains("no such file");
      try (LoopbackServer there =
          LoopbackServer.start(
              management,
              false,
              (exchange, body) ->
                  LoopbackServer.reply(
                      exchange,
                      exchange.getRequestURI().getPath().equals(path) ? 200 : 404,
                      list(joined("v1beta1", "m-1", "worker-1", "10.0.0.1"))))) {
        Files.writeString(kubeconfig, kubeconfig(there));
        assertThat(reader.read(source)).isInstanceOf(Fact.Known.class);
        Files.writeString(kubeconfig, kubeconfig(there) + "# moved\n" + "current-context: no\n");
        assertThat(why(reader.read(source))).contains(kubeconfig.toString());
        Files.writeString(kubeconfig, kubeconfig(there) + "# back\n");
        assertThat(reader.read(source)).isInstanceOf(Fact.Known.class);
      }
      assertThat(why(reader.read(source))).contains("the cluster of " + kubeconfig);
      assertThat(here.seen()).isEmpty();
    }
  }

  private static void refuses(HttpExchange exchange, String body) throws IOException {
    LoopbackServer.reply(exchange, 403, FORBIDDEN);
  }

  private static String kubeconfig(LoopbackServer server) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - {name: m, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}
    users:
    - {name: m, user: {token: abc}}
    contexts:
    - {name: m, context: {cluster: m, user: m}}
    current-context: m
    """
        .formatted(server.port(), server.directory().resolve("ca.crt"));
  }
}
