package dev.countersign.approver.csr;

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

/** The requests that wait for a verdict, by name. Thread-safe. */
public final class PendingRequests {
  private static final Comparator<CsrObject> OLDEST_FIRST =
      Comparator.comparing((CsrObject csr) -> csr.view().created()).thenComparing(CsrObject::name);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CsrObject> byName = new HashMap<>();
  private final Map<String, TreeSet<CsrObject>> byRequestor = new HashMap<>();
  private final Set<String> listed = new HashSet<>();
  private boolean listing;

  /**
   * Takes note of an object's latest state.
   *
   * @return whether it is pending
   */
  public boolean put(CsrObject csr) {
    lock.lock();
    try {
      removeLocked(csr.name());
      if (!csr.pending()) {
        return false;
      }
      byName.put(csr.name(), csr);
      byRequestor
          .computeIfAbsent(csr.requestor(), requestor -> new TreeSet<>(OLDEST_FIRST))
          .add(csr);
      if (listing) {
        listed.add(csr.name());
      }
      return true;
    } finally {
      lock.unlock();
    }
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
  public int newerThan(CsrObject csr) {
    lock.lock();
    try {
      TreeSet<CsrObject> requests = byRequestor.get(csr.requestor());
      return requests == null ? 0 : requests.tailSet(csr, false).size();
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
