package dev.countersign.approver.health;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.LongSupplier;

/**
 * The open connections of a listener, bounded in number, in number for each client address, and in
 * time. Where a bound is reached, the oldest connection of the client that has the most is closed,
 * never the new one: a client that holds on to connections loses its own. Thread-safe.
 */
final class ClientConnections {
  /** A connection since it was accepted. */
  private record Opened(InetAddress client, long atNanos) {}

  private final HttpListener.Limits limits;
  private final LongSupplier nanoTime;
  // In the order in which they were accepted.
  private final SequencedMap<Socket, Opened> open = new LinkedHashMap<>();
  private final Map<InetAddress, Integer> perClient = new HashMap<>();

  /**
   * No connections yet.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  ClientConnections(HttpListener.Limits limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /** Adds a connection that was just accepted. */
  synchronized void add(Socket socket) {
    InetAddress client = socket.getInetAddress();
    if (perClient.getOrDefault(client, 0) >= limits.perClient()) {
      closeOldestOf(client);
    } else if (open.size() >= limits.connections()) {
      busiest().ifPresent(this::closeOldestOf);
    }
    open.put(socket, new Opened(client, nanoTime.getAsLong()));
    perClient.merge(client, 1, Integer::sum);
  }

  private Optional<InetAddress> busiest() {
    return perClient.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  private void closeOldestOf(InetAddress client) {
    open.entrySet().stream()
        .filter(each -> each.getValue().client().equals(client))
        .findFirst()
        .map(Map.Entry::getKey)
        .ifPresent(this::close);
  }

  /** Closes a connection, if that has not been done. */
  synchronized void close(Socket socket) {
    Opened opened = open.remove(socket);
    if (opened != null) {
      forget(opened);
      closeQuietly(socket);
    }
  }

  private void forget(Opened opened) {
    perClient.computeIfPresent(
        opened.client(), (client, number) -> number == 1 ? null : Integer.valueOf(number - 1));
  }

  /** Closes every connection that is older than an exchange may last. */
  synchronized void closeExpired() {
    long now = nanoTime.getAsLong();
    Iterator<Map.Entry<Socket, Opened>> oldestFirst = open.entrySet().iterator();
    while (oldestFirst.hasNext()) {
      Map.Entry<Socket, Opened> next = oldestFirst.next();
      Duration age = Duration.ofNanos(now - next.getValue().atNanos());
      if (age.compareTo(limits.exchange()) < 0) {
        return;
      }
      oldestFirst.remove();
      forget(next.getValue());
      closeQuietly(next.getKey());
    }
  }

  /** Closes all of them. */
  synchronized void closeAll() {
    open.keySet().forEach(ClientConnections::closeQuietly);
    open.clear();
    perClient.clear();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }
}
