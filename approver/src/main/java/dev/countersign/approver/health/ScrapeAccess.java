package dev.countersign.approver.health;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.cluster.TokenReviewer;
import dev.countersign.approver.logging.LogBackoff;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Who may get the metrics: who shows a token of a user that may {@code get} the path {@code
 * /metrics}, by the API server's word. It is remembered for a while, so that a scrape costs the API
 * server nothing. Thread-safe.
 */
public final class ScrapeAccess {
  private static final Duration ALLOWED_FOR = Duration.ofMinutes(1);

  /** Shorter, as whoever grants the right looks whether it works. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(10);

  /** Longer while the API server does not say: its silence is what the metrics should show. */
  private static final Duration ALLOWED_IN_SILENCE = Duration.ofMinutes(10);

  private static final int MOST_REMEMBERED = 256;

  /** So many reviews at a time: tokens may be anybody's guesses. */
  private static final int MOST_REVIEWS = 4;

  /** So many scrapes wait for one of them, each so long; the others are told to come again. */
  private static final int MOST_WAITING = 32;

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private record Known(HttpListener.Access access, Instant until) {}

  private final Function<SecretText, Fact<Optional<Requestor>>> authenticate;
  private final Function<Requestor, Fact<AccessReview>> authorize;
  private final StructuredLog log;
  private final LogBackoff backoff;
  private final InstantSource clock;
  private final Semaphore reviews = new Semaphore(MOST_REVIEWS);

  /**
   * By the SHA-256 of the token. Refusals have a place of their own: guesses displace no scraper.
   */
  private final Map<Bytes, Known> allowed = new Remembered();

  private final Map<Bytes, Known> refused = new Remembered();

  /** The oldest are forgotten first. */
  private static final class Remembered extends LinkedHashMap<Bytes, Known> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Bytes, Known> eldest) {
      return size() > MOST_REMEMBERED;
    }
  }

  /**
   * Access by these words.
   *
   * @param authenticate whose a token is
   * @param authorize whether a user may get the metrics
   */
  ScrapeAccess(
      Function<SecretText, Fact<Optional<Requestor>>> authenticate,
      Function<Requestor, Fact<AccessReview>> authorize,
      StructuredLog log,
      InstantSource clock) {
    this.authenticate = authenticate;
    this.authorize = authorize;
    this.log = log;
    this.backoff = new LogBackoff(clock);
    this.clock = clock;
  }

  /** Access by the word of an API server. */
  public static ScrapeAccess of(ApiClient client, StructuredLog log, InstantSource clock) {
    AccessReviewer reviewer = new AccessReviewer(client);
    return new ScrapeAccess(
        new TokenReviewer(client)::review,
        user -> reviewer.reviewPath(user, "get", "/metrics"),
        log,
        clock);
  }

  /** What the bearer of a token may do. */
  HttpListener.Access of(SecretText token) {
    Bytes digest = digest(token);
    Optional<HttpListener.Access> known = recall(digest);
    if (known.isPresent()) {
      return known.get();
    }
    if (!mayReview()) {
      return unknown("more tokens to review than are reviewed at once", digest);
    }
    try {
      // Another scrape with the same token may have asked meanwhile.
      return recall(digest).orElseGet(() -> review(token, digest));
    } finally {
      reviews.release();
    }
  }

  private boolean mayReview() {
    try {
      return reviews.getQueueLength() < MOST_WAITING
          && reviews.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private HttpListener.Access review(SecretText token, Bytes digest) {
    return switch (authenticate.apply(token)) {
      case Fact.Unknown<Optional<Requestor>>(String why) -> unknown(why, digest);
      case Fact.Known<Optional<Requestor>>(Optional<Requestor> user) ->
          user.isEmpty()
              ? remember(digest, HttpListener.Access.UNAUTHENTICATED, REFUSED_FOR)
              : authorize(user.get(), digest);
    };
  }

  private HttpListener.Access authorize(Requestor user, Bytes digest) {
    return switch (authorize.apply(user)) {
      case Fact.Unknown<AccessReview>(String why) -> unknown(why, digest);
      case Fact.Known<AccessReview>(AccessReview.Allowed _) -> {
        backoff.reset("metrics-access");
        yield remember(digest, HttpListener.Access.ALLOWED, ALLOWED_FOR);
      }
      case Fact.Known<AccessReview>(AccessReview.Refused _) -> {
        if (backoff.shouldLog("metrics-forbidden", user.username()).isPresent()) {
          log.warn(
              "metrics-forbidden",
              "user",
              user.username(),
              "next",
              "grant it get of the nonResourceURL /metrics");
        }
        yield remember(digest, HttpListener.Access.FORBIDDEN, REFUSED_FOR);
      }
    };
  }

  private HttpListener.Access unknown(String why, Bytes digest) {
    if (backoff.shouldLog("metrics-access", why).isPresent()) {
      log.warn("metrics-access-unknown", "why", why);
    }
    return allowedBefore(digest) ? HttpListener.Access.ALLOWED : HttpListener.Access.UNKNOWN;
  }

  private synchronized boolean allowedBefore(Bytes digest) {
    Known known = allowed.get(digest);
    return known != null && clock.instant().isBefore(known.until().plus(ALLOWED_IN_SILENCE));
  }

  /** Notes that new files of the certificate cannot be used. */
  void certificateProblem(String problem) {
    if (backoff.shouldLog("metrics-certificate", problem).isPresent()) {
      log.warn("metrics-certificate", "why", problem, "next", "the one before stays in use");
    }
  }

  private synchronized Optional<HttpListener.Access> recall(Bytes digest) {
    return Stream.of(allowed, refused)
        .map(each -> each.get(digest))
        .filter(Objects::nonNull)
        .filter(known -> clock.instant().isBefore(known.until()))
        .map(Known::access)
        .findFirst();
  }

  private synchronized HttpListener.Access remember(
      Bytes digest, HttpListener.Access access, Duration howLong) {
    allowed.remove(digest);
    refused.remove(digest);
    (access == HttpListener.Access.ALLOWED ? allowed : refused)
        .put(digest, new Known(access, clock.instant().plus(howLong)));
    return access;
  }

  private static Bytes digest(SecretText token) {
    return Bytes.ofUtf8(token.reveal(SecretAccess.because("only its digest is remembered")))
        .sha256();
  }
}
