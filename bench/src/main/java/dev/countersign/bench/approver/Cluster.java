package dev.countersign.bench.approver;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.kube.proto.CertificateSigningRequest;
import dev.countersign.kube.proto.CertificateSigningRequestCondition;
import dev.countersign.kube.proto.CertificateSigningRequestStatus;
import dev.countersign.kube.proto.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

/** What a benchmark does to a cluster, as an administrator and in the name of nodes. */
final class Cluster implements AutoCloseable {
  static final String REQUESTS = CsrObject.COLLECTION;

  /** A request that was created. */
  record Created(String name, String resourceVersion) {}

  private final ApiClient client;
  private final HttpTransport transport;

  Cluster(ClientCredentials credentials) {
    client = new ApiClient(credentials, ApiClientOptions.defaults(), ApiObserver.NONE);
    transport = new HttpTransport(credentials, "countersign-bench", Duration.ofSeconds(10));
  }

  ApiClient client() {
    return client;
  }

  static String node(int number) {
    return "bench-" + number;
  }

  static String address(int number) {
    return "172." + (16 + number / 50_000) + "." + (number / 250 % 200) + "." + (1 + number % 250);
  }

  /**
   * Creates a Node with a host name and an address.
   *
   * @param bulk about how many bytes of images its status has besides
   */
  void createNode(int number, int bulk) {
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeObjectFieldStart("metadata");
              out.writeStringField("name", node(number));
              out.writeEndObject();
              out.writeObjectFieldStart("status");
              out.writeArrayFieldStart("addresses");
              for (List<String> pair :
                  List.of(
                      List.of("InternalIP", address(number)), List.of("Hostname", node(number)))) {
                out.writeStartObject();
                out.writeStringField("type", pair.get(0));
                out.writeStringField("address", pair.get(1));
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeArrayFieldStart("images");
              for (int i = 0; i < bulk / 150; i++) {
                out.writeStartObject();
                out.writeArrayFieldStart("names");
                out.writeString("registry.example.com/team/image-" + i + ":v1.2." + number);
                out.writeString(
                    "registry.example.com/team/image-" + i + "@sha256:" + "0123abcd".repeat(8));
                out.writeEndArray();
                out.writeNumberField("sizeBytes", 50_000_000 + i);
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeEndObject();
            });
    ApiResult<Boolean> outcome =
        client.create(ApiQuery.path("api", "v1", "nodes"), body, JsonReading::skipped);
    boolean there =
        outcome instanceof ApiResult.Refused<Boolean>(ApiStatus status)
            && status.reason() == StatusReason.ALREADY_EXISTS;
    if (!there) {
      require(outcome);
    }
  }

