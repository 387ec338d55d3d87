package dev.countersign.approver.lookup;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was read lately and is taken to be current for a few seconds. Thread-safe. */
final class FreshValues<K, V> {
  /** How long a value is taken to be current. */
  static final Duration FRESH_FOR = Duration.ofSeconds(5);

  /** One value and when it was read; read by one thread at a time. */
  private static final class Kept<V> {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable V value;
    private long readAtNanos;
  }

  private final LongSupplier nanos;
  private final Map<K, Kept<V>> values = new ConcurrentHashMap<>();

  FreshValues(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** The value, read anew where it is not current. */
  V get(K key, Supplier<V> read) {
    Kept<V> kept = values.computeIfAbsent(key, _ -> new Kept<>());
    kept.lock.lock();
    try {
      V known = kept.value;
      if (known == null || nanos.getAsLong() - kept.readAtNanos > FRESH_FOR.toNanos()) {
        known = read.get();
        kept.value = known;
        kept.readAtNanos = nanos.getAsLong();
      }
      return known;
    } finally {
      kept.lock.unlock();
    }
  }

  void forget() {
    values.clear();
  }
}
