package dev.countersign.kube.credential;

import dev.countersign.kube.http.BearerToken;
import dev.countersign.kube.http.ProxyTunnel;
import dev.countersign.kube.http.ServerEndpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * An API server's address, whom to trust there, and who we are. Shows no secret in {@code
 * toString}. Thread-safe.
 */
public final class ClientCredentials implements ServerEndpoint {
  /** Where a pod finds its service account. */
  public static final Path SERVICE_ACCOUNT_DIRECTORY =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  /**
   * Where the server is.
   *
   * @param source where all of this is from, for people
   * @param basePath what stands before each path
   * @param tlsServerName whom its certificate must be for; where empty, {@code host}
   * @param unverified why nobody knows who answers; empty where it is verified
   * @param plain whether it speaks without TLS
   */
  record Server(
      String source,
      String host,
      int port,
      String basePath,
      String tlsServerName,
      Optional<ProxyTunnel> proxy,
      Optional<String> unverified,
      boolean plain) {
    /** One that is reached directly, by TLS, and verified. */
    static Server of(String source, String host, int port) {
      return new Server(source, host, port, "", "", Optional.empty(), Optional.empty(), false);
    }
  }

  private final Server server;
  private final TlsIdentity identity;
  private final UserAuthentication user;
  private final String userName;
  private final InstantSource clock;

  ClientCredentials(
      Server server,
      UserAuthentication user,
      Optional<DataOrFile> authorities,
      String userName,
      InstantSource clock) {
    this.server = server;
    this.user = user;
    this.identity =
        new TlsIdentity(authorities, user.certificate(), user.key(), server.unverified().isEmpty());
    this.userName = userName;
    this.clock = clock;
  }

  /**
   * Reads a kubeconfig file (kind {@code Config}, version {@code v1}) for a program that talks to
   * verified servers only. Files it names are relative to its own directory, as for kubectl, and
   * are read again when they change.
   *
   * @param context the context to use; the file's {@code current-context} when empty
   */
  public static CredentialsResult fromKubeconfig(
      Path file, Optional<String> context, InstantSource clock) {
    return verified(KubeconfigLoader.of(file).credentials(context, clock));
  }

  /**
   * Does the same by what the environment names: in a pod its service account, unless a context is
   * wanted; else {@code KUBECONFIG} or {@code ~/.kube/config}.
   *
   * @param home has {@code .kube/config}
   */
  public static CredentialsResult fromEnvironment(
      Map<String, String> environment, Path home, Optional<String> context, InstantSource clock) {
    KubeconfigLoader loader = KubeconfigLoader.ofEnvironment(environment, home);
    boolean inPod = environment.containsKey("KUBERNETES_SERVICE_HOST") && context.isEmpty();
    return inPod || !loader.isPresent()
        ? fromServiceAccount(environment, SERVICE_ACCOUNT_DIRECTORY, clock)
        : verified(loader.credentials(context, clock));
  }

  private static CredentialsResult verified(CredentialsResult result) {
    return result instanceof CredentialsResult.Usable(ClientCredentials credentials)
            && credentials.unverified().isPresent()
        ? new CredentialsResult.Unusable(credentials.unverified().get())
        : result;
  }

