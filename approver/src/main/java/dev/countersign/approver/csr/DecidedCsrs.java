package dev.countersign.approver.csr;

import java.util.LinkedHashSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The latest requests whose verdict the API server has kept, by uid. What a watch still brings of
 * them, the verdict and then the certificate, need not be read: a verdict is never taken back
 * (kubernetes pkg/apis/certificates/validation, validateCertificateSigningRequestUpdate).
 * Thread-safe.
 */
public final class DecidedCsrs {
  private final ReentrantLock lock = new ReentrantLock();
  private final int most;
  private final LinkedHashSet<String> uids = new LinkedHashSet<>();

  /**
   * None yet.
   *
   * @param most how many are remembered; an older one is only read once more
   */
  public DecidedCsrs(int most) {
    this.most = most;
  }

  /** Remembers one; returns whether it was not remembered yet. */
  public boolean add(String uid) {
    lock.lock();
    try {
      boolean added = uids.add(uid);
      if (uids.size() > most) {
        uids.removeFirst();
      }
      return added;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is remembered. */
  public boolean contains(String uid) {
    lock.lock();
    try {
      return uids.contains(uid);
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all: storage that was restored from a backup has lost verdicts. */
  public void clear() {
    lock.lock();
    try {
      uids.clear();
    } finally {
      lock.unlock();
    }
  }
}
