package dev.countersign.cli.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.approver.rehearsal.PretendedApi;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A {@link PretendedApi} by TLS, on loopback: requests that wait, then some by the watch. A process
 * of its own, so that none of its classes are recorded.
 */
final class PretendedCluster implements AutoCloseable {
  /** What a client needs, in the folder that it was started with. */
  static final String KUBECONFIG = "kubeconfig";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int WAITING = 20;
  private static final int LATER = 20;
  private static final String ALIAS = "training";
  // Of a key that lives as long as this process and is trusted by nobody else.
  private static final String STORE_PASSWORD = "training";

  private final HttpsServer server;
  private final PretendedApi api = new PretendedApi(WAITING + LATER);
  private final CountDownLatch closed = new CountDownLatch(1);

  private PretendedCluster(HttpsServer server) {
    this.server = server;
    api.ask(WAITING);
  }

  /**
   * Starts one with the folder for its files, and ends when every request has its verdict: with
   * status 0, or when that took too long with another.
   */
  public static void main(String[] arguments) {
    int status = 1;
    try (PretendedCluster cluster = start(Path.of(arguments[0]))) {
      if (cluster.awaitVerdicts(PATIENCE)) {
        // The last answers are on their way.
        Thread.sleep(200);
        status = 0;
      } else {
        System.err.println("approver: got no verdict on some requests; want one on all");
      }
    } catch (IOException | InterruptedException | GeneralSecurityException e) {
      System.err.println("pretended cluster: " + e);
    } finally {
      // Whatever happens: its server's threads would keep it.
      System.exit(status);
    }
  }

  private static PretendedCluster start(Path folder)
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
    String certificate = pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded());
    String key = pem("PRIVATE KEY", store.getKey(ALIAS, STORE_PASSWORD.toCharArray()).getEncoded());
    String kubeconfig =
        """
        apiVersion: v1
        kind: Config
        current-context: training
        clusters: [{name: training, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
        users: [{name: training, user: {client-certificate-data: %s, client-key-data: %s}}]
        contexts: [{name: training, context: {cluster: training, user: training}}]
        """
            .formatted(server.getAddress().getPort(), certificate, certificate, key);
    PretendedCluster cluster = new PretendedCluster(server);
    server.createContext("/", cluster::answer);
    server.start();
    // Whole as soon as it is there.
    Path draft = Files.writeString(folder.resolve("draft"), kubeconfig);
    Files.move(draft, folder.resolve(KUBECONFIG), StandardCopyOption.ATOMIC_MOVE);
    return cluster;
  }

  private boolean awaitVerdicts(Duration patience) throws InterruptedException {
    if (!api.awaitVerdicts(WAITING, patience)) {
      return false;
    }
    api.ask(LATER);
    return api.awaitVerdicts(LATER, patience);
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
      String target = exchange.getRequestURI().toString();
      if (!PretendedApi.isWatch(target)) {
        PretendedApi.Answer answer =
            api.answer(
                exchange.getRequestMethod(), target, exchange.getRequestBody().readAllBytes());
        exchange.getResponseHeaders().add("Content-Type", answer.type());
        exchange.sendResponseHeaders(200, answer.body().size());
        exchange.getResponseBody().write(answer.body().toByteArray());
        return;
      }
      exchange.getResponseHeaders().add("Content-Type", PretendedApi.watchType(target));
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      out.flush();
      api.watch(target, event -> send(out, event));
      closed.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(OutputStream out, byte[] event) {
    try {
      out.write(event);
      out.flush();
    } catch (IOException gone) {
      // Whoever watched has ended; nobody misses the event.
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