  /** Writes the addresses of a Node, of type InternalIP, as its kubelet would. */
  void writeAddresses(int number, List<String> addresses) {
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeObjectFieldStart("status");
              out.writeArrayFieldStart("addresses");
              for (String address : addresses) {
                out.writeStartObject();
                out.writeStringField("type", "InternalIP");
                out.writeStringField("address", address);
                out.writeEndObject();
              }
              out.writeEndArray();
              out.writeEndObject();
            });
    require(
        client.patch(
            ApiQuery.path("api", "v1", "nodes", node(number), "status"),
            ApiClient.MERGE_PATCH,
            body,
            JsonReading::skipped));
  }

  /** Creates a request in the name of a node, as its kubelet would. */
  Created createRequest(String name, int number, String pem) throws IOException {
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeObjectFieldStart("metadata");
              out.writeStringField("name", name);
              out.writeEndObject();
              out.writeObjectFieldStart("spec");
              out.writeStringField("signerName", "kubernetes.io/kubelet-serving");
              out.writeBinaryField("request", pem.getBytes(StandardCharsets.US_ASCII));
              out.writeArrayFieldStart("usages");
              out.writeString("digital signature");
              out.writeString("server auth");
              out.writeEndArray();
              out.writeEndObject();
            });
    HttpRequest request =
        HttpRequest.of(
                HttpRequest.Method.POST, REQUESTS, ApiClient.METADATA_ONLY, Duration.ofSeconds(60))
            .withBody(ApiClient.JSON, body)
            .withHeader("Impersonate-User", "system:node:" + node(number))
            .withHeader("Impersonate-Group", "system:nodes")
            .withHeader("Impersonate-Group", "system:authenticated");
    try (HttpResponse response = transport.send(request)) {
      if (response.status() != 201) {
        throw new IOException("create " + name + ": got " + response.status());
      }
      try (JsonParser parser = JsonReading.parser(response.body())) {
        parser.nextToken();
        String version = version(parser);
        response.body().readAllBytes();
        return new Created(name, version);
      }
    }
  }

  private static String version(JsonParser parser) throws IOException {
    var meta = new ObjectMeta();
    JsonReading.object(
        parser,
        section -> {
          if (section.equals("metadata")) {
            meta.read(parser);
          }
        });
    return meta.resourceVersion();
  }

  /** Approves without checks: the write alone, once more where it comes to a conflict. */
  void approveUnchecked(Created created) {
    ApiResult<Boolean> outcome = approve(created);
    if (outcome instanceof ApiResult.Refused<Boolean>(ApiStatus status)
        && status.reason() == StatusReason.CONFLICT) {
      // Seen once in a hundred thousand, with nobody else there: sent twice on the way, it seems.
      String now = require(client.get(REQUESTS + "/" + created.name(), Cluster::version));
      outcome = approve(new Created(created.name(), now));
    }
    require(outcome);
  }

  /** The write of an approver, in the same form. */
  private ApiResult<Boolean> approve(Created created) {
    CertificateSigningRequest request =
        CertificateSigningRequest.newBuilder()
            .setMetadata(
                dev.countersign.kube.proto.ObjectMeta.newBuilder()
                    .setName(created.name())
                    .setResourceVersion(created.resourceVersion()))
            .setStatus(
                CertificateSigningRequestStatus.newBuilder()
                    .addConditions(
                        CertificateSigningRequestCondition.newBuilder()
                            .setType("Approved")
                            .setReason("Bench")
                            .setMessage("approved without checks")
                            .setStatus("True")))
            .build();
    return client.put(
        REQUESTS + "/" + created.name() + "/approval",
        Envelope.write("certificates.k8s.io/v1", "CertificateSigningRequest", request));
  }

  /** Deletes the Nodes from one number to before another. */
  void deleteNodes(int from, int to) throws InterruptedException {
    inParallel(to - from, i -> client.delete(ApiQuery.path("api", "v1", "nodes", node(from + i))));
  }

  /** Deletes all requests, those of others too. */
  void clean() {
    ApiResult<Boolean> outcome = client.delete(REQUESTS);
    for (int i = 0; i < 100 && isUnfinished(outcome); i++) {
      // Tens of thousands take minutes, and neither side waits so long; what was deleted stays
      // deleted.
      outcome = client.delete(REQUESTS);
    }
    require(outcome);
  }

  private static boolean isUnfinished(ApiResult<Boolean> outcome) {
    return switch (outcome) {
      case ApiResult.Done<Boolean> _ -> false;
      case ApiResult.Refused<Boolean>(ApiStatus status) -> status.transientFault();
      case ApiResult.Unreachable<Boolean> _ -> true;
    };
  }

  /** Does something {@code count} times, 32 at a time, and returns how long it took. */
  static Duration inParallel(int count, IntConsumer work) throws InterruptedException {
    Semaphore permits = new Semaphore(32);
    Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    long started = System.nanoTime();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int number = i;
        permits.acquire();
        executor.execute(
            () -> {
              try {
                work.accept(number);
              } catch (RuntimeException e) {
                failures.add(e);
              } finally {
                permits.release();
              }
            });
      }
    }
    RuntimeException first = failures.peek();
    if (first != null) {
      throw new IllegalStateException(
          failures.size() + " of " + count + " calls did not succeed", first);
    }
    return Duration.ofNanos(System.nanoTime() - started);
  }

  private static <T> T require(ApiResult<T> outcome) {
    if (outcome instanceof ApiResult.Done<T>(T answer)) {
      return answer;
    }
    throw new IllegalStateException("the API server: " + outcome);
  }

  @Override
  public void close() {
    client.close();
    transport.close();
  }
}
