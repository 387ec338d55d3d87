package dev.countersign.image.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryClientTest {
  private static final int ATTEMPTS = 4;

  /** Patience is for one request; an upload of several must not multiply it. */
  @Test
  void pushBlob_registryGoneInTheMiddle_givesUpSoon(@TempDir Path directory) throws Exception {
    Path blob = Files.writeString(directory.resolve("blob"), "x".repeat(1000));
    AtomicBoolean gone = new AtomicBoolean();
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          String method = exchange.getRequestMethod();
          if (method.equals("PATCH")) {
            gone.set(true);
          }
          if (gone.get()) {
            // The connection is closed without a word.
            throw new IOException("gone");
          }
          try (exchange) {
            exchange.getResponseHeaders().add("Location", "/upload");
            exchange.sendResponseHeaders(method.equals("HEAD") ? 404 : 202, -1);
          }
        });
    server.start();
    try {
      RegistryClient client =
          new RegistryClient(
              Repository.parse(
                  "http://localhost:" + server.getAddress().getPort() + "/you/kubelet"),
              Optional.empty(),
              RegistryHttp.client(Optional.empty(), HttpProxies.none()),
              new RetryPolicy(ATTEMPTS, Duration.ofMillis(1), Duration.ofSeconds(20)));

      Descriptor descriptor =
          Descriptor.of(
              MediaTypes.LAYER, Digest.ofSha256(Files.readAllBytes(blob)), Files.size(blob));
      assertThatThrownBy(() -> client.pushBlob(descriptor, blob))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(ATTEMPTS + " attempts");

      assertThat(gone).isTrue();
      // HEAD, POST, PATCH, then so many questions where it stopped; java.net.http asks twice.
      assertThat(requests.get()).isLessThanOrEqualTo(3 + 2 * ATTEMPTS + 1);
    } finally {
      server.stop(0);
    }
  }
}
