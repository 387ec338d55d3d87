package dev.countersign.approver.csr;

import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests for one signer that wait for a verdict, by name. Thread-safe.
 *
 * <p>Of each requestor only so many are kept, the newest, and only so many of all together: a
 * request may wait for a day, and whoever has a node's key, or several, can make more of them than
 * fit into memory. The others are found by a list once there is {@linkplain #roomForOthers() room}
 * for them.
 */
public final class PendingRequests {
  /** What became of a request that was put. */
  public sealed interface Put {
    /** It waits. */
    record Waits() implements Put {}

    /**
     * It waits, unless it is itself the one that is displaced.
     *
     * @param displaced what is kept no longer: the oldest of the requestor that has the most
     * @param bound which bound was reached
     * @param first whether it is the first by this bound, and of this requestor, since the last
     *     list
     */
    record Displaces(String displaced, Bound bound, boolean first) implements Put {}

    /**
     * It is not kept. Of all kinds of object this one may have names of any length, and a verdict
     * is written to a URL with the name in it.
     */
    record NameTooLong() implements Put {}

    /** It does not wait: it has its verdict, or is for another signer. */
    record Settled() implements Put {}
  }

  /** What bounds how many are kept. */
  public enum Bound {
    /** So many of one requestor. */
    REQUESTOR("requestor"),
    /** So many in all. */
    ALL("all");

    private final String text;

    Bound(String text) {
      this.text = text;
    }

    /** As in the metric {@code countersign_displaced_requests_total}. */
    public String text() {
      return text;
    }
  }

  /** As the names of other kinds of object have, in characters. */
  private static final int LONGEST_NAME = 253;

  private static final Comparator<CsrObject> OLDEST_FIRST =
      Comparator.comparing(CsrObject::view, CsrSpec.OLDEST_FIRST);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CsrObject> byName = new HashMap<>();
  private final Map<String, TreeSet<CsrObject>> byRequestor = new HashMap<>();
  private final Set<String> listed = new HashSet<>();
  private final Set<String> crowded = new HashSet<>();
  private final SignerName signer;
  private final int mostOfOne;
  private final int mostInAll;
  private boolean crowdedInAll;
  private boolean listing;

  /**
   * None yet.
   *
   * @param mostOfOne how many are kept of one requestor
   * @param mostInAll how many are kept in all
   */
  public PendingRequests(SignerName signer, int mostOfOne, int mostInAll) {
    if (mostOfOne < 1 || mostInAll < mostOfOne) {
      throw new IllegalArgumentException(
          "bounds: got "
              + mostOfOne
              + " of one requestor and "
              + mostInAll
              + " in all; want 1 or more, and no fewer in all");
    }
    this.signer = signer;
    this.mostOfOne = mostOfOne;
    this.mostInAll = mostInAll;
  }

  /** Takes note of an object's latest state. */
  public Put put(CsrObject csr) {
    lock.lock();
    try {
      removeLocked(csr.name());
      if (!csr.pendingFor(signer)) {
        return new Put.Settled();
      }
      if (csr.name().length() > LONGEST_NAME) {
        return new Put.NameTooLong();
      }
      byName.put(csr.name(), csr);
      if (listing) {
        listed.add(csr.name());
      }
      TreeSet<CsrObject> requests =
          byRequestor.computeIfAbsent(csr.requestor(), requestor -> new TreeSet<>(OLDEST_FIRST));
      requests.add(csr);
      if (requests.size() > mostOfOne) {
        String oldest = requests.getFirst().name();
        removeLocked(oldest);
        return new Put.Displaces(oldest, Bound.REQUESTOR, crowded.add(csr.requestor()));
      }
      if (byName.size() > mostInAll) {
        String oldest = oldestOfWhoHasMost();
        removeLocked(oldest);
        boolean first = !crowdedInAll;
        crowdedInAll = true;
        return new Put.Displaces(oldest, Bound.ALL, first);
      }
      return new Put.Waits();
    } finally {
      lock.unlock();
    }
  }

  private String oldestOfWhoHasMost() {
    return byRequestor.values().stream()
        .max(
            Comparator.<TreeSet<CsrObject>>comparingInt(TreeSet::size)
                .thenComparing(TreeSet::getFirst, OLDEST_FIRST.reversed()))
        .orElseThrow()
        .getFirst()
        .name();
  }

  /** Forgets a request: it was deleted or decided. */
  public void remove(String name) {
    lock.lock();
    try {
      removeLocked(name);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a request that was decided, unless there is another of its name by now. */
  public void remove(CsrObject decided) {
    lock.lock();
    try {
      CsrObject known = byName.get(decided.name());
      if (known != null && known.uid().equals(decided.uid())) {
        removeLocked(decided.name());
      }
    } finally {
      lock.unlock();
    }
  }

  private void removeLocked(String name) {
    CsrObject old = byName.remove(name);
    if (old != null) {
      TreeSet<CsrObject> requests = byRequestor.get(old.requestor());
      if (requests != null) {
        requests.remove(old);
        if (requests.isEmpty()) {
          byRequestor.remove(old.requestor());
        }
      }
    }
  }

  /** Begins a list: what is not put until {@link #listEnded} is gone. */
  public void listStarted() {
    lock.lock();
    try {
      listed.clear();
      crowded.clear();
      crowdedInAll = false;
      listing = true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a list and forgets what it did not have. */
  public void listEnded() {
    lock.lock();
    try {
      List<String> gone = new ArrayList<>();
      for (String name : byName.keySet()) {
        if (!listed.contains(name)) {
          gone.add(name);
        }
      }
      gone.forEach(this::removeLocked);
      listed.clear();
      listing = false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is room for requests that were displaced, which only a list would bring back. */
  public boolean roomForOthers() {
    lock.lock();
    try {
      if (crowdedInAll && byName.size() <= mostInAll / 2) {
        return true;
      }
      for (String requestor : crowded) {
        TreeSet<CsrObject> requests = byRequestor.get(requestor);
        if (requests == null || requests.size() <= mostOfOne / 2) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The request of that name, if it is pending. */
  public Optional<CsrObject> get(String name) {
    lock.lock();
    try {
      return Optional.ofNullable(byName.get(name));
    } finally {
      lock.unlock();
    }
  }

  /** How many requests of the same requestor are pending and newer. */
  public int newerThan(CsrSpec csr) {
    lock.lock();
    try {
      TreeSet<CsrObject> requests = byRequestor.get(csr.requestor().username());
      return requests == null
          ? 0
          : (int)
              requests.stream()
                  .map(CsrObject::view)
                  .filter(other -> CsrSpec.OLDEST_FIRST.compare(other, csr) > 0)
                  .count();
    } finally {
      lock.unlock();
    }
  }

  /** The names of all pending requests of a requestor. */
  public List<String> of(String requestor) {
    lock.lock();
    try {
      TreeSet<CsrObject> requests = byRequestor.get(requestor);
      return requests == null ? List.of() : requests.stream().map(CsrObject::name).toList();
    } finally {
      lock.unlock();
    }
  }

  /** All pending requests, the oldest first. */
  public List<CsrObject> all() {
    lock.lock();
    try {
      List<CsrObject> all = new ArrayList<>(byName.values());
      all.sort(OLDEST_FIRST);
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** How many names of a list in progress are remembered; none between lists. */
  int listed() {
    lock.lock();
    try {
      return listed.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  public int size() {
    lock.lock();
    try {
      return byName.size();
    } finally {
      lock.unlock();
    }
  }

  /** When the oldest was created. */
  public Optional<Instant> oldest() {
    lock.lock();
    try {
      return byName.values().stream()
          .map(csr -> csr.view().created())
          .min(Comparator.naturalOrder());
    } finally {
      lock.unlock();
    }
  }
}
