package dev.countersign.bench.approver;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.kube.watch.WatchObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** When each request was seen approved, through a watch like any other client's. */
final class Approvals implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private record Seen(String name, String resourceVersion, boolean approved, boolean signed)
      implements Versioned {
    static Seen decode(JsonParser parser) throws IOException {
      var meta = new ObjectMeta();
      var fields =
          new Object() {
            boolean approved;
            boolean signed;
          };
      JsonReading.object(
          parser,
          section -> {
            switch (section) {
              case "metadata" -> meta.read(parser);
              case "status" ->
                  JsonReading.object(
                      parser,
                      field -> {
                        fields.signed |= field.equals("certificate");
                        if (field.equals("conditions")) {
                          JsonReading.array(
                              parser,
                              () ->
                                  JsonReading.object(
                                      parser,
                                      inner -> {
                                        if (inner.equals("type")) {
                                          fields.approved |=
                                              JsonReading.string(parser).equals("Approved");
                                        }
                                      }));
                        }
                      });
              default -> {}
            }
          });
      return new Seen(meta.name(), meta.resourceVersion(), fields.approved, fields.signed);
    }
  }

  private final Map<String, Long> at = new ConcurrentHashMap<>();
  private final Set<String> unsigned = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final Reflector<Seen> watch;
  private final Thread thread;

  Approvals(ApiClient client) {
    watch =
        new Reflector<>(
            client,
            "certificatesigningrequests",
            ListOptions.all(Cluster.REQUESTS),
            ObjectDecoder.ofJson(Seen::decode),
            new ResourceEventHandler<>() {
              @Override
              public void listStarted() {}

              @Override
              public void listed(Seen seen) {
                changed(seen);
              }

              @Override
              public void listEnded() {}

              @Override
              public void changed(Seen seen) {
                if (seen.approved() && at.putIfAbsent(seen.name(), System.nanoTime()) == null) {
                  count(prefix(seen.name())).incrementAndGet();
                }
                if (seen.signed()) {
                  unsigned.remove(seen.name());
                } else if (seen.approved()) {
                  unsigned.add(seen.name());
                }
              }

              @Override
              public void deleted(Seen seen) {
                unsigned.remove(seen.name());
              }
            },
            Reflector.Timing.defaults(),
            WatchObserver.NONE,
            new Random(1));
    thread = Thread.ofVirtual().start(watch);
  }

  private static String prefix(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('-')));
  }

  private AtomicInteger count(String prefix) {
    return counts.computeIfAbsent(prefix, ignored -> new AtomicInteger());
  }

  /** When a request was seen approved, by {@link System#nanoTime}. */
  long nanosOf(String name) {
    return at.getOrDefault(name, Long.MAX_VALUE);
  }

  /** Waits until so many were seen; the time by {@link System#nanoTime}. */
  long await(String prefix, int many) throws InterruptedException {
    AtomicInteger count = count(prefix);
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (count.get() < many) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            prefix + ": " + count.get() + " of " + many + " approved within " + PATIENCE);
      }
      Thread.sleep(1);
    }
    return System.nanoTime();
  }

  /**
   * Waits until all that were seen approved have their certificates, so that signing them is no
   * load on what is measured next.
   */
  void awaitSigned() throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!unsigned.isEmpty()) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException(
            unsigned.size() + " requests without a certificate within " + PATIENCE);
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    watch.close();
    thread.interrupt();
  }
}
