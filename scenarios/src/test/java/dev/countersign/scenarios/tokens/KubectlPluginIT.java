package dev.countersign.scenarios.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testkit.CsrForge;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl countersign}: the real kubectl finds the plugin, calls it and completes it. */
@OnControlPlane
class KubectlPluginIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  @Test
  void kubectl_callsThePlugin_andCompletesNamesOfTheCluster(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path kubeconfig = strict.cluster().plane().layout().adminKubeconfig();
    ApiConnection operator = strict.cluster().operator();
    CountersignProcess.program(directory.resolve("kubectl-countersign"));
    StringWriter completion = new StringWriter();
    Countersign.run(
        Console.plain(new PrintWriter(completion, true), new PrintWriter(new StringWriter())),
        "completion",
        "kubectl");
    script(directory.resolve("kubectl_complete-countersign"), completion.toString());
    String id =
        new ObjectMapper()
            .readTree(
                strict
                    .cluster()
                    .command("token", "create", "--node", "plugin-1", "-o", "json")
                    .orThrow())
            .path("id")
            .asText();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("apiVersion", "v1").put("kind", "Node").putObject("metadata").put("name", "plugin-1");
    operator.post("/api/v1/nodes", node).orThrow("creating a Node");
    for (String name : List.of("plugin-request", "plugin-$(reboot)")) {
      operator.post(REQUESTS, request(name)).orThrow("sending a request");
    }
    String flag = "--kubeconfig=" + kubeconfig;
    // the two seconds that a person has are too short where many tests share a machine
    String wait = "--request-timeout=60s";

    assertThat(kubectl(strict, directory, "countersign", "token", "list", flag, "-o", "json"))
        .contains('"' + id + '"');
    assertThat(
            kubectl(
                strict, directory, "__complete", "countersign", "token", "rotate", flag, wait, ""))
        .contains(id)
        .contains(":4");
    assertThat(
            kubectl(
                strict,
                directory,
                "__complete",
                "countersign",
                "node",
                "drain",
                flag,
                wait,
                "plug"))
        .contains("plugin-1");
    assertThat(
            kubectl(
                strict, directory, "__complete", "countersign", "csr", "deny", flag, wait, "plug"))
        .contains("plugin-request")
        .doesNotContain("reboot");
    operator.delete("/api/v1/nodes/plugin-1").orThrow("deleting a Node");
  }

  private static ObjectNode request(String name) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("name", name);
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder()
            .encodeToString(CsrForge.client("x").pem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", "example.com/nobodys");
    spec.putArray("usages").add("client auth");
    return csr;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private static String kubectl(StrictCluster strict, Path directory, String... words)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(strict.cluster().plane().binaries().file(Program.KUBECTL).toString());
    command.addAll(List.of(words));
    String path = directory + ":" + System.getenv("PATH");
    return Ran.run("", Map.of("PATH", path), command).orThrow();
  }
}
