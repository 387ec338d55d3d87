package dev.countersign.scenarios.remedies;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the pages for operators does what the page says. */
@OnControlPlane
class InstructionsIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  @TempDir private Path directory = Path.of(".");

  private final Set<String> carriedOut = new TreeSet<>();

  @Test
  void everyCommand_isCarriedOut(Cluster cluster) throws Exception {
    Kubectl.apply(cluster, Command.run("manifests").orThrow());
    try (SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode();
        SimulatedKubelet unregistered = cluster.newNode();
        SimulatedKubelet leaving = cluster.registeredNode();
        SimulatedKubelet former = cluster.registeredNode();
        SimulatedKubelet hostile = cluster.registeredNode();
        ApproverManager approver = cluster.startApprover()) {
      unregistered.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
      first.serve(Cluster.KUBELET_PORT);
      addresses(cluster, first, second);
      requests(cluster, second, unregistered);
      nodes(cluster, first, List.of(leaving, former, hostile));
      tokens(cluster);
      theApprover(cluster);
      parsed(cluster);
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    } finally {
      Kubectl.run(
              cluster,
              Command.run("manifests").orThrow(),
              "delete",
              "--ignore-not-found",
              "--wait=false",
              "-f",
              "-")
          .orThrow();
    }
    assertThat(carriedOut).isEqualTo(new TreeSet<>(Instructions.commands()));
  }

  /** Two claim an address: who it is, and how it is settled. */
  private void addresses(Cluster cluster, SimulatedKubelet first, SimulatedKubelet second)
      throws Exception {
    String address = first.address().getHostAddress();
    second.writeStatus(List.of(second.address(), first.address()), Cluster.KUBELET_PORT);
    eventually(
        "the contest to be on record",
        () -> cluster.command("node", "addresses", "--contested").out().contains(address));
    String before =
        send(
            second.asNode(), CsrForge.client(second.name()).withDns(second.name()).withIp(address));
    assertThat(ours(cluster, "countersign csr explain NAME", before).out())
        .contains("AddressOwnedByOtherNode");
    assertThat(ours(cluster, "countersign csr list").out()).contains(before);
    assertThat(ours(cluster, "countersign node addresses --contested").orThrow()).contains(address);
    assertThat(ours(cluster, "countersign node addresses NODE", second.name()).orThrow())
        .contains(address);
    ours(cluster, "countersign node addresses --usage").orThrow();
    ours(cluster, "countersign node addresses --usage | head -50").orThrow();

    ours(cluster, "countersign node addresses --assign ADDRESS=NODE", address + "=" + second.name())
        .orThrow();
    eventually("the approval of what waited", () -> conditions(cluster, before).equals("Approved"));

    ours(
            cluster,
            "countersign node addresses --assign NAME=NODE",
            "storage-" + first.name() + "=" + first.name())
        .orThrow();
  }

  /** Requests that wait, approved by hand. */
  private void requests(Cluster cluster, SimulatedKubelet second, SimulatedKubelet unregistered)
      throws Exception {
    CsrForge early =
        CsrForge.client(unregistered.name())
            .withDns(unregistered.name())
            .withIp(unregistered.address().getHostAddress());
    String missing = send(unregistered.asNode(), early);
    ours(cluster, "countersign csr approve NAME --reason TEXT", missing, "seen").orThrow();
    assertThat(conditions(cluster, missing)).isEqualTo("Approved");

    String wider =
        send(
            second.asNode(),
            CsrForge.client(second.name()).withDns(second.name()).withIp("192.0.2.77"));
    assertThat(cluster.command("csr", "approve", wider, "--reason", "x").err()).contains("--force");
    ours(cluster, "countersign csr approve NAME --reason TEXT --force", wider, "seen").orThrow();
    assertThat(conditions(cluster, wider)).isEqualTo("Approved");

    String persons = send(cluster.operator(), CsrForge.client("somebody").withDns("somebody"));
    kubectl(cluster, "kubectl certificate approve NAME", persons);
    assertThat(conditions(cluster, persons)).isEqualTo("Approved");
    kubectl(
        cluster, "kubectl get csr --field-selector spec.signerName=kubernetes.io/kubelet-serving");
    assertThat(
            kubectl(
                cluster,
                "kubectl auth can-i create certificatesigningrequests --as <user> --as-group"
                    + " system:nodes",
                "system:node:" + second.name()))
        .startsWith("yes");
  }

  private void nodes(Cluster cluster, SimulatedKubelet healthy, List<SimulatedKubelet> deleted)
      throws Exception {
    assertThat(kubectl(cluster, "kubectl get node -o yaml")).contains(healthy.name());
    ours(cluster, "countersign node doctor");
    ours(cluster, "countersign node doctor NAME", healthy.name());
    List<String> commands =
        List.of(
            "countersign node delete NODE",
            "countersign node delete NAME",
            "countersign node delete OLD");
    for (int i = 0; i < commands.size(); i++) {
      String node = deleted.get(i).name();
      ours(cluster, commands.get(i), node).orThrow();
      assertThat(cluster.operator().get("/api/v1/nodes/" + node).status()).isEqualTo(404);
    }
  }

  private void tokens(Cluster cluster) throws Exception {
    String token =
        ours(cluster, "countersign token create --node NODE", "machine-1").orThrow().strip();
    String id = token.replaceFirst("(?s)\\..*", "").replaceFirst("(?s).*\\s", "");
    ours(cluster, "countersign token create --node NAME", "machine-2").orThrow();
    ours(cluster, "countersign token create --node NODE --allow-rejoin", "machine-3").orThrow();
    assertThat(ours(cluster, "countersign token list").orThrow()).contains(id, "machine-2");
    ours(cluster, "countersign token rotate TOKEN", id).orThrow();
    ours(cluster, "countersign token delete TOKEN", id).orThrow();
    assertThat(cluster.command("token", "list").out()).doesNotContain(id);
  }

  private void theApprover(Cluster cluster) throws Exception {
    kubectl(cluster, "kubectl -n countersign-system get pods -o wide");
    kubectl(cluster, "kubectl -n countersign-system get pods");
    kubectl(cluster, "kubectl -n countersign-system describe pods");
    assertThat(
            kubectl(cluster, "kubectl -n countersign-system describe deploy/countersign-approver"))
        .contains("countersign-policy");
    Kubectl.apply(
        cluster,
        """
        apiVersion: coordination.k8s.io/v1
        kind: Lease
        metadata: {name: countersign-approver, namespace: countersign-system}
        spec: {holderIdentity: one, leaseDurationSeconds: 15}
        """);
    assertThat(
            kubectl(
                cluster, "kubectl -n countersign-system get lease countersign-approver -o yaml"))
        .contains("holderIdentity: one");
    kubectl(cluster, "kubectl label namespace NAME metrics=enabled", "kube-public");
    assertThat(
            kubectl(
                cluster,
                "kubectl auth can-i --list"
                    + " --as=system:serviceaccount:countersign-system:countersign-approver"
                    + " | grep signers"))
        .containsPattern("signers.certificates.k8s.io .*kubernetes.io/kubelet-serving.*approve");
    assertThat(
            kubectl(
                cluster,
                "kubectl get clusterrolebindings -o wide | grep certificatesigningrequests:"))
        .contains(
            "certificatesigningrequests:nodeclient", "certificatesigningrequests:selfnodeclient");
    String probe =
        "kubectl create service clusterip probe --clusterip=1.1.1.1 --tcp=80 --dry-run=server";
    carriedOut.add(probe);
    assertThat(run(cluster, probe).err()).contains("The range of valid IPs is 10.");
    Path policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: {moed: Enforce}\n");
    carriedOut.add("countersign manifests --policy FILE");
    Command refused = Command.run("manifests", "--policy", policy.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("spec.moed");
  }

  /** The logs of a pod, which a control plane without kubelets cannot run. */
  private void parsed(Cluster cluster) throws Exception {
    for (String printed : Instructions.commands()) {
      if (printed.startsWith("kubectl -n countersign-system logs ")) {
        carriedOut.add(printed);
        run(cluster, printed.replaceFirst(" \\|.*", "") + " --help").orThrow();
      }
    }
  }

  /** Carries out a command of ours with these in place of its placeholders. */
  private Command ours(Cluster cluster, String printed, String... values) {
    List<String> words = new ArrayList<>(filled(printed, values));
    Command done = cluster.command(words.subList(1, words.size()).toArray(String[]::new));
    assertThat(done.status()).as(printed + "\n" + done.err()).isIn(0, 3);
    return done;
  }

  private String kubectl(Cluster cluster, String printed, String... values) throws Exception {
    carriedOut.add(printed);
    return run(cluster, String.join(" ", filled(printed, values))).orThrow();
  }

  private static Ran run(Cluster cluster, String line) throws Exception {
    List<String> words = List.of(line.split(" ", -1));
    return Kubectl.run(cluster, "", words.subList(1, words.size()).toArray(String[]::new));
  }

  /** The words without what a pipe would cut away. */
  private List<String> filled(String printed, String... values) {
    carriedOut.add(printed);
    List<String> words = new ArrayList<>();
    int next = 0;
    for (String word : printed.replaceFirst(" \\|.*", "").split(" ", -1)) {
      words.add(word.matches("[A-Z]+(=[A-Z]+)?|<\\w+>") ? values[next++] : word);
    }
    assertThat(next).as(printed).isEqualTo(values.length);
    return words;
  }

  private static String send(ApiConnection by, CsrForge forge) throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "remedy-");
    ObjectNode spec = csr.putObject("spec").put("signerName", "kubernetes.io/kubelet-serving");
    spec.put("request", forge.pem().getBytes(StandardCharsets.US_ASCII));
    spec.putArray("usages").add("digital signature").add("server auth");
    return by.post(REQUESTS, csr).orThrow("sending").at("/metadata/name").asText();
  }

  private static String conditions(Cluster cluster, String name) throws Exception {
    return String.join(
        ",",
        cluster
            .operator()
            .get(REQUESTS + "/" + name)
            .orThrow("reading " + name)
            .at("/status/conditions")
            .findValuesAsText("type"));
  }
}
