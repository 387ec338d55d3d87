package dev.countersign.testbed.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.api.Tls;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.kubeconfig.Kubeconfig;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A kubelet that has no pods: it makes the calls a real one makes for its identity, in the same
 * order and with the same content, and serves TLS with what it gets.
 *
 * <ol>
 *   <li>{@link #bootstrap}: a client request with the bootstrap token, certificate and kubeconfig
 *       written (0600);
 *   <li>{@link #register}: its Node and the Node's status, with the node's own certificate;
 *   <li>{@link #serve}: a serving request for its name and address, then TLS on its port;
 *   <li>{@link #rotateClient}, {@link #rotateServing}: the same again with new keys.
 * </ol>
 *
 * <p>Requests are those of kubernetes pkg/kubelet/certificate (1.27 and newer: no key encipherment
 * for ECDSA keys). Steps are called by one thread; the server runs on virtual threads.
 */
public final class SimulatedKubelet implements AutoCloseable {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String name;
  private final InetAddress address;
  private final Path directory;
  private final SecureRandom random;
  private final OptionalInt expirationSeconds;
  private @Nullable ApiConnection connection;
  private volatile @Nullable Identity serving;
  private @Nullable HttpsServer server;

  /**
   * A kubelet that has done nothing yet.
   *
   * @param name of its Node
   * @param address of its Node, one that this machine has
   * @param directory where its kubeconfig and certificates go
   * @param expirationSeconds asked for in its requests; the signer's default where empty
   */
  public SimulatedKubelet(
      String name,
      InetAddress address,
      Path directory,
      SecureRandom random,
      OptionalInt expirationSeconds) {
    this.name = name;
    this.address = address;
    this.directory = directory;
    this.random = random;
    this.expirationSeconds = expirationSeconds;
  }

  /** Its Node's name. */
  public String name() {
    return name;
  }

  /** Its Node's address. */
  public InetAddress address() {
    return address;
  }

  /** The kubeconfig with its own certificate. */
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** Gets a client certificate with a bootstrap kubeconfig's token. */
  public void bootstrap(Path bootstrapKubeconfig)
      throws ControlPlaneFailure, IOException, InterruptedException {
    try (ApiConnection bootstrap = new ApiConnection(ClientConfig.read(bootstrapKubeconfig))) {
      useClient(bootstrap, bootstrap.config());
    }
  }

  /** Gets another client certificate with the one it has. */
  public void rotateClient() throws IOException, InterruptedException {
    try (ApiConnection old = asNode()) {
      useClient(old, old.config());
    }
  }

  private void useClient(ApiConnection sender, ClientConfig base)
      throws IOException, InterruptedException {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    CertificateRequest request = RequestSigner.kubeletClient(name, keys, random);
    Identity identity =
        obtain(sender, request, keys, "kubernetes.io/kube-apiserver-client-kubelet", "client auth");
    store("kubelet-client-current.pem", identity, keys);
    AtomicFiles.writeSecret(
        kubeconfig(),
        Kubeconfig.of(
                "default",
                base.server(),
                new Kubeconfig.Authority.InFile("pki/ca.crt"),
                "default-auth",
                new Kubeconfig.User.CertificateFiles(
                    "pki/kubelet-client-current.pem", "pki/kubelet-client-current.pem"))
            .toYaml());
    AtomicFiles.writeSecret(
        directory.resolve("pki/ca.crt"),
        SecretText.of(
            Certificate.toPem(base.authorities().stream().map(Certificate::of).toList())));
    connection = new ApiConnection(ClientConfig.of(base.server(), base.authorities(), identity));
  }

  /** Creates its Node and writes the Node's status. */
  public void register(int port) throws IOException, InterruptedException {
    ObjectNode node = JSON.objectNode();
    node.put("apiVersion", "v1").put("kind", "Node");
    ObjectNode labels = node.putObject("metadata").put("name", name).putObject("labels");
    labels.put("kubernetes.io/hostname", name).put("kubernetes.io/os", "linux");
    labels.put("node.kubernetes.io/node", "");
    Answer created = asNode().post("/api/v1/nodes", node);
    if (created.status() != 409) {
      created.orThrow("creating Node " + name);
    }
    writeStatus(List.of(address), port);
  }

  /**
   * Writes its Node's status.
   *
   * @param addresses claimed as InternalIP, true or not
   */
  public void writeStatus(List<InetAddress> addresses, int port)
      throws IOException, InterruptedException {
    ObjectNode patch = JSON.objectNode();
    ObjectNode status = patch.putObject("status");
    var list = status.putArray("addresses");
    for (InetAddress one : addresses) {
      list.addObject().put("type", "InternalIP").put("address", one.getHostAddress());
    }
    list.addObject().put("type", "Hostname").put("address", name);
    status.putObject("daemonEndpoints").putObject("kubeletEndpoint").put("Port", port);
    ObjectNode ready = status.putArray("conditions").addObject();
    ready.put("type", "Ready").put("status", "True").put("reason", "KubeletReady");
    ready.put("message", "simulated");
    asNode()
        .mergePatch("/api/v1/nodes/" + name + "/status", patch)
        .orThrow("writing the status of Node " + name);
  }

  /** Renews its heartbeat, the Lease in kube-node-lease. */
  public void heartbeat() throws IOException, InterruptedException {
    ObjectNode lease = JSON.objectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", name).put("namespace", "kube-node-lease");
    lease.putObject("spec").put("holderIdentity", name).put("leaseDurationSeconds", 40);
    String leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    Answer created = asNode().post(leases, lease);
    if (created.status() != 409) {
      created.orThrow("creating the Lease of Node " + name);
    }
  }

  /** Asks for a serving certificate, waits for it, and serves TLS with it from then on. */
  public void serve(int port) throws IOException, InterruptedException {
    rotateServing();
    listen(port);
  }

  /** Serves TLS with a certificate that nobody approved, as an impostor would. */
  public void serveWith(Identity identity, int port) throws IOException {
    serving = identity;
    listen(port);
  }

  private void listen(int port) throws IOException {
    if (server != null) {
      return;
    }
    try {
      HttpsServer made = HttpsServer.create(new InetSocketAddress(address, port), 0);
      made.setHttpsConfigurator(
          new HttpsConfigurator(Tls.context(List.of(), () -> Optional.ofNullable(serving))));
      made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      made.createContext("/", SimulatedKubelet::answer);
      made.start();
      server = made;
    } catch (GeneralSecurityException e) {
      throw new IOException("every Java platform has TLS with X.509", e);
    }
  }

  /** Asks for another serving certificate and uses it once it is there. */
  public void rotateServing() throws IOException, InterruptedException {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    CertificateRequest request =
        RequestSigner.kubeletServing(
            name,
            List.of(new SubjectAltName.Dns(name), SubjectAltName.Ip.of(address)),
            keys,
            random);
    Identity identity =
        obtain(asNode(), request, keys, "kubernetes.io/kubelet-serving", "server auth");
    store("kubelet-server-current.pem", identity, keys);
    serving = identity;
  }

  /** The certificate it serves and its key, once it has one. */
  public Optional<Identity> servingIdentity() {
    return Optional.ofNullable(serving);
  }

  /** The certificate it serves, once it has one. */
  public Optional<X509Certificate> servingCertificate() {
    return Optional.ofNullable(serving).map(Identity::certificate);
  }

  /** Speaks to the API server as this node; must be bootstrapped. */
  public ApiConnection asNode() {
    if (connection == null) {
      throw new IllegalStateException(name + ": must be bootstrapped first");
    }
    return connection;
  }

  private Identity obtain(
      ApiConnection sender, CertificateRequest request, KeyPair keys, String signer, String usage)
      throws IOException, InterruptedException {
    ObjectNode csr = JSON.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "csr-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(request.toPem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", signer);
    spec.putArray("usages").add("digital signature").add(usage);
    expirationSeconds.ifPresent(seconds -> spec.put("expirationSeconds", seconds));
    JsonNode created = sender.post(REQUESTS, csr).orThrow(name + ": creating a request");
    String path = REQUESTS + "/" + created.path("metadata").path("name").asText();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    JsonNode status = JSON.objectNode();
    for (long pause = 20; System.nanoTime() < deadline; pause = Math.min(pause * 2, 320)) {
      status = sender.get(path).orThrow(name + ": reading its request").path("status");
      String certificate = status.path("certificate").asText();
      if (!certificate.isEmpty()) {
        return identity(
            new String(Base64.getDecoder().decode(certificate), StandardCharsets.US_ASCII), keys);
      }
      for (JsonNode condition : status.path("conditions")) {
        if (!condition.path("type").asText().equals("Approved")) {
          throw new IOException(
              "%s: request %s: got %s, %s: %s; want a certificate"
                  .formatted(
                      name,
                      path.substring(path.lastIndexOf('/') + 1),
                      condition.path("type").asText(),
                      condition.path("reason").asText(),
                      condition.path("message").asText()));
        }
      }
      Thread.sleep(pause);
    }
    throw new IOException(
        "%s: request %s: got no certificate within %d s (conditions: %s); want one: is an approver running?"
            .formatted(
                name,
                path.substring(path.lastIndexOf('/') + 1),
                PATIENCE.toSeconds(),
                status.path("conditions")));
  }

  private static Identity identity(String certificate, KeyPair keys) throws IOException {
    try {
      return new Identity(
          Identity.parseCertificates(certificate),
          keys.privateKey(SecretAccess.because("used for TLS in this process")));
    } catch (GeneralSecurityException e) {
      throw new IOException("got something else from the signer; want a certificate", e);
    }
  }

  private void store(String file, Identity identity, KeyPair keys) throws IOException {
    SecretText key = keys.privateKeyPem(PrivateKeyFormat.TRADITIONAL);
    AtomicFiles.writeSecret(
        directory.resolve("pki").resolve(file),
        SecretText.of(
            Certificate.of(identity.certificate()).toPem()
                + key.reveal(SecretAccess.because("written to the node's own key file"))));
  }

  /** What a kubelet answers to a health check; nothing else is there. */
  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean health = exchange.getRequestURI().getPath().equals("/healthz");
      byte[] body = (health ? "ok" : "not found").getBytes(StandardCharsets.US_ASCII);
      exchange.sendResponseHeaders(health ? 200 : 404, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
    if (connection != null) {
      connection.close();
    }
  }
}
