package dev.countersign.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.json.JsonReading;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ApiClientTest {
  private static final ListOptions NODES = ListOptions.all(ApiQuery.path("api", "v1", "nodes"));
  private static final ObjectDecoder<String> NAMES = ObjectDecoder.ofJson(ApiClientTest::name);

  private static String name(com.fasterxml.jackson.core.JsonParser parser)
      throws java.io.IOException {
    List<String> names = new ArrayList<>();
    JsonReading.object(
        parser,
        section -> {
          if (section.equals("metadata")) {
            JsonReading.object(
                parser,
                field -> {
                  if (field.equals("name")) {
                    names.add(JsonReading.string(parser));
                  }
                });
          }
        });
    return String.join(",", names);
  }

  @Test
  void get_objectWithFieldsNotAskedFor_onlyThoseAskedForAreRead() {
    String body = "{\"spec\":{\"deep\":[[{}]]},\"metadata\":{\"name\":\"a\",\"labels\":{}}}\n";
    try (FakeApiServer server = FakeApiServer.start(FakeApiServer.answering(200, body));
        ApiClient client = server.client()) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.get("/x", ApiClientTest::name)).isEqualTo(new ApiResult.Done<>("a"));
      }
      assertThat(server.connections()).as("kept alive").isEqualTo(1);
    }
  }

  @Test
  void get_statusObject_isRefusedWithItsReason() {
    try (FakeApiServer server =
            FakeApiServer.start(
                FakeApiServer.answering(
                    404,
                    "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"message\":\"no\\u001bsuch\","
                        + "\"code\":404}"));
        ApiClient client = server.client()) {
      ApiResult<String> outcome = client.get("/x", ApiClientTest::name);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              ApiResult.Refused.class,
              refused -> {
                assertThat(refused.status().reason()).isEqualTo(StatusReason.NOT_FOUND);
                assertThat(refused.status().message()).isEqualTo("no\\u001bsuch");
              });
    }
  }

  @Test
  void get_throttledWithRetryAfter_isRepeated() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (n < 2) {
                    FakeApiServer.json(out, 429, "{\"code\":429}", "Retry-After: 1");
                  } else {
                    FakeApiServer.json(out, 200, "{\"metadata\":{\"name\":\"b\"}}");
                  }
                  return true;
                });
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name)).isEqualTo(new ApiResult.Done<>("b"));
      assertThat(server.seen()).hasSize(3);
    }
  }

  @Test
  void get_throttledForGood_isRefused() {
    try (FakeApiServer server =
            FakeApiServer.start(FakeApiServer.answering(429, "{\"code\":429}", "Retry-After: 0"));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name))
          .isInstanceOfSatisfying(
              ApiResult.Refused.class,
              refused ->
                  assertThat(refused.status().reason()).isEqualTo(StatusReason.TOO_MANY_REQUESTS));
      assertThat(server.seen()).as("one try and three repeats").hasSize(4);
    }
  }

  @Test
  void get_silentServer_isUnreachableAndTheConnectionIsNotUsedAgain() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (n == 0) {
                    Thread.sleep(60_000);
                  }
                  FakeApiServer.json(out, 200, "{\"metadata\":{\"name\":\"c\"}}");
                  return true;
                });
        ApiClient client = server.client(2_000, 0)) {
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Unreachable.class);
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Done.class);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  /** On a path that died the silence of a watch alone would be noticed only after a minute. */
  @Test
  void get_withoutAnswer_cutsAWatchThatIsAsSilent() throws IOException {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (n == 0) {
                    FakeApiServer.beginChunks(out);
                    FakeApiServer.chunk(out, "{\"type\":\"ADDED\",\"object\":{}}\n");
                  }
                  Thread.sleep(60_000);
                  return false;
                });
        ApiClient client = server.client(2_000, 0)) {
      ApiResult<WatchStream<String>> outcome =
          client.watch(
              ListOptions.all("/x"), NAMES, "1", Duration.ofMinutes(5), Duration.ofMinutes(1));
      assertThat(outcome).isInstanceOf(ApiResult.Done.class);
      try (WatchStream<String> watch = ((ApiResult.Done<WatchStream<String>>) outcome).value()) {
        assertThat(watch.next()).isPresent();
        long started = System.nanoTime();
        assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Unreachable.class);
        assertThatThrownBy(watch::next).isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isLessThan(Duration.ofSeconds(30));
      }
    }
  }

  /** On a path that died each of them would cost as much time again. */
  @Test
  void get_withoutAnswer_dropsTheOtherConnectionsThatAreKept() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (n < 2) {
                    both.countDown();
                    both.await();
                  } else if (n == 2) {
                    Thread.sleep(60_000);
                  }
                  FakeApiServer.json(out, 200, "{\"metadata\":{\"name\":\"c\"}}");
                  return true;
                });
        ApiClient client = server.client(2_000, 0)) {
      Thread other = Thread.ofVirtual().start(() -> client.get("/x", ApiClientTest::name));
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Done.class);
      other.join();
      assertThat(server.connections()).isEqualTo(2);
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Unreachable.class);
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Done.class);
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void get_keptConnectionClosedByServer_isRepeatedOnAFreshOne() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  FakeApiServer.json(out, 200, "{\"metadata\":{\"name\":\"d\"}}");
                  return false;
                });
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Done.class);
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Done.class);
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void get_truncatedJson_isUnreachable() {
    try (FakeApiServer server =
            FakeApiServer.start(FakeApiServer.answering(200, "{\"metadata\":{\"name\":\"e\""));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name)).isInstanceOf(ApiResult.Unreachable.class);
    }
  }

  @Test
  void get_noJson_saysThatItIsNoApiServer() {
    try (FakeApiServer server = FakeApiServer.start(FakeApiServer.answering(200, "\"hello\""));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name))
          .isInstanceOfSatisfying(
              ApiResult.Unreachable.class,
              gone -> assertThat(gone.why()).contains("is this an API server?"));
    }
  }

  @Test
  void get_certificateForAnotherName_isUnreachableAndNamesTheNextStep() {
    try (FakeApiServer server =
            FakeApiServer.start(
                FakeApiServer.answering(200, "{}"), new SubjectAltName.Dns("other.example"));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", ApiClientTest::name))
          .isInstanceOfSatisfying(
              ApiResult.Unreachable.class,
              gone -> assertThat(gone.why()).contains("not for 127.0.0.1", "tls-server-name"));
      assertThat(server.seen()).isEmpty();
    }
  }

  @Test
  void get_expectedNameGiven_certificateIsVerifiedAgainstIt() {
    try (FakeApiServer server =
            FakeApiServer.start(
                FakeApiServer.answering(200, "{\"metadata\":{\"name\":\"f\"}}"),
                new SubjectAltName.Dns("other.example"));
        ApiClient client =
            new ApiClient(
                server.endpoint("other.example"), ApiClientOptions.defaults(), ApiObserver.NONE)) {
      assertThat(client.get("/x", ApiClientTest::name)).isEqualTo(new ApiResult.Done<>("f"));
    }
  }

  @Test
  void list_severalPages_allItemsAndTheVersionOfTheLast() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (n == 0) {
                    FakeApiServer.json(
                        out,
                        200,
                        "{\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"a b&c\"},"
                            + "\"items\":[{\"metadata\":{\"name\":\"1\"}}]}");
                  } else {
                    FakeApiServer.json(
                        out,
                        200,
                        "{\"items\":[{\"metadata\":{\"name\":\"2\"}}],"
                            + "\"metadata\":{\"resourceVersion\":\"7\"}}");
                  }
                  return true;
                });
        ApiClient client = server.client()) {
      List<String> names = new ArrayList<>();
      assertThat(client.list(NODES, NAMES, names::add)).isEqualTo(new ApiResult.Done<>("7"));
      assertThat(names).containsExactly("1", "2");
      assertThat(server.seen().get(1)).contains("continue=a%20b%26c");
    }
  }

  @Test
  void list_continueTokenTooOld_isRefusedAsExpired() {
    try (FakeApiServer server =
            FakeApiServer.start(
                FakeApiServer.answering(410, "{\"reason\":\"Expired\",\"code\":410}"));
        ApiClient client = server.client()) {
      assertThat(client.list(NODES, NAMES, ignored -> {}))
          .isInstanceOfSatisfying(
              ApiResult.Refused.class,
              refused -> assertThat(refused.status().reason()).isEqualTo(StatusReason.EXPIRED));
    }
  }

  @Test
  void list_hugeObjects_areReadWithoutKeepingThem() {
    String bulk = "x".repeat(1_500_000);
    StringBuilder items = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      items.append(i == 0 ? "" : ",");
      items.append("{\"metadata\":{\"annotations\":{\"a\":\"").append(bulk);
      items.append("\"},\"name\":\"n").append(i).append("\"}}");
    }
    String body = "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[" + items + "]}";
    try (FakeApiServer server = FakeApiServer.start(FakeApiServer.answering(200, body));
        ApiClient client = server.client()) {
      List<String> names = new ArrayList<>();
      assertThat(client.list(NODES, NAMES, names::add)).isInstanceOf(ApiResult.Done.class);
      assertThat(names).hasSize(20).startsWith("n0");
    }
  }
}
