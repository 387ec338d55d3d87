package dev.countersign.kube.watch;

/**
 * Receives what happens in a collection; all calls come from one thread.
 *
 * <p>A list is bracketed by {@link #listStarted} and {@link #listEnded}; what was known before and
 * is not listed in between is gone. A list that breaks off is followed by another {@link
 * #listStarted}.
 */
public interface ResourceEventHandler<T> {
  /** A list begins. */
  void listStarted();

  /** One object of the list. */
  void listed(T object);

  /** The list is complete. */
  void listEnded();

  /** An object was added or changed. */
  void changed(T object);

  /** An object was deleted. */
  void deleted(T object);

  /**
   * The server has no such collection any more, or no longer shows it. What is known of it may be
   * out of date from here on, until another list is complete.
   */
  default void missing() {}
}
