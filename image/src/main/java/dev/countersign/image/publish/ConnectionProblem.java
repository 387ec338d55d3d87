package dev.countersign.image.publish;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Why a registry could not be talked to, in words for its user.
 *
 * @param got what happened
 * @param want what was wanted
 * @param next the next step
 * @param lasting whether it stays so however often it is tried
 */
record ConnectionProblem(String got, String want, Optional<String> next, boolean lasting) {

  /** Explains a failure; {@code reached} says whether the registry has answered before. */
  static ConnectionProblem of(Repository repository, IOException failure, boolean reached) {
    if (has(failure, CertPathBuilderException.class)
        || has(failure, CertPathValidatorException.class)) {
      return lasting(
          "a certificate that no trusted authority signed (" + text(deepest(failure)) + ")",
          "one of an authority that this machine trusts",
          "give the authority's certificate with --ca-file FILE");
    }
    if (has(failure, CertificateException.class)) {
      return lasting(
          "a certificate for something else (" + text(deepest(failure)) + ")",
          "one for " + repository.host(),
          "use a name that the registry's certificate has");
    }
    if (failure instanceof SSLException
        && text(failure).toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
      return lasting(
          "an answer without TLS",
          "TLS",
          "give --plain-http, or write http:// in front of the repository, if its registry has no"
              + " TLS");
    }
    if (failure instanceof SSLException) {
      return new ConnectionProblem(
          "no TLS connection (" + text(failure) + ")", "TLS", Optional.empty(), false);
    }
    if (has(failure, UnresolvedAddressException.class)) {
      return new ConnectionProblem(
          "no address for " + repository.host(),
          "a host name that DNS knows",
          Optional.of("check the name"),
          !reached);
    }
    if (failure instanceof ConnectException) {
      return new ConnectionProblem(
          "no connection (" + Objects.requireNonNullElse(failure.getMessage(), "refused") + ")",
          "a registry there",
          Optional.of("check host and port, and HTTPS_PROXY if there is a proxy"),
          !reached);
    }
    if (failure instanceof HttpTimeoutException) {
      return new ConnectionProblem(
          "no answer in time",
          "an answer",
          reached ? Optional.empty() : Optional.of("check host and port, and --plain-http"),
          !reached);
    }
    if (has(failure, EOFException.class) || has(failure, ClosedChannelException.class)) {
      return new ConnectionProblem(
          "a connection that was closed before an answer", "an answer", Optional.empty(), false);
    }
    return new ConnectionProblem(text(failure), "an answer", Optional.empty(), false);
  }

  /** The whole sentence. */
  String message(Repository repository) {
    return repository.host()
        + ": got "
        + got
        + "; want "
        + want
        + next.map(x -> "; " + x).orElse("");
  }

  private static ConnectionProblem lasting(String got, String want, String next) {
    return new ConnectionProblem(got, want, Optional.of(next), true);
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(10);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> kind) {
    return chain(failure).anyMatch(kind::isInstance);
  }

  private static Throwable deepest(Throwable failure) {
    return chain(failure).reduce(failure, (_, last) -> last);
  }

  /** A message, never only the name of a class. */
  private static String text(Throwable failure) {
    return chain(failure)
        .map(Throwable::getMessage)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("a broken connection");
  }
}