  /**
   * Uses the service account of the pod we run in.
   *
   * @param environment has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT
   * @param directory has {@code token} and {@code ca.crt}, see {@link #SERVICE_ACCOUNT_DIRECTORY}
   */
  public static CredentialsResult fromServiceAccount(
      Map<String, String> environment, Path directory, InstantSource clock) {
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "");
    if (host.isEmpty() || !port.matches("[0-9]{1,5}")) {
      return new CredentialsResult.Unusable(
          "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: got none in the environment; want"
              + " both, as in a pod; outside of a cluster give --kubeconfig FILE, or have"
              + " ~/.kube/config");
    }
    DataOrFile authority = DataOrFile.file("service account", directory.resolve("ca.crt"));
    DataOrFile token = DataOrFile.file("service account", directory.resolve("token"));
    ClientCredentials credentials =
        new ClientCredentials(
            Server.of("service account " + directory, host, Integer.parseInt(port)),
            UserAuthentication.ofToken(new TokenSource(token, clock)),
            Optional.of(authority),
            "a service account",
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
        Server.of(authorities.toString(), host, port),
        UserAuthentication.ofCertificate(
            certificate.map(file -> DataOrFile.file("clientCertificateFile", file)),
            key.map(file -> DataOrFile.file("clientKeyFile", file))),
        Optional.of(DataOrFile.file("caFile", authorities)),
        "",
        clock);
  }

  /**
   * A server that is not an API server and that needs not know who we are.
   *
   * @param host name or address, which the server's certificate must be for, too
   * @param authorities PEM certificates to verify it with, read again when the file changes; the
   *     Java runtime's where empty
   */
  public static ClientCredentials anonymous(
      String host, int port, Optional<Path> authorities, InstantSource clock) {
    return new ClientCredentials(
        Server.of(host, host, port),
        UserAuthentication.ofCertificate(Optional.empty(), Optional.empty()),
        authorities.map(file -> DataOrFile.file("caFile", file)),
        "",
        clock);
  }

  /** The same server and user, by way of a proxy. */
  public ClientCredentials through(ProxyTunnel proxy) {
    return new ClientCredentials(
        this,
        new Server(
            server.source(),
            server.host(),
            server.port(),
            server.basePath(),
            server.tlsServerName(),
            Optional.of(proxy),
            server.unverified(),
            server.plain()),
        user);
  }

  /** The same server and credentials, to act as another user. */
  public ClientCredentials as(Impersonation other) {
    return new ClientCredentials(this, server, user.as(other));
  }

  private ClientCredentials(ClientCredentials other, Server server, UserAuthentication user) {
    this.server = server;
    this.identity = other.identity;
    this.user = user;
    this.userName = other.userName;
    this.clock = other.clock;
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
  void verifyUsable() throws IOException {
    Objects.requireNonNull(identity.socketFactory());
    Objects.requireNonNull(token());
  }

  /** Where all of this is from, for people. */
  public String source() {
    return server.source();
  }

  /** The name that the user has in the kubeconfig. */
  public String userName() {
    return userName;
  }

  /** Why nobody knows who answers; empty where the server is verified. */
  public Optional<String> unverified() {
    return server.unverified();
  }

  /** The server's URL, without a slash at the end. */
  public URI url() {
    String host = server.host();
    return URI.create(
        (server.plain() ? "http://" : "https://")
            + (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
            + (server.port() == (server.plain() ? 80 : 443) ? "" : ":" + server.port())
            + server.basePath());
  }

  /**
   * The certificates of the authorities that the server is verified with, in PEM; empty where the
   * Java runtime's are.
   *
   * @throws IOException when they cannot be read
   */
  public Optional<String> authorities() throws IOException {
    return identity.authorities();
  }

  @Override
  public String host() {
    return server.host();
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public String basePath() {
    return server.basePath();
  }

  @Override
  public String certificateName() {
    return server.tlsServerName().isEmpty() ? server.host() : server.tlsServerName();
  }

  @Override
  public Optional<ProxyTunnel> proxy() {
    return server.proxy();
  }

  @Override
  public Map<String, List<String>> headers() {
    return user.impersonation();
  }

  @Override
  public SSLSocketFactory socketFactory() throws IOException {
    return identity.socketFactory();
  }

  @Override
  public boolean plain() {
    return server.plain();
  }

  @Override
  public Optional<BearerToken> token() throws IOException {
    if (user.plugin().isPresent()) {
      return user.plugin().get().credential().token();
    }
    return user.token().isPresent() ? Optional.of(user.token().get().token()) : Optional.empty();
  }

  @Override
  public void identityRefused() {
    user.token().ifPresent(TokenSource::refused);
    user.plugin().ifPresent(ExecPlugin::refused);
  }

  @Override
  public Optional<String> identityProblem() {
    return identity.problemAt(clock.instant());
  }

  @Override
  public String toString() {
    return url() + " from " + server.source();
  }
}
