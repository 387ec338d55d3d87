package dev.countersign.image.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.testkit.LocalRegistry;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes to two real registries on loopback: one plain, one with TLS and a password. */
@RequiresTool({"docker-registry", "skopeo", "openssl"})
final class RegistryTest {
  /** bcrypt of "secret", for the user "pusher". */
  private static final String HTPASSWD =
      "pusher:$2y$05$6XIIakVAvY44bALgK1ypYeE.g.MdtBMW0E22UY7HjG7qq2mjwQH06\n";

  @TempDir Path directory;
  private final List<Process> processes = new ArrayList<>();
  private final List<LocalRegistry> registries = new ArrayList<>();
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (Process each : processes) {
      each.destroy();
      each.waitFor(10, TimeUnit.SECONDS);
    }
    for (LocalRegistry each : registries) {
      each.close();
    }
    servers.forEach(each -> each.stop(0));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void registry(String name, int port, String more) throws Exception {
    registries.add(new LocalRegistry(directory, name, port, more));
  }

  /** An image of two architectures with a layer of so many random bytes, and an SBOM for one. */
  private Layout layout(int bytes) throws IOException {
    Layout layout = Layout.create(directory.resolve("layout"));
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    var entries = new ArrayList<Descriptor>();
    for (Architecture each : Architecture.values()) {
      byte[] content = new byte[bytes];
      new Random(each.elfMachine()).nextBytes(content);
      Descriptor layer = layout.writeBlob(MediaTypes.LAYER, out -> out.write(content));
      ObjectNode config = JsonNodeFactory.instance.objectNode();
      config.put("architecture", each.word()).put("os", "linux");
      config
          .putObject("rootfs")
          .put("type", "layers")
          .putArray("diff_ids")
          .add(layer.digest().toString());
      ObjectNode manifest = JsonNodeFactory.instance.objectNode();
      manifest.put("schemaVersion", 2);
      manifest.put("mediaType", MediaTypes.MANIFEST);
      manifest.set("config", layout.writeJson(MediaTypes.CONFIG, config).toJson());
      manifest.putArray("layers").add(layer.toJson());
      Descriptor image = layout.writeJson(MediaTypes.MANIFEST, manifest).withPlatform(each);
      index.withArray("manifests").add(image.toJson());
      ObjectNode sbom = JsonNodeFactory.instance.objectNode();
      sbom.put("schemaVersion", 2);
      sbom.put("mediaType", MediaTypes.MANIFEST);
      sbom.put("artifactType", MediaTypes.SPDX);
      sbom.set(
          "config",
          layout
              .writeBlob(
                  MediaTypes.EMPTY, out -> out.write("{}".getBytes(StandardCharsets.US_ASCII)))
              .toJson());
      byte[] document =
          ("{\"packages\":[{\"SPDXID\":\"SPDXRef-deb-a\",\"name\":\"a\",\"versionInfo\":\"1\"}],\"n\":\""
                  + each
                  + "\"}")
              .getBytes(StandardCharsets.UTF_8);
      sbom.putArray("layers")
          .add(layout.writeBlob(MediaTypes.SPDX, out -> out.write(document)).toJson());
      sbom.set("subject", Descriptor.of(image.mediaType(), image.digest(), image.size()).toJson());
      entries.add(layout.writeJson(MediaTypes.MANIFEST, sbom).withArtifactType(MediaTypes.SPDX));
    }
    entries.addFirst(
        layout.writeJson(MediaTypes.INDEX, index).withAnnotation(Layout.REF_NAME, "v1.2.3"));
    layout.writeIndex(entries);
    return layout;
  }

  private static TagPlan tags() {
    return TagPlan.of(
        TagScheme.KUBELET,
        "v1.2.3",
        Set.of(Architecture.values()),
        new TagPlan.Build(Optional.of("0123456789abcdef"), Optional.of("v1.2.3"), true));
  }

