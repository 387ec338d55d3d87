package dev.countersign.kube.credential;

import dev.countersign.kube.http.BearerToken;
import dev.countersign.kube.http.ServerEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * An API server's address, whom to trust there, and who we are. Shows no secret in {@code
 * toString}. Thread-safe.
 */
public final class ClientCredentials implements ServerEndpoint {
  /** Where a pod finds its service account. */
  public static final Path SERVICE_ACCOUNT_FOLDER =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final String source;
  private final String host;
  private final int port;
  private final String basePath;
  private final String certificateName;
  private final TlsIdentity identity;
  private final @Nullable TokenSource token;
  private final InstantSource clock;

  ClientCredentials(
      String source,
      String host,
      int port,
      String basePath,
      String certificateName,
      TlsIdentity identity,
      @Nullable TokenSource token,
      InstantSource clock) {
    this.source = source;
    this.host = host;
    this.port = port;
    this.basePath = basePath;
    this.certificateName = certificateName;
    this.identity = identity;
    this.token = token;
    this.clock = clock;
  }

  /**
   * Reads a kubeconfig file (kind {@code Config}, version {@code v1}). Files it names are relative
   * to its own folder, as for kubectl, and are read again when they change.
   *
   * @param context the context to use; the file's {@code current-context} when empty
   */
  public static CredentialsResult fromKubeconfig(
      Path file, Optional<String> context, InstantSource clock) {
    try {
      ClientCredentials credentials = KubeconfigFile.read(file).credentials(context, clock);
      credentials.verifyUsable();
      return new CredentialsResult.Usable(credentials);
    } catch (IOException e) {
      return new CredentialsResult.Unusable(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Uses the service account of the pod we run in.
   *
   * @param environment has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT
   * @param folder has {@code token} and {@code ca.crt}, see {@link #SERVICE_ACCOUNT_FOLDER}
   */
  public static CredentialsResult fromServiceAccount(
      Map<String, String> environment, Path folder, InstantSource clock) {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "");
    if (host.isEmpty() || !port.matches("[0-9]{1,5}")) {
      return new CredentialsResult.Unusable(
          "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: got none in the environment; want"
              + " both, as in a pod; outside of a cluster give --kubeconfig FILE");
    }
    Material authority = Material.file("service account", folder.resolve("ca.crt"));
    Material token = Material.file("service account", folder.resolve("token"));
    ClientCredentials credentials =
        new ClientCredentials(
            "service account " + folder,
            host,
            Integer.parseInt(port),
            "",
            host,
            new TlsIdentity(Optional.of(authority), Optional.empty(), Optional.empty()),
            new TokenSource(token, clock),
            clock);
    try {
      credentials.verifyUsable();
      return new CredentialsResult.Usable(credentials);
    } catch (IOException e) {
      return new CredentialsResult.Unusable(String.valueOf(e.getMessage()));
    }
  }

  /**
   * A server that is not an API server, with what it takes to trust it and to be trusted by it. The
   * files are read at the first connection, and again when they change.
   *
   * @param host name or address, which the server's certificate must be for, too
   * @param authorities PEM certificates to verify it with
   * @param certificate PEM certificate to show, together with {@code key}
   */
  public static ClientCredentials ofFiles(
      String host,
      int port,
      Path authorities,
      Optional<Path> certificate,
      Optional<Path> key,
      InstantSource clock) {
    return new ClientCredentials(
        authorities.toString(),
        host,
        port,
        "",
        host,
        new TlsIdentity(
            Optional.of(Material.file("caFile", authorities)),
            certificate.map(file -> Material.file("clientCertificateFile", file)),
            key.map(file -> Material.file("clientKeyFile", file))),
        null,
        clock);
  }

  /**
   * Verifies a chain with the certificate authorities that this server is verified with, whoever it
   * is for.
   *
   * @throws IOException when it does not verify now, or the authorities cannot be read
   */
  public void verifyChain(X509Certificate[] chain) throws IOException {
    identity.verify(chain);
  }

  /** Reads everything once, so that a problem shows at the start. */
  private void verifyUsable() throws IOException {
    Objects.requireNonNull(identity.socketFactory());
    if (token != null) {
      Objects.requireNonNull(token.token());
    }
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public String basePath() {
    return basePath;
  }

  @Override
  public String certificateName() {
    return certificateName;
  }

  @Override
  public SSLSocketFactory socketFactory() throws IOException {
    return identity.socketFactory();
  }

  @Override
  public Optional<BearerToken> token() throws IOException {
    return token == null ? Optional.empty() : Optional.of(token.token());
  }

  @Override
  public void identityRefused() {
    if (token != null) {
      token.refused();
    }
  }

  @Override
  public Optional<String> identityProblem() {
    return identity.problemAt(clock.instant());
  }

  @Override
  public String toString() {
    return "https://"
        + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
        + ":"
        + port
        + basePath
        + " from "
        + source;
  }
}
