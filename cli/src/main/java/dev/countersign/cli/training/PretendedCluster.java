package dev.countersign.cli.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.proto.ProtoWriting;
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
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of an API server as an approver needs to decide on honest requests, on loopback: Nodes,
 * requests that wait, requests that come later by the watch. It keeps nothing of what is written.
 */
final class PretendedCluster implements AutoCloseable {
  private static final String REQUESTS = "certificatesigningrequests";
  private static final String NODES = "/nodes";
  private static final String JSON = "application/json";
  private static final String PROTOBUF_WATCH = ApiClient.PROTOBUF + ";stream=watch";
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
  private static final int WAITING = 20;
  private static final int LATER = 20;
  private static final String ALIAS = "training";
  // Of a key that lives as long as this process and is trusted by nobody else.
  private static final String STORE_PASSWORD = "training";

  private final HttpsServer server;
  private final Path kubeconfig;
  private final List<byte[]> requests;
  private final CountDownLatch verdicts = new CountDownLatch(WAITING + LATER);

  private PretendedCluster(HttpsServer server, Path kubeconfig, List<byte[]> requests) {
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
    List<byte[]> requests =
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
      if (!exchange.getRequestMethod().equals("GET")) {
        // Written back with a version, as if it had been kept.
        String written =
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        send(
            exchange,
            JSON,
            written
                .replaceFirst("\"metadata\":\\{", "\"metadata\":{\"resourceVersion\":\"2\",")
                .getBytes(StandardCharsets.UTF_8));
        if (path.endsWith("/approval")) {
          verdicts.countDown();
        }
      } else if (query.contains("watch=")) {
        boolean protobuf = path.endsWith(REQUESTS) || path.endsWith(NODES);
        exchange.getResponseHeaders().add("Content-Type", protobuf ? PROTOBUF_WATCH : JSON);
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        if (path.endsWith(REQUESTS)) {
          for (byte[] request : requests.subList(WAITING, WAITING + LATER)) {
            out.write(
                ProtoWriting.watchEvent(
                    "ADDED",
                    ProtoWriting.object(
                        "certificates.k8s.io/v1", "CertificateSigningRequest", request)));
          }
        }
        out.flush();
        verdicts.await();
      } else if (path.endsWith(REQUESTS)) {
        send(exchange, ApiClient.PROTOBUF, list(requests.subList(0, WAITING)));
      } else if (path.endsWith(NODES)) {
        send(
            exchange,
            ApiClient.PROTOBUF,
            list(IntStream.range(0, WAITING + LATER).mapToObj(PretendedCluster::node).toList()));
      } else {
        send(
            exchange,
            JSON,
            "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"
                .getBytes(StandardCharsets.UTF_8));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static byte[] list(List<byte[]> items) {
    return ProtoWriting.object(
        "v1",
        "List",
        ProtoWriting.message(
            out -> {
              out.writeByteArray(1, ProtoWriting.message(list -> list.writeString(2, "1")));
              for (byte[] item : items) {
                out.writeByteArray(2, item);
              }
            }));
  }

  private static String address(int number) {
    return "192.0.2." + (number + 1);
  }

  /** {@code meta/v1.ObjectMeta} with a name, a uid, a version and a time. */
  private static byte[] metadata(String name) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, name);
          out.writeString(5, name);
          out.writeString(6, "1");
          out.writeByteArray(
              8, ProtoWriting.message(time -> time.writeInt64(1, CREATED.getEpochSecond())));
        });
  }

  private static byte[] node(int number) {
    String name = "node-" + number;
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata(name));
          out.writeByteArray(
              3,
              ProtoWriting.message(
                  status -> {
                    status.writeByteArray(5, texts("InternalIP", address(number)));
                    status.writeByteArray(5, texts("Hostname", name));
                  }));
        });
  }

  private static byte[] texts(String first, String second) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, first);
          out.writeString(2, second);
        });
  }

  private static byte[] request(int number, KeyPair pair, SecureRandom random) {
    String node = "node-" + number;
    byte[] address = {(byte) 192, 0, 2, (byte) (number + 1)};
    String pem =
        RequestSigner.kubeletServing(
                node,
                List.of(new SubjectAltName.Dns(node), new SubjectAltName.Ip(Bytes.copyOf(address))),
                pair,
                random)
            .toPem();
    byte[] spec =
        ProtoWriting.message(
            out -> {
              out.writeByteArray(1, pem.getBytes(StandardCharsets.US_ASCII));
              out.writeString(2, "system:node:" + node);
              out.writeString(4, "system:nodes");
              out.writeString(4, "system:authenticated");
              out.writeString(5, "digital signature");
              out.writeString(5, "server auth");
              out.writeString(7, "kubernetes.io/kubelet-serving");
            });
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata("csr-" + number));
          out.writeByteArray(2, spec);
          out.writeByteArray(3, new byte[0]);
        });
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
