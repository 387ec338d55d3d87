package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.terminal.Console;
import dev.countersign.testkit.CsrForge;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code csr list --watch} reads and prints. */
@Timeout(60)
class CsrListWatchTest {
  private static final String NODES = "GET /api/v1/nodes";
  private static final String CHANGED = "{\"metadata\":{\"name\":\"x\",\"resourceVersion\":\"2\"}}";

  @TempDir private Path directory = Path.of(".");
  private final FakeApiServer server;
  private final PipedWriter out = new PipedWriter();
  private final BufferedReader printed;
  private final PipedWriter err = new PipedWriter();
  private final BufferedReader told;

  CsrListWatchTest() throws IOException {
    server = new FakeApiServer();
    printed = new BufferedReader(new PipedReader(out));
    told = new BufferedReader(new PipedReader(err));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static String request(String name) {
    String pem = CsrForge.client("worker-1").withDns("worker-1").withIp("192.0.2.10").pem();
    return """
    {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
     "metadata": {"name": "%s", "uid": "%s", "creationTimestamp": "2026-11-22T01:00:00Z"},
     "spec": {"request": "%s", "signerName": "kubernetes.io/kubelet-serving",
              "username": "system:node:worker-1",
              "groups": ["system:nodes", "system:authenticated"],
              "usages": ["digital signature", "server auth"]}}
    """
        .formatted(
            name,
            name,
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  private Thread watch(String... more) throws IOException {
    String[] words = {"csr", "list", "-w", "--kubeconfig=" + server.kubeconfig(directory)};
    String[] all = new String[words.length + more.length];
    System.arraycopy(words, 0, all, 0, words.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Thread.ofPlatform()
        .start(
            () ->
                Countersign.run(
                    Console.plain(new PrintWriter(out, true), new PrintWriter(err, true)), all));
  }

  private int readings() {
    return Collections.frequency(server.seen(), NODES);
  }

  @Test
  void clusterIsReadOnceAtStart_andOnceForEachChange() throws Exception {
    serve();
    Thread watch = watch("-o", "name");
    assertThat(printed.readLine()).endsWith("/a");
    server.requests(request("a"), request("b"));
    server.event("ADDED", CHANGED);
    assertThat(printed.readLine()).endsWith("/b");
    assertThat(readings()).isEqualTo(2);
    end(watch);
  }

  @Test
  void errorOfTheApiServer_isAWarning_andTheWatchGoesOn() throws Exception {
    serve();
    Thread watch = watch("-o", "name");
    assertThat(printed.readLine()).endsWith("/a");
    server.requests(request("a"), request("b")).forbid(NODES);
    server.event("ADDED", CHANGED);
    String line = told.readLine();
    while (!line.contains("403")) {
      line = told.readLine();
    }
    assertThat(line).startsWith("warning: API server http://127.0.0.1:");

    server.list("/api/v1/nodes", "v1", "Node");
    server.event("MODIFIED", CHANGED);
    assertThat(printed.readLine()).endsWith("/b");
    end(watch);
  }

  @Test
  void errorAtStart_endsIt() throws Exception {
    serve();
    server.forbid(NODES);
    watch().join();
    assertThat(told.readLine()).startsWith("error: API server http://127.0.0.1:");
  }

  private void serve() {
    server.requests(request("a"));
    server.list("/api/v1/nodes", "v1", "Node");
    server.list("/api/v1/services", "v1", "Service");
    server.list(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        "discovery.k8s.io/v1",
        "EndpointSlice");
    server.list("/api/v1/configmaps", "v1", "ConfigMap");
    server.list("/api/v1/namespaces/kube-system/configmaps", "v1", "ConfigMap");
    server.list("/apis/apps/v1/deployments", "apps/v1", "Deployment");
    server.list("/apis/apps/v1/daemonsets", "apps/v1", "DaemonSet");
    server.list("/api/v1/pods", "v1", "Pod");
  }

  private static void end(Thread watch) throws InterruptedException {
    watch.interrupt();
    watch.join();
  }
}
