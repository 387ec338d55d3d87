package dev.countersign.scenarios.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kubeconfig means to our commands what it means to kubectl, shown side by side. */
@OnControlPlane
class KubeconfigIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

  @TempDir private Path directory = Path.of(".");
  private Cluster cluster;
  private String authority = "";
  private String admin = "";
  private URI server = URI.create("https://127.0.0.1");

  KubeconfigIT(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void read() throws IOException {
    String text = Files.readString(cluster.plane().layout().adminKubeconfig());
    authority = "certificate-authority-data: " + field(text, "certificate-authority-data");
    admin =
        "client-certificate-data: %s, client-key-data: %s"
            .formatted(field(text, "client-certificate-data"), field(text, "client-key-data"));
    server = cluster.plane().server();
  }

  private static String field(String text, String name) {
    return Pattern.compile(name + ": *(\\S+)")
        .matcher(text)
        .results()
        .findFirst()
        .orElseThrow(() -> new AssertionError(name))
        .group(1);
  }

  private Path kubeconfig(String cluster, String users) throws IOException {
    return Files.writeString(
        directory.resolve("config"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: rack, cluster: {%s}}]
        users: [%s]
        contexts: [{name: here, context: {cluster: rack, user: ada}}]
        current-context: here
        """
            .formatted(cluster, users));
  }

  private Path by(String user) throws IOException {
    return kubeconfig(
        "server: '" + server + "', " + authority, "{name: ada, user: {" + user + "}}");
  }

  private Path reaching(String cluster) throws IOException {
    return kubeconfig(cluster, "{name: ada, user: {" + admin + "}}");
  }

  /** What kubectl said: its status, and both of its streams. */
  private record Kubectl(int status, String text) {}

  private Kubectl kubectl(Path kubeconfig, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(cluster.plane().binaries().file(Program.KUBECTL).toString());
    builder.command().addAll(List.of(words));
    builder.command().add("--kubeconfig=" + kubeconfig);
    builder.environment().put("HOME", directory.toString());
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Kubectl(process.waitFor(), text);
  }

  /** Who the API server takes a kubeconfig's user for, asked by us. */
  private static JsonNode whoAmI(Path kubeconfig) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", "authentication.k8s.io/v1").put("kind", "SelfSubjectReview");
    try (ClusterAccess access =
        ClusterAccess.open(
            new ClusterAccess.Options(
                Optional.of(kubeconfig),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Duration.ofSeconds(30))))) {
      return access.send("POST", REVIEWS, review).at("/status/userInfo");
    }
  }

  private void sameAsKubectl(Path kubeconfig) throws Exception {
    Kubectl kubectl = kubectl(kubeconfig, "auth", "whoami", "-o", "json");
    assertThat(kubectl.status()).as(kubectl.text()).isZero();
    ObjectNode theirs = (ObjectNode) JSON.readTree(kubectl.text()).at("/status/userInfo");
    ObjectNode ours = (ObjectNode) whoAmI(kubeconfig);
    for (ObjectNode one : List.of(theirs, ours)) {
      if (one.path("extra") instanceof ObjectNode extra) {
        extra.remove("authentication.kubernetes.io/credential-id");
      }
    }
    assertThat(ours).isEqualTo(theirs);
  }

  /** Both refuse; ours is a usage error, and says where. */
  private Command refusedByBoth(Path kubeconfig, int status, String where) throws Exception {
    assertThat(kubectl(kubeconfig, "get", "nodes", "--request-timeout=10s").status()).isNotZero();
    Command ours = cluster.commandBy(kubeconfig, "token", "list", "--request-timeout=10s");
    assertThat(ours.status()).as(ours.err()).isEqualTo(status);
    assertThat(ours.err()).contains(where);
    return ours;
  }

  @Test
  void whoTheUserActsAs_isWhoAsks() throws Exception {
    Path acting =
        by(
            admin
                + ", as: nobody@example.com, as-uid: '7', as-groups: [a, b],"
                + " as-user-extra: {example.com/reason: [first, second]}");
    sameAsKubectl(acting);
    assertThat(whoAmI(acting).path("username").asText()).isEqualTo("nobody@example.com");
    Command created = cluster.commandBy(acting, "token", "create");
    assertThat(created.status()).isEqualTo(1);
    assertThat(created.out()).isEmpty();
    assertThat(created.err()).contains("403", "nobody@example.com");
    refusedByBoth(by(admin + ", as-groups: [a]"), 2, "users[ada].user.as-groups");
  }

  @Test
  void tokenFile_isRead_besideItsKubeconfig() throws Exception {
    Files.writeString(directory.resolve("token"), serviceAccountToken() + "\n");
    Path kubeconfig = by("tokenFile: token");
    sameAsKubectl(kubeconfig);
    assertThat(whoAmI(kubeconfig).path("username").asText())
        .isEqualTo("system:serviceaccount:default:kubeconfig");
  }

  @Test
  void execPlugin_isRun_besideItsKubeconfig() throws Exception {
    Path plugin =
        Files.writeString(
            directory.resolve("plugin"),
            """
            #!/bin/sh
            case "$KUBERNETES_EXEC_INFO" in *'"server":"%s"'*) ;; *) exit 7;; esac
            echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
              "status": {"token": "'$TOKEN'"}}'
            """
                .formatted(server));
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
    String exec =
        "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,"
            + " command: ./plugin, provideClusterInfo: true, env: [{name: TOKEN, value: '%s'}]}"
                .formatted(serviceAccountToken());
    sameAsKubectl(by(exec));
    refusedByBoth(by(exec.replace("./plugin", "./absent")), 2, "users[ada].user.exec.command");
  }

  private String serviceAccountToken() throws Exception {
    ObjectNode account = JsonNodeFactory.instance.objectNode();
    account.putObject("metadata").put("name", "kubeconfig");
    // There already for the second test.
    cluster.operator().post("/api/v1/namespaces/default/serviceaccounts", account);
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request.putObject("spec").put("expirationSeconds", 3600);
    return cluster
        .operator()
        .post("/api/v1/namespaces/default/serviceaccounts/kubeconfig/token", request)
        .orThrow("asking for a token")
        .at("/status/token")
        .asText();
  }

  @Test
  void tlsServerName_isWhoMustAnswer() throws Exception {
    String here = "server: '" + server + "', " + authority;
    sameAsKubectl(reaching(here + ", tls-server-name: kubernetes.default.svc"));
    refusedByBoth(reaching(here + ", tls-server-name: wrong.example.com"), 1, "API server");
    // A tunnel: at an address that the certificate is not for.
    try (Relay relay = new Relay("127.0.0.77", this::serverSocket)) {
      String there = "server: 'https://127.0.0.77:" + relay.port() + "', " + authority;
      sameAsKubectl(reaching(there + ", tls-server-name: kubernetes.default.svc"));
      refusedByBoth(reaching(there), 1, "API server");
    }
  }

  @Test
  void proxyUrl_isTheWay() throws Exception {
    // Neither of us can reach it without.
    String away = "server: 'https://kubernetes.default.svc:" + server.getPort() + "', " + authority;
    try (Relay http = new Relay("127.0.0.1", this::httpTunnel);
        Relay socks = new Relay("127.0.0.1", this::socksTunnel)) {
      sameAsKubectl(reaching(away + ", proxy-url: 'http://127.0.0.1:" + http.port() + "'"));
      sameAsKubectl(reaching(away + ", proxy-url: 'socks5://127.0.0.1:" + socks.port() + "'"));
      assertThat(http.served()).isPositive();
      assertThat(socks.served()).isPositive();
    }
    refusedByBoth(
        reaching(away + ", proxy-url: 'socks5://127.0.0.1:1'"), 1, "socks5://127.0.0.1:1");
    refusedByBoth(reaching(away + ", proxy-url: 'ftp://a'"), 2, "clusters[rack].cluster.proxy-url");
  }

  @Test
  void whatKubectlRefuses_isRefused_byItsPath() throws Exception {
    String here = "server: '" + server + "', " + authority;
    refusedByBoth(
        kubeconfig(here, "{name: ada, user: {" + admin + "}}, {name: ada, user: {}}"),
        2,
        "users[1].name: got \"ada\" a second time");
    refusedByBoth(
        reaching(here + ", insecure-skip-tls-verify: true"),
        2,
        "clusters[rack].cluster.insecure-skip-tls-verify");
    refusedByBoth(
        reaching("server: '" + server + "', certificate-authority-data: '!!'"),
        2,
        "clusters[rack].cluster.certificate-authority-data");
    refusedByBoth(
        reaching("server: '" + server + "', certificate-authority: absent.crt"),
        2,
        "clusters[rack].cluster.certificate-authority");
  }

  private Socket serverSocket(Socket unused) throws IOException {
    return new Socket(server.getHost(), server.getPort());
  }

  private Socket httpTunnel(Socket client) throws IOException {
    StringBuilder head = new StringBuilder();
    InputStream in = client.getInputStream();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.read());
    }
    if (!head.toString().startsWith("CONNECT kubernetes.default.svc:")) {
      throw new IOException(head.toString());
    }
    client
        .getOutputStream()
        .write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return serverSocket(client);
  }

  private Socket socksTunnel(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    in.readNBytes(in.readNBytes(2)[1]);
    client.getOutputStream().write(new byte[] {5, 0});
    in.readNBytes(4);
    in.readNBytes(in.read() + 2);
    client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    return serverSocket(client);
  }

  /** Passes bytes on, both ways. */
  private static final class Relay implements AutoCloseable {
    interface Target {
      Socket open(Socket client) throws IOException;
    }

    private final ServerSocket listener;
    private final AtomicInteger served = new AtomicInteger();

    Relay(String address, Target target) throws IOException {
      listener = new ServerSocket(0, 50, InetAddress.getByName(address));
      Thread.ofVirtual()
          .start(
              () -> {
                while (!listener.isClosed()) {
                  try {
                    Socket client = listener.accept();
                    Thread.ofVirtual().start(() -> serve(client, target));
                  } catch (IOException e) {
                    return;
                  }
                }
              });
    }

    private void serve(Socket client, Target target) {
      try (client;
          Socket server = target.open(client)) {
        served.incrementAndGet();
        Thread back = Thread.ofVirtual().start(() -> copy(server, client));
        copy(client, server);
        back.join();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void copy(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
        to.shutdownOutput();
      } catch (IOException e) {
        // The other side has hung up.
      }
    }

    int port() {
      return listener.getLocalPort();
    }

    int served() {
      return served.get();
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
