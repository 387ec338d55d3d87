package dev.countersign.kube;

import dev.countersign.kube.WatchStream.Event;
import java.io.IOException;
import java.util.Optional;

/** The events of a watch, in one of the forms that a server sends them in. Used by one thread. */
abstract class WatchEvents<T> {
  private String type = "";
  private Optional<Event<T>> event = Optional.empty();

  /** As {@link WatchStream#next}. */
  final Optional<Event<T>> next() throws IOException {
    if (atEnd()) {
      return Optional.empty();
    }
    type = "";
    event = Optional.empty();
    read();
    if (event.isEmpty()) {
      throw new IOException("watch event: got no object; want one");
    }
    return event;
  }

  /** Whether the server ended the watch; waits until that is known. */
  abstract boolean atEnd() throws IOException;

  /** Reads one event: calls {@link #typeIs}, then {@link #readObject} at its object. */
  abstract void read() throws IOException;

  abstract T object() throws IOException;

  /** The resource version of the object there, of which a bookmark has nothing else. */
  abstract String resourceVersion() throws IOException;

  abstract ApiStatus status() throws IOException;

  final void typeIs(String text) {
    type = text;
  }

  final void readObject() throws IOException {
    event =
        Optional.of(
            switch (type) {
              case "ADDED" -> new Event.Added<>(object());
              case "MODIFIED" -> new Event.Modified<>(object());
              case "DELETED" -> new Event.Deleted<>(object());
              case "BOOKMARK" -> new Event.Bookmark<>(resourceVersion());
              case "ERROR" -> new Event.Failed<>(status());
              default -> throw new IOException("watch event: got a type that is not known");
            });
  }
}
