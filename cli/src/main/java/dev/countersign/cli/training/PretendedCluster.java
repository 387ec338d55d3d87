package dev.countersign.cli.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of an API server as an approver needs to decide on honest requests, on loopback: Nodes,
 * requests that wait, requests that come later by the watch. It keeps nothing of what is written.
 */
final class PretendedCluster implements AutoCloseable {
  private static final String REQUESTS = "certificatesigningrequests";
  private static final int WAITING = 20;
  private static final int LATER = 20;
  private static final String ALIAS = "training";
  // Of a key that lives as long as this process and is trusted by nobody else.
  private static final String STORE_PASSWORD = "training";

  private final HttpsServer server;
  private final Path kubeconfig;
  private final List<String> requests;
  private final CountDownLatch verdicts = new CountDownLatch(WAITING + LATER);

  private PretendedCluster(HttpsServer server, Path kubeconfig, List<String> requests) {
    this.server = server;
    this.kubeconfig = kubeconfig;
    this.requests = requests;
  }

  /** Starts one; its kubeconfig is put into {@code folder}. */
  static PretendedCluster start(Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    KeyStore store = selfSigned(folder.resolve("store"));
    var keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, STORE_PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    Path kubeconfig = folder.resolve("kubeconfig");
    String certificate = pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
    String key = pem("PRIVATE KEY", store.getKey(ALIAS, STORE_PASSWORD.toCharArray()).getEncoded());
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: training
        clusters: [{name: training, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
        users: [{name: training, user: {client-certificate-data: %s, client-key-data: %s}}]
        contexts: [{name: training, context: {cluster: training, user: training}}]
        """
            .formatted(server.getAddress().getPort(), certificate, certificate, key));
    SecureRandom random = new SecureRandom();
    KeyPair pair = KeyPair.generate(KeySpec.ECDSA_P256, random);
    List<String> requests =
        IntStream.range(0, WAITING + LATER).mapToObj(i -> request(i, pair, random)).toList();
    PretendedCluster cluster = new PretendedCluster(server, kubeconfig, requests);
    server.createContext("/", cluster::answer);
    server.start();
    return cluster;
  }

  /** How to reach it. */
  Path kubeconfig() {
    return kubeconfig;
  }

  /** Waits until every request has its verdict; whether that happened in time. */
  boolean awaitVerdicts(Duration patience) throws InterruptedException {
    return verdicts.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A PEM block as kubeconfigs have it: in base64 once more. */
  private static String pem(String type, byte[] content) {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(type, Base64.getMimeEncoder().encodeToString(content), type);
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static KeyStore selfSigned(Path file)
      throws IOException, InterruptedException, GeneralSecurityException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-dname",
                "CN=training",
                "-ext",
                "san=ip:127.0.0.1",
                "-ext",
                "bc=ca:true",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                STORE_PASSWORD)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: got status " + keytool.exitValue() + "; want 0");
    }
    return KeyStore.getInstance(file.toFile(), STORE_PASSWORD.toCharArray());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = String.valueOf(exchange.getRequestURI().getRawQuery());
      String path = exchange.getRequestURI().getPath();
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      if (!exchange.getRequestMethod().equals("GET")) {
        // Written back with a version, as if it had been kept.
        String written =
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        send(
            exchange,
            written.replaceFirst("\"metadata\":\\{", "\"metadata\":{\"resourceVersion\":\"2\","));
        if (path.endsWith("/approval")) {
          verdicts.countDown();
        }
      } else if (query.contains("watch=")) {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        if (path.endsWith(REQUESTS)) {
          for (String request : requests.subList(WAITING, WAITING + LATER)) {
            String event = "{\"type\":\"ADDED\",\"object\":" + request + "}\n";
            out.write(event.getBytes(StandardCharsets.UTF_8));
          }
        }
        out.flush();
        verdicts.await();
      } else if (path.endsWith(REQUESTS)) {
        send(exchange, list(requests.subList(0, WAITING)));
      } else if (path.endsWith("/nodes")) {
        send(
            exchange,
            list(IntStream.range(0, WAITING + LATER).mapToObj(PretendedCluster::node).toList()));
      } else {
        send(exchange, list(List.of()));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static String list(List<String> items) {
    return items.stream()
        .collect(
            Collectors.joining(
                ",",
                "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[",
                "]}"));
  }

  private static String address(int number) {
    return "192.0.2." + (number + 1);
  }

  private static String node(int number) {
    return """
    {"metadata":{"name":"node-%d","resourceVersion":"1","uid":"node-%d","creationTimestamp":"2026-01-01T00:00:00Z"},\
    "status":{"addresses":[{"type":"InternalIP","address":"%s"},{"type":"Hostname","address":"node-%d"}]}}\
    """
        .formatted(number, number, address(number), number);
  }

  private static String request(int number, KeyPair pair, SecureRandom random) {
    String node = "node-" + number;
    byte[] address = {(byte) 192, 0, 2, (byte) (number + 1)};
    String pem =
        RequestSigner.kubeletServing(
                node,
                List.of(new SubjectAltName.Dns(node), new SubjectAltName.Ip(Bytes.copyOf(address))),
                pair,
                random)
            .toPem();
    return """
    {"metadata":{"name":"csr-%d","resourceVersion":"1","uid":"csr-%d","creationTimestamp":"2026-01-01T00:00:00Z"},\
    "spec":{"request":"%s","signerName":"kubernetes.io/kubelet-serving","username":"system:node:%s",\
    "groups":["system:nodes","system:authenticated"],"usages":["digital signature","server auth"]},"status":{}}\
    """
        .formatted(
            number,
            number,
            Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)),
            node);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
