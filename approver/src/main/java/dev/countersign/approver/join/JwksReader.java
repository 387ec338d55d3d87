package dev.countersign.approver.join;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.CachingJWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.jwk.source.RateLimitedJWKSetSource;
import com.nimbusds.jose.jwk.source.URLBasedJWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.Resource;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.attestation.IssuerKeys;
import dev.countersign.policy.join.attestation.PublishedKeySet;
import dev.countersign.policy.join.attestation.PublishedKeys;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the key sets that issuers publish (JWKS, RFC 7517), and keeps each for a while. A
 * document that names a key which is not in the set has it fetched again, but however many requests
 * ask, an address is asked no more than twice in {@link #INTERVAL}. What cannot be fetched is
 * unknown. Thread-safe.
 */
public final class JwksReader implements PublishedKeys {
  /** How long a set is used without another look: a key that was withdrawn counts for so long. */
  public static final Duration KEPT_FOR = Duration.ofHours(1);

  /** An address is asked twice in it at most: a first time, and once more for what is missing. */
  public static final Duration INTERVAL = Duration.ofMinutes(2);

  /** The largest set that is read; those of clouds have some 10 KB. */
  static final int MOST_BYTES = 64 * 1024;

  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
  private static final Duration READ_WITHIN = Duration.ofSeconds(5);

  /** How long a fetch takes at most, however the server spreads its answer. */
  private static final Duration FETCH_WITHIN = Duration.ofSeconds(10);

  /** How long a request waits for the fetch of another. */
  private static final Duration WAIT_AT_MOST = Duration.ofSeconds(15);

  private static final int HTTPS = 443;

  private final InstantSource clock;
  private final Function<String, Fact<Path>> files;
  private final Duration fetchWithin;
  private final Map<IssuerKeys.Published, KeySet> sets = new ConcurrentHashMap<>();

  /** A reader of key sets whose {@code caFile}s are files of this machine. */
  public JwksReader(InstantSource clock) {
    this(clock, path -> Fact.known(Path.of(path)));
  }

  /**
   * A reader of key sets.
   *
   * @param files where a {@code caFile} is here
   */
  public JwksReader(InstantSource clock, Function<String, Fact<Path>> files) {
    this(clock, files, FETCH_WITHIN);
  }

  /** The same with another time for each fetch. */
  JwksReader(InstantSource clock, Function<String, Fact<Path>> files, Duration fetchWithin) {
    this.clock = clock;
    this.files = files;
    this.fetchWithin = fetchWithin;
  }

  @Override
  public Fact<List<PublicKey>> find(IssuerKeys.Published published, Optional<String> keyId) {
    return ask(published, set -> set.find(keyId));
  }

  @Override
  public Fact<List<PublicKey>> refreshed(IssuerKeys.Published published, Optional<String> keyId) {
    return ask(published, set -> set.refreshed(keyId));
  }

  private Fact<List<PublicKey>> ask(
      IssuerKeys.Published published, Function<KeySet, Fact<List<PublicKey>>> question) {
    Fact<Optional<Path>> authorities =
        published
            .caFile()
            .map(path -> files.apply(path).map(Optional::of))
            .orElseGet(() -> Fact.known(Optional.empty()));
    return switch (authorities) {
      case Fact.Unknown<Optional<Path>>(String why) -> unknown(published, why);
      case Fact.Known<Optional<Path>>(Optional<Path> file) -> {
        KeySet set;
        try {
          set = sets.computeIfAbsent(published, key -> KeySet.of(key, file, clock, fetchWithin));
        } catch (IllegalArgumentException e) {
          yield unknown(published, "this is no address that can be used");
        }
        yield question.apply(set);
      }
    };
  }

  private static <T> Fact<T> unknown(IssuerKeys.Published published, String why) {
    return Fact.unknown("keys at " + published.jwksUri() + ": " + SafeText.plain(why));
  }

  /**
   * One set.
   *
   * @param problem what was wrong with the last fetch; empty where it brought a set, or none was
   *     made yet
   */
  private record KeySet(
      IssuerKeys.Published published,
      JWKSetSource<SecurityContext> source,
      InstantSource clock,
      AtomicReference<Optional<String>> problem) {
    static KeySet of(
        IssuerKeys.Published published,
        Optional<Path> authorities,
        InstantSource clock,
        Duration fetchWithin) {
      URI address = URI.create(published.jwksUri());
      String host = address.getHost();
      if (host == null) {
        throw new IllegalArgumentException("no host");
      }
      ClientCredentials server =
          ClientCredentials.anonymous(
              host.replaceFirst("^\\[(.*)]$", "$1"),
              address.getPort() < 0 ? HTTPS : address.getPort(),
              authorities,
              clock);
      URL url;
      try {
        url = address.toURL();
      } catch (MalformedURLException e) {
        throw new IllegalArgumentException(e);
      }
      AtomicReference<Optional<String>> problem = new AtomicReference<>(Optional.empty());
      JWKSetSource<SecurityContext> fetched =
          new URLBasedJWKSetSource<>(
              url,
              each -> {
                Resource found =
                    new Fetch(server.socketFactory(), fetchWithin).retrieveResource(each);
                problem.set(Optional.empty());
                return found;
              });
      return new KeySet(
          published,
          new CachingJWKSetSource<>(
              new RateLimitedJWKSetSource<>(fetched, INTERVAL.toMillis(), null),
              KEPT_FOR.toMillis(),
              WAIT_AT_MOST.toMillis(),
              null),
          clock,
          problem);
    }

    Fact<List<PublicKey>> find(Optional<String> keyId) {
      return current()
          .then(
              set -> {
                List<PublicKey> keys = PublishedKeySet.keys(set, keyId);
                return keys.isEmpty() ? afterRefresh(set, keyId) : Fact.known(keys);
              });
    }

    /**
     * The set as it is now, as far as it may be asked for: the issuer may have changed its keys.
     */
    Fact<List<PublicKey>> refreshed(Optional<String> keyId) {
      return current().then(set -> afterRefresh(set, keyId));
    }

    private Fact<JWKSet> current() {
      try {
        return Fact.known(get(JWKSetCacheRefreshEvaluator.noRefresh()));
      } catch (RateLimitReachedException e) {
        return later(problem.get().orElse("it was asked twice in " + Durations.format(INTERVAL)));
      } catch (KeySourceException e) {
        return failed(e);
      }
    }

    private Fact<List<PublicKey>> afterRefresh(JWKSet set, Optional<String> keyId) {
      try {
        JWKSet next = get(JWKSetCacheRefreshEvaluator.referenceComparison(set));
        return Fact.known(PublishedKeySet.keys(next, keyId));
      } catch (RateLimitReachedException e) {
        // Of a failed fetch nothing follows: the set may be an hour old.
        Optional<String> why = problem.get();
        return why.isPresent() ? later(why.get()) : Fact.known(PublishedKeySet.keys(set, keyId));
      } catch (KeySourceException e) {
        return failed(e);
      }
    }

    private <T> Fact<T> later(String why) {
      return unknown(published, why + "; asked again within " + Durations.format(INTERVAL));
    }

    private JWKSet get(JWKSetCacheRefreshEvaluator refresh) throws KeySourceException {
      return source.getJWKSet(refresh, clock.millis(), null);
    }

    private <T> Fact<T> failed(KeySourceException e) {
      String why = String.valueOf(e.getMessage());
      Throwable cause = e.getCause();
      String detail = cause == null ? "" : String.valueOf(cause.getMessage());
      if (!why.contains(detail)) {
        why += ": " + detail;
      }
      problem.set(Optional.of(why));
      return unknown(published, why);
    }
  }

  /**
   * Fetches from the very address, once: a redirection is an answer other than a set of keys, and a
   * server that answers byte by byte is given up.
   */
  private static final class Fetch extends DefaultResourceRetriever {
    private final Duration within;
    private final AtomicReference<@Nullable HttpURLConnection> open = new AtomicReference<>();

    Fetch(SSLSocketFactory tls, Duration within) {
      super((int) CONNECT_WITHIN.toMillis(), (int) READ_WITHIN.toMillis(), MOST_BYTES, true, tls);
      this.within = within;
    }

    @Override
    public Resource retrieveResource(URL url) throws IOException {
      FutureTask<Resource> answer = new FutureTask<>(() -> super.retrieveResource(url));
      Thread.ofVirtual().name("keys of an issuer").start(answer);
      try {
        return answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        disconnect();
        throw new IOException("got no whole answer within " + Durations.format(within), e);
      } catch (InterruptedException e) {
        disconnect();
        Thread.currentThread().interrupt();
        throw new IOException("stopped while it was waited for", e);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
      }
    }

    private void disconnect() {
      HttpURLConnection connection = open.get();
      if (connection != null) {
        connection.disconnect();
      }
    }

    @Override
    protected HttpURLConnection openHTTPConnection(URL url) throws IOException {
      HttpURLConnection connection = super.openHTTPConnection(url);
      connection.setInstanceFollowRedirects(false);
      open.set(connection);
      return connection;
    }
  }
}