  private static RegistryClient client(
      Repository repository, Optional<Credentials> credentials, Optional<Path> authority)
      throws IOException {
    return new RegistryClient(
        repository,
        credentials,
        RegistryHttp.client(authority, HttpProxies.none()),
        new RetryPolicy(2, Duration.ofMillis(50), Duration.ofSeconds(60)));
  }

  private String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  /** Makes key.pem and cert.pem for localhost. */
  private void certificate() throws Exception {
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        directory.resolve("key.pem").toString(),
        "-out",
        directory.resolve("cert.pem").toString());
  }

  @Test
  void push_toTwoRegistries_isWholeInBothForOtherClients() throws Exception {
    int plain = freePort();
    int secured = freePort();
    registry("plain", plain, "");
    certificate();
    Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
    registry(
        "secured",
        secured,
        "  tls: {certificate: %s, key: %s}\nauth: {htpasswd: {realm: test, path: %s}}"
            .formatted(
                directory.resolve("cert.pem"),
                directory.resolve("key.pem"),
                directory.resolve("htpasswd")));
    Path authFile = directory.resolve("auth.json");
    Files.writeString(
        authFile,
        "{\"auths\":{\"localhost:%d\":{\"auth\":\"%s\"}}}"
            .formatted(
                secured,
                Base64.getEncoder()
                    .encodeToString("pusher:secret".getBytes(StandardCharsets.UTF_8))));
    Repository first = Repository.parse("http://localhost:" + plain + "/you/kubelet");
    Repository second = Repository.parse("localhost:" + secured + "/you/kubelet");
    Layout layout = layout(100_000);
    var clients =
        List.of(
            client(first, Optional.empty(), Optional.empty()),
            client(
                second,
                new CredentialStore(List.of(authFile)).find(second),
                Optional.of(directory.resolve("cert.pem"))));

    List<Publisher.Outcome> outcomes =
        new Publisher(layout, Progress.silent()).push(clients, tags());

    assertThat(outcomes)
        .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(Publisher.Outcome.Pushed.class));
    String digest = layout.image().digest().toString();
    for (String tag : List.of("v1.2.3", "build-0123456", "build-v1.2.3")) {
      assertThat(
              run(
                  "skopeo",
                  "inspect",
                  "--tls-verify=false",
                  "--format",
                  "{{.Digest}}",
                  "docker://localhost:" + plain + "/you/kubelet:" + tag))
          .isEqualToIgnoringNewLines(digest);
    }
    assertThat(
            run(
                "skopeo",
                "inspect",
                "--raw",
                "--authfile",
                authFile.toString(),
                "--cert-dir",
                certificates().toString(),
                "docker://localhost:" + secured + "/you/kubelet:v1.2.3"))
        .contains("\"architecture\":\"arm64\"")
        .contains("\"architecture\":\"amd64\"");
    run(
        "skopeo",
        "copy",
        "--all",
        "--preserve-digests",
        "--src-tls-verify=false",
        "docker://localhost:" + plain + "/you/kubelet:v1.2.3",
        "oci:" + directory.resolve("pulled") + ":v1.2.3");
    // skopeo lists the images of each architecture beside the index; only the index has the name.
    assertThat(Layout.open(directory.resolve("pulled")).entries())
        .filteredOn(each -> "v1.2.3".equals(each.annotations().get(Layout.REF_NAME)))
        .singleElement()
        .satisfies(each -> assertThat(each.digest().toString()).isEqualTo(digest));
    for (RegistryClient each : clients) {
      Inspection inspection = Inspection.of(each, "v1.2.3");
      assertThat(inspection.platforms()).hasSize(2);
      assertThat(inspection.platforms())
          .allSatisfy(
              platform -> {
                assertThat(platform.sbom()).isPresent();
                assertThat(platform.packages())
                    .extracting(Inspection.Item::name)
                    .containsExactly("a");
              });
      assertThat(Comparison.of(layout, each, "v1.2.3").differences()).isEmpty();
      assertThat(each.manifest("v1.2.3-arm64").orElseThrow().json().has("layers")).isTrue();
    }
  }

  private Path certificates() throws IOException {
    Path certificates = Files.createDirectories(directory.resolve("certs.d"));
    Files.copy(
        directory.resolve("cert.pem"),
        certificates.resolve("ca.crt"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    return certificates;
  }

  @Test
  void push_withoutCredentials_saysWhatToDoAndSetsNoTag() throws Exception {
    int port = freePort();
    Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
    registry(
        "locked",
        port,
        "auth: {htpasswd: {realm: test, path: %s}}".formatted(directory.resolve("htpasswd")));
    Repository repository = Repository.parse("http://localhost:" + port + "/you/kubelet");
    List<Publisher.Outcome> outcomes =
        new Publisher(layout(1000), Progress.silent())
            .push(List.of(client(repository, Optional.empty(), Optional.empty())), tags());
    assertThat(outcomes.getFirst())
        .isInstanceOfSatisfying(
            Publisher.Outcome.Incomplete.class,
            outcome -> {
              assertThat(outcome.why()).contains("got status 401").contains("--authfile");
              assertThat(outcome.tags()).isEmpty();
            });
  }

  /** A relay that stops after so many bytes have gone to the registry, as a dying one would. */
  private int failingRelay(int port, AtomicLong bytesLeft) throws IOException {
    return relay(port, (_, body) -> bytesLeft.addAndGet(-body.length - 1) < 0);
  }

  /** A relay that drops the requests it is told to. */
  private int relay(int port, java.util.function.BiPredicate<String, byte[]> dropped)
      throws IOException {
    HttpServer relay =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    servers.add(relay);
    relay.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    HttpClient through = HttpClient.newHttpClient();
    relay.createContext(
        "/",
        exchange -> {
          try (exchange;
              InputStream in = exchange.getRequestBody()) {
            byte[] body = in.readAllBytes();
            if (dropped.test(exchange.getRequestMethod(), body)) {
              return;
            }
            URI target = URI.create("http://localhost:" + port + exchange.getRequestURI());
            HttpRequest.Builder request = HttpRequest.newBuilder(target);
            for (String name : List.of("Content-Type", "Content-Range", "Accept")) {
              String value = exchange.getRequestHeaders().getFirst(name);
              if (value != null) {
                request.header(name, value);
              }
            }
            request.method(
                exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
            HttpResponse<byte[]> response =
                through.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            response
                .headers()
                .map()
                .forEach(
                    (name, values) -> {
                      if (!name.equalsIgnoreCase("content-length")) {
                        exchange.getResponseHeaders().put(name, values);
                      }
                    });
            response
                .headers()
                .firstValue("Location")
                .map(URI::create)
                .ifPresent(
                    uri ->
                        exchange
                            .getResponseHeaders()
                            .set(
                                "Location",
                                uri.getRawPath()
                                    + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery())));
            boolean empty =
                exchange.getRequestMethod().equals("HEAD") || response.body().length == 0;
            exchange.sendResponseHeaders(
                response.statusCode(), empty ? -1 : response.body().length);
            if (!empty) {
              try (OutputStream out = exchange.getResponseBody()) {
                out.write(response.body());
              }
            }
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    relay.start();
    return relay.getAddress().getPort();
  }

  @Test
  void push_cutOffAnywhere_neverLeavesABrokenTagAndIsCompletedByAnother() throws Exception {
    int port = freePort();
    registry("dying", port, "");
    Layout layout = layout(50_000);
    RegistryClient direct =
        client(
            Repository.parse("http://localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            Optional.empty());
    int incomplete = 0;
    for (long budget :
        new long[] {0, 10, 40_000, 60_000, 101_000, 103_000, 105_000, 107_000, 109_000}) {
      var left = new AtomicLong(budget);
      Repository through =
          Repository.parse("http://localhost:" + failingRelay(port, left) + "/you/kubelet");
      List<Publisher.Outcome> outcomes =
          new Publisher(layout, Progress.silent())
              .push(
                  List.of(
                      new RegistryClient(
                          through,
                          Optional.empty(),
                          RegistryHttp.client(Optional.empty(), HttpProxies.none()),
                          new RetryPolicy(1, Duration.ofMillis(1), Duration.ofSeconds(20)))),
                  tags());
      if (outcomes.getFirst() instanceof Publisher.Outcome.Incomplete) {
        incomplete++;
      }
      if (direct.manifest("v1.2.3").isPresent()) {
        assertThat(Comparison.of(layout, direct, "v1.2.3").differences()).isEmpty();
      }
    }
    assertThat(incomplete).isGreaterThan(2);
    List<Publisher.Outcome> again =
        new Publisher(layout, Progress.silent()).push(List.of(direct), tags());
    assertThat(again.getFirst()).isInstanceOf(Publisher.Outcome.Pushed.class);
    assertThat(Comparison.of(layout, direct, "v1.2.3").differences()).isEmpty();
  }

  @Test
  void push_whoseFirstChunksAreLost_isWhole() throws Exception {
    int port = freePort();
    registry("losing", port, "");
    Layout layout = layout(50_000);
    var patches = new AtomicLong();
    int relay =
        relay(port, (method, _) -> method.equals("PATCH") && patches.incrementAndGet() <= 3);
    RegistryClient through =
        new RegistryClient(
            Repository.parse("http://localhost:" + relay + "/you/kubelet"),
            Optional.empty(),
            RegistryHttp.client(Optional.empty(), HttpProxies.none()),
            new RetryPolicy(5, Duration.ofMillis(1), Duration.ofSeconds(20)));
    List<Publisher.Outcome> outcomes =
        new Publisher(layout, Progress.silent()).push(List.of(through), tags());
    assertThat(outcomes.getFirst()).isInstanceOf(Publisher.Outcome.Pushed.class);
    assertThat(Comparison.of(layout, through, "v1.2.3").differences()).isEmpty();
  }

  @Test
  void registry_ofAnUnknownAuthority_isSaidAtOnce_andSoIsOneThatHasTls() throws Exception {
    int port = freePort();
    certificate();
    registry(
        "unknown",
        port,
        "  tls: {certificate: %s, key: %s}"
            .formatted(directory.resolve("cert.pem"), directory.resolve("key.pem")));
    var patient = new RetryPolicy(6, Duration.ofSeconds(60), Duration.ofSeconds(60));
    var http = RegistryHttp.client(Optional.empty(), HttpProxies.none());
    RegistryClient client =
        new RegistryClient(
            Repository.parse("localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            http,
            patient);
    assertThatThrownBy(() -> client.manifest("v1"))
        .hasMessageContaining("got a certificate that no trusted authority signed")
        .hasMessageContaining("--ca-file FILE");
    RegistryClient plain =
        new RegistryClient(
            Repository.parse("http://localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            http,
            patient);
    assertThatThrownBy(() -> plain.manifest("v1")).hasMessageContaining("this registry has TLS");
  }

  @Test
  void registry_withoutTls_isSaidAtOnce() throws Exception {
    int port = freePort();
    registry("plain", port, "");
    RegistryClient client =
        new RegistryClient(
            Repository.parse("localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            RegistryHttp.client(Optional.empty(), HttpProxies.none()),
            new RetryPolicy(6, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    assertThatThrownBy(() -> client.manifest("v1"))
        .hasMessageContaining("got an answer without TLS; want TLS")
        .hasMessageContaining("--plain-http");
  }

  /** A registry that takes images and no artifacts beside them. */
  @Test
  void push_toARegistryThatRefusesArtifacts_endsOrWarnsAsAsked() throws Exception {
    Layout layout = layout(1000);
    try (var registry =
        new FakeRegistry(
            (exchange, _) -> {
              if (exchange.getRequestMethod().equals("PUT")
                  && exchange.getRequestURI().getPath().contains("/manifests/")) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                if (new String(body, StandardCharsets.UTF_8).contains("artifactType")) {
                  FakeRegistry.answer(
                      exchange, 400, "{\"errors\":[{\"code\":\"MANIFEST_INVALID\"}]}");
                } else {
                  FakeRegistry.answer(exchange, 201, "");
                }
                return true;
              }
              return false;
            })) {
      List<RegistryClient> clients = List.of(registry.client());
      assertThat(new Publisher(layout, Progress.silent()).push(clients, tags()).getFirst())
          .isInstanceOfSatisfying(
              Publisher.Outcome.Incomplete.class,
              outcome ->
                  assertThat(outcome.why())
                      .contains("application/spdx+json of the image was refused")
                      .contains("--allow-missing-sbom"));
      assertThat(
              new Publisher(layout, Progress.silent(), Publisher.Artifacts.OPTIONAL)
                  .push(clients, tags())
                  .getFirst())
          .isInstanceOfSatisfying(
              Publisher.Outcome.Pushed.class,
              outcome ->
                  assertThat(outcome.warnings()).hasSize(2).first().asString().contains("400"));
    }
  }

  @Test
  void plan_saysWhatIsMissing_andWritesNothing() throws Exception {
    Layout layout = layout(1000);
    try (var registry = new FakeRegistry((_, _) -> false)) {
      assertThat(new Publisher(layout, Progress.silent()).plan(List.of(registry.client()), tags()))
          .singleElement()
          .isInstanceOfSatisfying(
              Publisher.Outcome.Planned.class,
              outcome -> {
                assertThat(outcome.missingBlobs()).isEqualTo(outcome.blobs()).isEqualTo(7);
                assertThat(outcome.tags()).contains("v1.2.3", "v1.2.3-arm64");
              });
      assertThat(registry.requests).allMatch(each -> each.startsWith("HEAD "));
    }
  }

  @Test
  void push_withOneRegistryDown_completesTheOther() throws Exception {
    int port = freePort();
    registry("up", port, "");
    Layout layout = layout(1000);
    RegistryClient up =
        client(
            Repository.parse("http://localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            Optional.empty());
    RegistryClient down =
        client(
            Repository.parse("http://localhost:" + freePort() + "/you/kubelet"),
            Optional.empty(),
            Optional.empty());
    List<Publisher.Outcome> outcomes =
        new Publisher(layout, Progress.silent()).push(List.of(down, up), tags());
    assertThat(outcomes.get(0)).isInstanceOf(Publisher.Outcome.Incomplete.class);
    assertThat(outcomes.get(1)).isInstanceOf(Publisher.Outcome.Pushed.class);
  }

  @Test
  void registry_thatServesOtherBytes_isFoundOut() throws Exception {
    int port = freePort();
    registry("liar", port, "");
    Layout layout = layout(1000);
    RegistryClient registry =
        client(
            Repository.parse("http://localhost:" + port + "/you/kubelet"),
            Optional.empty(),
            Optional.empty());
    assertThat(new Publisher(layout, Progress.silent()).push(List.of(registry), tags()))
        .first()
        .isInstanceOf(Publisher.Outcome.Pushed.class);
    Descriptor image = Layout.references("i", layout.readJson(layout.image())).getFirst();
    Descriptor layer = Layout.references("m", layout.readJson(image)).getLast();
    String hex = layer.digest().hex();
    Path stored =
        directory.resolve(
            "liar/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    byte[] bytes = Files.readAllBytes(stored);
    bytes[500] ^= 1;
    Files.write(stored, bytes);
    assertThat(Comparison.of(layout, registry, "v1.2.3").differences())
        .singleElement()
        .asString()
        .contains("want " + layer.digest());
  }

  @Test
  void layout_withAMissingBlob_isPushedNowhere() throws Exception {
    Layout layout = layout(1000);
    Descriptor image = Layout.references("i", layout.readJson(layout.image())).getFirst();
    Files.delete(layout.blob(Layout.references("m", layout.readJson(image)).getLast().digest()));
    assertThatThrownBy(() -> new Publisher(layout, Progress.silent()).push(List.of(), tags()))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("got nothing; want the blob");
  }
}
