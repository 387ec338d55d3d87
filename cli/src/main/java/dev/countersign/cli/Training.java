package dev.countersign.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.cli.terminal.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What the launcher runs once, after a build, to record the classes that a start needs (JEP 514).
 * Only commands without effect on the machine are in it. With the argument {@code approver} an
 * approver runs, too, against an API server of this process on loopback that has one request; the
 * approver's image is trained so.
 */
public final class Training {
  private static final String REQUESTS = "certificatesigningrequests";
  private static final int MOST_SECONDS = 20;
  private static final String ALIAS = "training";
  // Of a key that lives as long as this process and is trusted by nobody else.
  private static final String STORE_PASSWORD = "training";

  private Training() {}

  /** Runs each command of the training with its output thrown away, then ends the process. */
  public static void main(String[] arguments) throws Exception {
    Console console =
        Console.plain(
            new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter(), true));
    for (List<String> command :
        List.of(List.of("--version"), List.of("--help"), List.of("no-such-command"))) {
      int status = Countersign.run(console, command.toArray(String[]::new));
      System.out.println(command + " " + status);
    }
    if (List.of(arguments).contains("approver")) {
      System.out.println("approver decided: " + approver(console));
    }
    System.exit(0);
  }

  private static boolean approver(Console console)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path folder = Files.createTempDirectory("training");
    KeyStore store = selfSigned(folder.resolve("store"));
    var keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, STORE_PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    var decided = new CountDownLatch(1);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, decided));
    server.start();
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: training
        clusters: [{name: training, cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}}]
        users: [{name: training, user: {token: training}}]
        contexts: [{name: training, context: {cluster: training, user: training}}]
        """
            .formatted(server.getAddress().getPort(), pem(store.getCertificate(ALIAS))));
    Thread.ofPlatform()
        .daemon()
        .start(
            () ->
                Countersign.run(
                    console,
                    "approver",
                    "--kubeconfig",
                    kubeconfig.toString(),
                    "--log-format=json"));
    boolean done = decided.await(MOST_SECONDS, TimeUnit.SECONDS);
    Files.deleteIfExists(kubeconfig);
    Files.deleteIfExists(folder.resolve("store"));
    Files.deleteIfExists(folder);
    return done;
  }

  private static String pem(Certificate certificate) throws CertificateEncodingException {
    String text =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
            + "\n-----END CERTIFICATE-----\n";
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

  private static void answer(HttpExchange exchange, CountDownLatch decided) throws IOException {
    try (exchange) {
      String query = exchange.getRequestURI().getRawQuery();
      String path = exchange.getRequestURI().getPath();
      boolean reading = exchange.getRequestMethod().equals("GET");
      if (!reading && path.contains(REQUESTS)) {
        decided.countDown();
      }
      if (reading && query != null && query.contains("watch=")) {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        decided.await(MOST_SECONDS, TimeUnit.SECONDS);
        return;
      }
      exchange.getRequestBody().readAllBytes();
      String items = reading && path.endsWith(REQUESTS) ? request() : "";
      byte[] body =
          ("{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":["
                  + items
                  + "]}")
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** A pending request that is none: it is denied on its own bytes. */
  private static String request() {
    return """
    {"metadata":{"name":"csr-training","resourceVersion":"1","uid":"training",
     "creationTimestamp":"2026-01-01T00:00:00Z"},
     "spec":{"request":"bm9uZQ==","signerName":"kubernetes.io/kubelet-serving","username":"system:node:training",
     "groups":["system:nodes","system:authenticated"],"usages":["digital signature","server auth"]},"status":{}}
    """;
  }
}
