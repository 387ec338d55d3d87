package dev.countersign.kube.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.FakeApiServer;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReflectorTest {
  private static final String LIST_AT_5 =
      "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
          + "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"3\"}}]}";

  private record Thing(String name, String resourceVersion) implements Versioned {
    static Thing decode(JsonParser parser) throws IOException {
      String[] text = {"", ""};
      JsonReading.object(
          parser,
          section -> {
            if (section.equals("metadata")) {
              JsonReading.object(
                  parser,
                  field -> {
                    switch (field) {
                      case "name" -> text[0] = JsonReading.string(parser);
                      case "resourceVersion" -> text[1] = JsonReading.string(parser);
                      default -> {}
                    }
                  });
            }
          });
      return new Thing(text[0], text[1]);
    }
  }

  private static final Reflector.Timing TIMING =
      new Reflector.Timing(
          Duration.ofSeconds(60),
          Duration.ofMillis(300),
          Duration.ofMillis(10),
          Duration.ofMillis(50));

  /** Turns what happens into words. */
  private static final class Diary implements ResourceEventHandler<Thing> {
    private final LinkedBlockingQueue<String> words = new LinkedBlockingQueue<>();

    /** Whether what is followed is complete, by its own word. */
    private volatile BooleanSupplier synced = () -> false;

    @Override
    public void listStarted() {
      words.add(synced.getAsBoolean() ? "list, complete before" : "list");
    }

    @Override
    public void listed(Thing thing) {
      words.add("has " + thing.name());
    }

    @Override
    public void listEnded() {
      words.add(synced.getAsBoolean() ? "end, complete before" : "end");
    }

    @Override
    public void changed(Thing thing) {
      words.add("changed " + thing.name());
    }

    @Override
    public void deleted(Thing thing) {
      words.add("deleted " + thing.name());
    }

    String next() throws InterruptedException {
      String word = words.poll(30, TimeUnit.SECONDS);
      return word == null ? "nothing" : word;
    }
  }

  private static void awaitSynced(Reflector<?> watch) throws InterruptedException {
    for (int i = 0; i < 3000 && !watch.synced(); i++) {
      Thread.sleep(10);
    }
    assertThat(watch.synced()).isTrue();
  }

  private static String event(String type, String name, int version) {
    return "{\"type\":\"%s\",\"object\":{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"%d\"}}}\n"
        .formatted(type, name, version);
  }

  private static Reflector<Thing> watch(ApiClient client, Diary diary, Duration watchFor) {
    return watch(client, diary, watchFor, WatchObserver.NONE);
  }

  private static Reflector<Thing> watch(
      ApiClient client, Diary diary, Duration watchFor, WatchObserver observer) {
    return new Reflector<>(
        client,
        "things",
        ListOptions.all(ApiQuery.path("api", "v1", "things")),
        ObjectDecoder.ofJson(Thing::decode),
        diary,
        new Reflector.Timing(
            watchFor, Duration.ofMillis(300), Duration.ofMillis(10), Duration.ofMillis(50)),
        observer,
        new Random(1));
  }

  /** Lists {@link #LIST_AT_5}; each watch gets these chunks, and then nothing for a while. */
  private static FakeApiServer listing(String... chunks) {
    return FakeApiServer.start(
        (n, request, out) -> {
          if (!request.contains("watch=true")) {
            FakeApiServer.json(out, 200, LIST_AT_5);
            return true;
          }
          FakeApiServer.beginChunks(out);
          for (String chunk : chunks) {
            FakeApiServer.chunk(out, chunk);
          }
          Thread.sleep(20_000);
          return false;
        });
  }

  @Test
  void run_listThenEvents_followerSeesThemInOrder() throws Exception {
    Diary diary = new Diary();
    String two = event("ADDED", "b", 6) + event("MODIFIED", "a", 7);
    // Cut in the middle of an event: chunks and events have nothing in common.
    try (FakeApiServer server =
            listing(two.substring(0, 30), two.substring(30), event("DELETED", "b", 8));
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60))) {
      Thread.ofVirtual().start(watch);
      for (String word :
          new String[] {"list", "has a", "end", "changed b", "changed a", "deleted b"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
      assertThat(watch.synced()).isTrue();
      assertThat(server.seen().get(1))
          .contains("resourceVersion=5", "allowWatchBookmarks=true", "timeoutSeconds=");
    }
  }

  /** It is no trouble that has to be waited out, or that anyone is told of. */
  @Test
  void listAgain_inTheMiddleOfAWatch_listsAtOnce() throws Exception {
    Diary diary = new Diary();
    LinkedBlockingQueue<String> troubles = new LinkedBlockingQueue<>();
    try (FakeApiServer server = listing(event("ADDED", "b", 6));
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60), telling(troubles))) {
      Thread.ofVirtual().start(watch);
      for (int i = 0; i < 3; i++) {
        for (String word : new String[] {"list", "has a", "end", "changed b"}) {
          assertThat(diary.next()).isEqualTo(word);
        }
        watch.listAgain();
      }
      assertThat(troubles).isEmpty();
    }
  }

  private static WatchObserver telling(Queue<String> troubles) {
    return new WatchObserver() {
      @Override
      public void restarted(String collection, String why) {}

      @Override
      public void troubled(String collection, String why) {
        troubles.add(why);
      }
    };
  }

  /** A server of this status until the given number of lists were asked for; a list after that. */
  private static FakeApiServer refusing(int status, int lists) {
    AtomicInteger asked = new AtomicInteger();
    return FakeApiServer.start(
        (n, request, out) -> {
          if (request.contains("watch=true")) {
            FakeApiServer.beginChunks(out);
            Thread.sleep(20_000);
            return false;
          }
          if (asked.incrementAndGet() > lists) {
            FakeApiServer.json(out, 200, LIST_AT_5);
          } else {
            FakeApiServer.json(out, status, "{\"kind\":\"Status\",\"code\":" + status + "}");
          }
          return true;
        });
  }

  @ParameterizedTest
  @CsvSource({
    "404, the API server has no things (404)",
    "403, the API server does not let us list things (403)"
  })
  void run_collectionThatMayBeMissing_isMissing_andNotEmpty_untilItIsThere(int status, String why)
      throws Exception {
    Diary diary = new Diary();
    LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    WatchObserver observer =
        new WatchObserver() {
          @Override
          public void restarted(String collection, String reason) {}

          @Override
          public void troubled(String collection, String reason) {
            told.add("trouble: " + reason);
          }

          @Override
          public void missing(String collection, String reason) {
            told.add(reason);
          }
        };
    try (FakeApiServer server = refusing(status, 6);
        ApiClient client = server.client();
        Reflector<Thing> watch =
            Reflector.ofMissable(
                client,
                "things",
                List.of(
                    ListOptions.all(ApiQuery.path("api", "v1", "things")),
                    ListOptions.all(ApiQuery.path("api", "v1beta1", "things"))),
                ObjectDecoder.ofJson(Thing::decode),
                diary,
                TIMING,
                observer,
                new Random(1))) {
      diary.synced = watch::synced;
      Thread.ofVirtual().start(watch);
      for (String word = diary.next(); !word.equals("end"); word = diary.next()) {
        assertThat(word).doesNotContain("complete").isNotEqualTo("nothing");
      }

      awaitSynced(watch);
      assertThat(watch.missing()).isEmpty();
      assertThat(told).as("once").containsExactly(why);
    }
  }

  @Test
  void run_collectionThatMustBeThere_isNeverMissing() throws Exception {
    Diary diary = new Diary();
    LinkedBlockingQueue<String> troubles = new LinkedBlockingQueue<>();
    try (FakeApiServer server = refusing(404, 2);
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60), telling(troubles))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "list", "list", "has a", "end"}) {
        assertThat(watch.missing()).isEmpty();
        assertThat(diary.next()).isEqualTo(word);
      }
      assertThat(troubles).hasSize(2).allMatch(trouble -> trouble.contains("404"));
    }
  }

  @Test
  void run_versionTooOld_listsAgain() throws Exception {
    Diary diary = new Diary();
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (!request.contains("watch=true")) {
                    FakeApiServer.json(out, 200, LIST_AT_5);
                    return true;
                  }
                  FakeApiServer.beginChunks(out);
                  FakeApiServer.chunk(
                      out,
                      "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
                          + "\"reason\":\"Expired\"}}\n");
                  FakeApiServer.chunk(out, "");
                  return true;
                });
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "has a", "end", "list", "has a", "end"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
    }
  }

  @Test
  void run_bookmark_nextWatchStartsThere() throws Exception {
    Diary diary = new Diary();
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (!request.contains("watch=true")) {
                    FakeApiServer.json(out, 200, LIST_AT_5);
                  } else if (!request.contains("resourceVersion=9")) {
                    FakeApiServer.beginChunks(out);
                    FakeApiServer.chunk(out, event("BOOKMARK", "", 9));
                    FakeApiServer.chunk(out, "");
                  } else {
                    FakeApiServer.beginChunks(out);
                    FakeApiServer.chunk(out, event("ADDED", "c", 10));
                    Thread.sleep(20_000);
                  }
                  return true;
                });
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "has a", "end", "changed c"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
    }
  }

  @Test
  void run_connectionThatWentSilent_isGivenUpAndWatchedAgainFromTheLastVersion() throws Exception {
    Diary diary = new Diary();
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (!request.contains("watch=true")) {
                    FakeApiServer.json(
                        out, 200, n == 0 ? LIST_AT_5 : LIST_AT_5.replace("\"5\"", "\"9\""));
                  } else if (request.contains("resourceVersion=5")) {
                    FakeApiServer.beginChunks(out);
                    FakeApiServer.chunk(out, event("ADDED", "b", 6));
                    Thread.sleep(60_000);
                  } else {
                    FakeApiServer.beginChunks(out);
                    FakeApiServer.chunk(out, event("ADDED", "c", 7));
                    Thread.sleep(60_000);
                  }
                  return true;
                });
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(1))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "has a", "end", "changed b", "changed c"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
    }
  }

  @Test
  void run_truncatedEvent_watchesAgainFromTheLastWholeOne() throws Exception {
    Diary diary = new Diary();
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (!request.contains("watch=true")) {
                    FakeApiServer.json(
                        out, 200, n == 0 ? LIST_AT_5 : LIST_AT_5.replace("\"5\"", "\"9\""));
                    return true;
                  }
                  FakeApiServer.beginChunks(out);
                  if (request.contains("resourceVersion=5")) {
                    FakeApiServer.chunk(out, event("ADDED", "b", 6));
                    FakeApiServer.chunk(out, event("ADDED", "c", 7).substring(0, 40));
                    return false;
                  }
                  FakeApiServer.chunk(out, event("ADDED", "c", 7));
                  Thread.sleep(20_000);
                  return false;
                });
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "has a", "end", "changed b", "changed c"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
    }
  }

  @Test
  void run_storageSetBackToABackup_listsAgain() throws Exception {
    Diary diary = new Diary();
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  if (!request.contains("watch=true")) {
                    FakeApiServer.json(
                        out, 200, n == 0 ? LIST_AT_5 : LIST_AT_5.replace("\"5\"", "\"4\""));
                    return true;
                  }
                  return false;
                });
        ApiClient client = server.client();
        Reflector<Thing> watch = watch(client, diary, Duration.ofSeconds(60))) {
      Thread.ofVirtual().start(watch);
      for (String word : new String[] {"list", "has a", "end", "list", "has a", "end"}) {
        assertThat(diary.next()).isEqualTo(word);
      }
    }
  }

  @Test
  void isEarlier_versions_areComparedAsNumbers() {
    assertThat(Reflector.isEarlier("9", "10")).isTrue();
    assertThat(Reflector.isEarlier("10", "9")).isFalse();
    assertThat(Reflector.isEarlier("x", "9")).isFalse();
  }
}
