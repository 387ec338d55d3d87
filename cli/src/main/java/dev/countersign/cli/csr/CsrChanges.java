package dev.countersign.cli.csr;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.kube.watch.WatchObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Tells when something has happened to a request, or other facts are due to be read again. */
final class CsrChanges implements AutoCloseable {
  /** How long what else a decision rests on, such as Nodes, may be out of date. */
  private static final Duration FACTS = Duration.ofSeconds(10);

  /** Changes within this time are looked at together. */
  private static final Duration TOGETHER = Duration.ofMillis(250);

  private final BlockingQueue<Boolean> changed = new ArrayBlockingQueue<>(1);
  private final Reflector<Version> watch;

  private record Version(String resourceVersion) implements Versioned {
    static Version read(JsonParser parser) throws IOException {
      return new Version(ObjectMeta.of(parser, _ -> {}).resourceVersion());
    }
  }

  private CsrChanges(ClusterAccess cluster) {
    watch =
        new Reflector<>(
            cluster.api(),
            "certificatesigningrequests",
            ListOptions.all(LiveObjects.REQUESTS),
            ObjectDecoder.ofJson(Version::read),
            new Signals(),
            Reflector.Timing.defaults(),
            new Troubles(),
            new Random());
  }

  static CsrChanges of(ClusterAccess cluster) {
    CsrChanges changes = new CsrChanges(cluster);
    Thread.ofPlatform().daemon().name("csr-watch").start(changes.watch);
    return changes;
  }

  /**
   * Waits for the next change, at first for the list that the watch starts with; false where the
   * thread is interrupted.
   */
  boolean await() {
    try {
      if (changed.poll(FACTS.toMillis(), TimeUnit.MILLISECONDS) != null) {
        Thread.sleep(TOGETHER);
        changed.clear();
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    watch.close();
  }

  private final class Signals implements ResourceEventHandler<Version> {
    @Override
    public void listStarted() {}

    @Override
    public void listed(Version version) {}

    @Override
    public void listEnded() {
      changed.offer(true);
    }

    @Override
    public void changed(Version version) {
      changed.offer(true);
    }

    @Override
    public void deleted(Version version) {
      changed.offer(true);
    }
  }

  /** Whoever reads again at once finds out whether the trouble lasts, and says so. */
  private final class Troubles implements WatchObserver {
    @Override
    public void restarted(String collection, String why) {}

    @Override
    public void troubled(String collection, String why) {
      changed.offer(true);
    }
  }
}
