package dev.countersign.image.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import dev.countersign.testkit.RequiresTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What registries do that the specification does not have, and what connections do. */
@Timeout(60)
class RegistryFaultsTest {
  private static final int CHUNK = 8 << 20;

  @TempDir Path directory;

  private static RegistryClient impatient(Repository repository) throws IOException {
    // Who waits for a second attempt here does not end in the time of a test.
    return new RegistryClient(
        repository,
        Optional.empty(),
        RegistryHttp.client(Optional.empty(), HttpProxies.none()),
        new RetryPolicy(6, Duration.ofSeconds(30), Duration.ofSeconds(20)));
  }

  private Descriptor blob(int size) throws IOException {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    Files.write(directory.resolve("blob"), content);
    return Descriptor.of(MediaTypes.LAYER, Digest.ofSha256(content), size);
  }

  /** docker-registry answers {@code Range: 0-0} for a session that has nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1000, CHUNK + 1000})
  void upload_whoseFirstChunkIsLost_isWhole(int size) throws Exception {
    var patches = new AtomicInteger();
    try (var registry =
        new FakeRegistry(
            (exchange, _) -> {
              if (exchange.getRequestMethod().equals("PATCH") && patches.getAndIncrement() == 0) {
                throw new IOException("cut off");
              }
              return false;
            })) {
      Descriptor blob = blob(size);
      registry.client().pushBlob(blob, directory.resolve("blob"));
      assertThat(registry.blobs).containsOnlyKeys(blob.digest().toString());
    }
  }

  @Test
  void upload_cutOffInALaterChunk_goesOnWhereItStopped() throws Exception {
    var patches = new AtomicInteger();
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              if (exchange.getRequestMethod().equals("PATCH") && patches.getAndIncrement() == 1) {
                FakeRegistry.answer(exchange, 503, "");
                return true;
              }
              return false;
            })) {
      Descriptor blob = blob(CHUNK + 1000);
      registry.client().pushBlob(blob, directory.resolve("blob"));
      assertThat(registry.blobs).containsOnlyKeys(blob.digest().toString());
      assertThat(registry.requests).filteredOn(each -> each.startsWith("POST")).hasSize(1);
    }
  }

  /** Registries differ in whether a range's end is a byte's number or a count of bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"0-" + CHUNK, "", "0-99999999999", "bytes=0-8388606"})
  void upload_ofASessionWhoseRangeIsWrong_isWholeAllTheSame(String range) throws Exception {
    var patches = new AtomicInteger();
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              if (exchange.getRequestMethod().equals("PATCH") && patches.getAndIncrement() == 1) {
                FakeRegistry.answer(exchange, 500, "");
                return true;
              }
              if (exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getPath());
                exchange.getResponseHeaders().set("Range", range);
                FakeRegistry.answer(exchange, 204, "");
                return true;
              }
              return false;
            })) {
      Descriptor blob = blob(CHUNK + 1000);
      registry.client().pushBlob(blob, directory.resolve("blob"));
      assertThat(registry.blobs).containsOnlyKeys(blob.digest().toString());
    }
  }

  @Test
  void upload_toARegistryThatKnowsNoStatus_beginsAnew() throws Exception {
    var patches = new AtomicInteger();
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              if (exchange.getRequestMethod().equals("PATCH") && patches.getAndIncrement() == 1) {
                FakeRegistry.answer(exchange, 416, "");
                return true;
              }
              if (exchange.getRequestMethod().equals("GET")) {
                FakeRegistry.answer(exchange, 405, "");
                return true;
              }
              return false;
            })) {
      Descriptor blob = blob(CHUNK + 1000);
      registry.client().pushBlob(blob, directory.resolve("blob"));
      assertThat(registry.blobs).containsOnlyKeys(blob.digest().toString());
    }
  }

  @Test
  void upload_whoseLastResponseIsLost_isFoundToBeThere() throws Exception {
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              if (exchange.getRequestMethod().equals("PUT") && self.blobs.isEmpty()) {
                byte[] content = self.uploaded(path(exchange.getRequestURI()));
                self.blobs.put(Digest.ofSha256(content).toString(), content);
                throw new IOException("cut off");
              }
              if (exchange.getRequestMethod().equals("PUT")) {
                FakeRegistry.answer(
                    exchange, 404, "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\"}]}");
                return true;
              }
              return false;
            })) {
      Descriptor blob = blob(1000);
      registry.client().pushBlob(blob, directory.resolve("blob"));
      assertThat(registry.requests).filteredOn(each -> each.startsWith("POST")).hasSize(1);
    }
  }

  private static String path(URI address) {
    return address.getPath().replaceFirst("^/v2/you/kubelet/", "");
  }

  @Test
  void repository_thatIsNotThere_isSaidAtOnce() throws Exception {
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              FakeRegistry.answer(
                  exchange, 404, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no\"}]}");
              return true;
            })) {
      Descriptor blob = blob(1000);
      RegistryClient client = impatient(registry.repository());
      assertThatThrownBy(() -> client.pushBlob(blob, directory.resolve("blob")))
          .hasMessageContaining("got status 404; want 202")
          .hasMessageContaining("make the repository first");
      assertThat(registry.requests).hasSize(2);
    }
  }

  @Test
  void registry_thatIsNotThere_isSaidAtOnce() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    RegistryClient client = impatient(Repository.parse("localhost:" + port + "/you/kubelet"));
    assertThatThrownBy(() -> client.manifest("v1"))
        .hasMessageContaining("localhost:" + port + ": got no connection (")
        .hasMessageContaining("check host and port")
        .hasMessageNotContaining("Exception");
  }

  @Test
  void registry_thatServesTheSubjectAsItsReferrers_hasNone() throws Exception {
    byte[] index =
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"size\":1,\"digest\":\"sha256:%s\"}]}"
            .formatted("0".repeat(64))
            .getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.ofSha256(index);
    try (var registry = new FakeRegistry((_, _) -> false)) {
      registry.manifests.put("sha256-" + digest.hex(), index);
      assertThat(registry.client().referrers(digest)).isEmpty();
    }
  }

  @Test
  void manifest_behindARedirect_isRead() throws Exception {
    byte[] manifest = "{}".getBytes(StandardCharsets.UTF_8);
    try (var other = new FakeRegistry((_, _) -> false);
        var registry =
            new FakeRegistry(
                (exchange, self) -> {
                  exchange
                      .getResponseHeaders()
                      .set(
                          "Location",
                          other.repository().base() + exchange.getRequestURI().getPath());
                  FakeRegistry.answer(exchange, 307, "");
                  return true;
                })) {
      other.manifests.put("v1", manifest);
      assertThat(registry.client().manifest("v1").orElseThrow().descriptor().digest())
          .isEqualTo(Digest.ofSha256(manifest));
    }
  }

  /** A proxy that answers every CONNECT with a refusal, once it has read the head. */
  @Test
  void registry_behindAProxy_isReachedThroughIt_withThePasswordForTheProxy() throws Exception {
    try (var proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> head =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket socket = proxy.accept()) {
                  var read = new ByteArrayOutputStream();
                  while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                    read.write(socket.getInputStream().read());
                  }
                  socket
                      .getOutputStream()
                      .write(
                          "HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"
                              .getBytes(StandardCharsets.US_ASCII));
                  socket.getOutputStream().flush();
                  return read.toString(StandardCharsets.ISO_8859_1);
                } catch (IOException failure) {
                  throw new java.io.UncheckedIOException(failure);
                }
              });
      var proxies =
          new HttpProxies(
              _ -> Optional.of(URI.create("http://me:p%40ss@localhost:" + proxy.getLocalPort())));
      var client =
          new RegistryClient(
              Repository.parse("registry.example/you/kubelet"),
              Optional.empty(),
              RegistryHttp.client(Optional.empty(), proxies),
              new RetryPolicy(1, Duration.ofMillis(1), Duration.ofSeconds(20)));
      assertThatThrownBy(() -> client.manifest("v1")).isInstanceOf(IOException.class);
      assertThat(head.get())
          .startsWith("CONNECT registry.example:443 HTTP/1.1\r\n")
          .contains("Proxy-Authorization: Basic bWU6cEBzcw==\r\n");
    }
  }

  @Test
  void authFile_withOldKeys_isRead() throws IOException {
    Path file = directory.resolve("auth.json");
    for (String key :
        List.of("https://quay.io/v1/", "https://quay.io/v2/", "https://quay.io", "quay.io/v2")) {
      Files.writeString(file, "{\"auths\": {\"%s\": {\"auth\": \"YTpvdXRlcg==\"}}}".formatted(key));
      assertThat(
              new CredentialStore(List.of(file))
                  .find(Repository.parse("quay.io/you/kubelet"))
                  .map(Credentials::basicHeader))
          .as(key)
          .contains("Basic YTpvdXRlcg==");
    }
    Files.writeString(
        file, "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"YTpvdXRlcg==\"}}}");
    assertThat(new CredentialStore(List.of(file)).find(Repository.parse("docker.io/kubelet")))
        .isPresent();
  }

  @Test
  void credentialHelper_thatIsNotThere_isNamed() throws IOException {
    Path file = directory.resolve("auth.json");
    Files.writeString(file, "{\"credHelpers\": {\"https://quay.io/v2/\": \"no-such-helper\"}}");
    assertThatThrownBy(
            () -> new CredentialStore(List.of(file)).find(Repository.parse("quay.io/a/b")))
        .hasMessageContaining("docker-credential-no-such-helper: got no such program")
        .hasMessageContaining(file.toString());
  }

  @Test
  void token_isAskedForTheScopeThatTheRegistryNames() throws Exception {
    var asked = new java.util.concurrent.ConcurrentLinkedQueue<String>();
    HttpServer tokens =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    tokens.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(exchange.getRequestURI().getQuery());
            FakeRegistry.answer(exchange, 200, "{\"token\":\"t\"}");
          }
        });
    tokens.start();
    try (var registry =
        new FakeRegistry(
            (exchange, self) -> {
              if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                exchange
                    .getResponseHeaders()
                    .set(
                        "WWW-Authenticate",
                        "Bearer realm=\"http://localhost:%d/\",service=\"s\",scope=\"repository:x/you:pull\", Basic realm=\"other\""
                            .formatted(tokens.getAddress().getPort()));
                FakeRegistry.answer(exchange, 401, "");
                return true;
              }
              return false;
            })) {
      assertThat(registry.client().manifest("v1")).isEmpty();
      assertThat(asked).containsExactly("service=s&scope=repository:x/you:pull");
    } finally {
      tokens.stop(0);
    }
  }

  @Test
  @RequiresTool("sh")
  void credentialHelper_thatFails_isQuoted() throws Exception {
    Path helper = directory.resolve("docker-credential-broken");
    Files.writeString(
        helper, "#!/bin/sh\ncat >/dev/null\necho 'no keyring \u001b[31m here'\nexit 1\n");
    assertThat(helper.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(
            () ->
                new CredentialHelper(
                        directory.resolve("config.json"), "broken", directory.toString())
                    .get("quay.io"))
        .hasMessageContaining("docker-credential-broken get quay.io: got exit status 1")
        .hasMessageContaining("no keyring")
        .hasMessageNotContaining("\u001b");
    Files.writeString(
        helper, "#!/bin/sh\necho 'credentials not found in native keychain'\nexit 1\n");
    assertThat(
            new CredentialHelper(directory.resolve("config.json"), "broken", directory.toString())
                .get("quay.io"))
        .isEmpty();
  }
}
