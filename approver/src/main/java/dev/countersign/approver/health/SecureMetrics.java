package dev.countersign.approver.health;

import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.credential.ServerCertificate;
import java.io.IOException;
import java.net.Socket;
import java.util.Optional;

/**
 * HTTPS with a bearer token, as controller-runtime's {@code WithAuthenticationAndAuthorization} has
 * it. Thread-safe.
 */
final class SecureMetrics implements HttpListener.Protection {
  private static final String BEARER = "Bearer ";

  private final ServerCertificate certificate;
  private final ScrapeAccess access;

  SecureMetrics(ServerCertificate certificate, ScrapeAccess access) {
    this.certificate = certificate;
    this.access = access;
  }

  @Override
  public Socket secure(Socket accepted) throws IOException {
    certificate.problem().ifPresent(access::certificateProblem);
    return certificate.secure(accepted);
  }

  @Override
  public HttpListener.Access access(Optional<String> authorization) {
    return authorization
        .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
        .map(value -> value.substring(BEARER.length()).strip())
        .filter(token -> !token.isEmpty())
        .map(token -> access.of(SecretText.of(token)))
        .orElse(HttpListener.Access.UNAUTHENTICATED);
  }
}
