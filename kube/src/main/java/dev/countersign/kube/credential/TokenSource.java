package dev.countersign.kube.credential;

import dev.countersign.kube.http.BearerToken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token that is read again every minute and after a refusal, because the kubelet replaces
 * a service account's token before it runs out. An unreadable file leaves the old token in use.
 * Thread-safe.
 */
final class TokenSource {
  private static final Duration READ_AGAIN_AFTER = Duration.ofMinutes(1);

  private final DataOrFile material;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable BearerToken current;
  private Instant readAgainAt = Instant.MIN;

  TokenSource(DataOrFile material, InstantSource clock) {
    this.material = material;
    this.clock = clock;
  }

  BearerToken token() throws CredentialProblem {
    lock.lock();
    try {
      BearerToken known = current;
      Instant now = clock.instant();
      if (known != null && (!material.isFile() || now.isBefore(readAgainAt))) {
        return known;
      }
      try {
        known = BearerToken.of(material.read().strip());
        current = known;
      } catch (IllegalArgumentException e) {
        if (known == null) {
          throw new CredentialProblem(material.where() + ": " + e.getMessage(), e);
        }
      } catch (CredentialProblem e) {
        if (known == null) {
          throw e;
        }
      }
      readAgainAt = now.plus(READ_AGAIN_AFTER);
      return known;
    } finally {
      lock.unlock();
    }
  }

  void refused() {
    lock.lock();
    try {
      readAgainAt = Instant.MIN;
    } finally {
      lock.unlock();
    }
  }
}
