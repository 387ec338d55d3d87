package dev.countersign.approver.cluster;

import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.kube.watch.Versioned;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one collection by key, with a call for each key whose object changed in a way that
 * matters. Reading is thread-safe; following is done by one thread.
 */
final class Store<T extends Versioned> implements ResourceEventHandler<T> {
  /** Told of objects that came, changed or went, on the following thread. */
  interface Listener<T> {
    /** One object; {@code before} is empty when it is new and {@code after} when it is gone. */
    void changed(String key, Optional<T> before, Optional<T> after);

    /**
     * A complete list has been taken in, the first or the first after the collection was missing.
     */
    void complete();

    /** The collection is not there any more, or not to be seen; what is kept may be out of date. */
    default void missing() {}
  }

  private final Function<T, String> key;
  private final BiPredicate<T, T> same;
  private final Listener<T> listener;
  private final Map<String, T> objects = new ConcurrentHashMap<>();
  private final Set<String> listed = new HashSet<>();
  private volatile boolean complete;
  private boolean missing;

  /**
   * An empty cache.
   *
   * @param same whether two states of an object are alike in everything that matters
   */
  Store(Function<T, String> key, BiPredicate<T, T> same, Listener<T> listener) {
    this.key = key;
    this.same = same;
    this.listener = listener;
  }

  /** Whether a complete list has been taken in. */
  boolean complete() {
    return complete;
  }

  Optional<T> get(String name) {
    return Optional.ofNullable(objects.get(name));
  }

  Collection<T> all() {
    return List.copyOf(objects.values());
  }

  int size() {
    return objects.size();
  }

  @Override
  public void listStarted() {
    listed.clear();
  }

  @Override
  public void listed(T object) {
    listed.add(key.apply(object));
    changed(object);
  }

  @Override
  public void listEnded() {
    for (String known : List.copyOf(objects.keySet())) {
      if (!listed.contains(known)) {
        T gone = objects.remove(known);
        listener.changed(known, Optional.ofNullable(gone), Optional.empty());
      }
    }
    listed.clear();
    if (!complete || missing) {
      complete = true;
      missing = false;
      listener.complete();
    }
  }

  @Override
  public void missing() {
    missing = true;
    listener.missing();
  }

  @Override
  public void changed(T object) {
    String name = key.apply(object);
    @Nullable T old = objects.put(name, object);
    if (old == null || !same.test(old, object)) {
      listener.changed(name, Optional.ofNullable(old), Optional.of(object));
    }
  }

  @Override
  public void deleted(T object) {
    String name = key.apply(object);
    T gone = objects.remove(name);
    if (gone != null) {
      listener.changed(name, Optional.of(gone), Optional.empty());
    }
  }
}
