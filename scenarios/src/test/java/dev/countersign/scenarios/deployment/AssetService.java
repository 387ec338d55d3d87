package dev.countersign.scenarios.deployment;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.api.Tls;
import dev.countersign.x509.authority.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** An inventory webhook that answers only to clients with a certificate of its authority. */
final class AssetService implements AutoCloseable {
  private final HttpsServer server;
  private final Map<String, String> addresses = new ConcurrentHashMap<>();

  private AssetService(HttpsServer server) {
    this.server = server;
  }

  static AssetService start(CertificateAuthority authority, Identity identity)
      throws IOException, GeneralSecurityException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    AssetService service = new AssetService(server);
    SSLContext context =
        Tls.context(List.of(authority.certificate().x509()), () -> Optional.of(identity));
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/node",
        exchange -> {
          try (exchange) {
            String question =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            byte[] answer = service.answer(question).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    return service;
  }

  private String answer(String question) {
    for (Map.Entry<String, String> known : addresses.entrySet()) {
      if (question.contains("\"" + known.getKey() + "\"")) {
        return "{\"known\":true,\"names\":[\"%s\"],\"addresses\":[\"%s\"]}"
            .formatted(known.getKey(), known.getValue());
      }
    }
    return "{\"known\":false}";
  }

  /** Knows a Node from now on. */
  void add(String node, String address) {
    addresses.put(node, address);
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
