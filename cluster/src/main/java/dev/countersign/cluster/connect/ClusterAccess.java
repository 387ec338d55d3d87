package dev.countersign.cluster.connect;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.Reading;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeys;
import dev.countersign.x509.secret.SecretAccess;
import dev.countersign.x509.secret.SecretText;
import io.fabric8.kubernetes.api.model.ExecConfig;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one cluster, and what the kubeconfig says about it. Close it to end its threads.
 */
public final class ClusterAccess implements AutoCloseable {
  private static final int MOST_RETRIES = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final URI server;
  private final List<Certificate> authorities;
  private final Witness witness;
  private final String origin;

  private ClusterAccess(
      KubernetesClient client,
      URI server,
      List<Certificate> authorities,
      Witness witness,
      String origin) {
    this.client = client;
    this.server = server;
    this.authorities = List.copyOf(authorities);
    this.witness = witness;
    this.origin = origin;
  }

  /**
   * Where to find the cluster; empty fields mean what they mean to kubectl.
   *
   * @param kubeconfig {@code --kubeconfig}
   * @param context {@code --context}
   * @param namespace {@code -n}
   * @param requestTimeout {@code --request-timeout}: how long to wait for one answer, which then is
   *     asked for once only; zero waits for ever, empty leaves it to the client
   */
  public record Options(
      Optional<Path> kubeconfig,
      Optional<String> context,
      Optional<String> namespace,
      Optional<Duration> requestTimeout) {
    public Options {
      Objects.requireNonNull(kubeconfig, "kubeconfig");
      Objects.requireNonNull(context, "context");
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(requestTimeout, "requestTimeout");
    }
  }

  /**
   * Reads the kubeconfig and prepares a client; no connection is made yet.
   *
   * @throws IllegalArgumentException where the kubeconfig does not say what is asked for
   * @throws UncheckedIOException where a file cannot be read
   */
  public static ClusterAccess open(Options options) {
    Config config = configOf(options);
    // Each wait doubles from 100 ms: an operator learns in seconds that nothing answers.
    config.setRequestRetryBackoffLimit(MOST_RETRIES);
    options.requestTimeout().ifPresent(wait -> limit(config, wait));
    options.namespace().ifPresent(config::setNamespace);
    List<Certificate> authorities =
        text(config.getCaCertData(), config.getCaCertFile())
            .map(pem -> Certificate.parseChain(pem).orThrow())
            .orElse(List.of());
    KubernetesClientBuilder builder = new KubernetesClientBuilder();
    builder.withHttpClientFactory(new JdkHttpClientFactory());
    Optional<String> certificate = text(config.getClientCertData(), config.getClientCertFile());
    Optional<String> key = text(config.getClientKeyData(), config.getClientKeyFile());
    Witness witness = new Witness();
    // What a server shows that is trusted unseen (insecure-skip-tls-verify) says nothing.
    TrustManager[] trustManagers =
        config.isTrustCerts() ? trustManagers(config) : witness.of(trustManagers(config));
    KeyManager[] keyManagers = null;
    if (certificate.isPresent() && key.isPresent()) {
      keyManagers = keyManagers(certificate.get(), SecretText.of(key.get()));
      config.setClientCertData(null);
      config.setClientCertFile(null);
      config.setClientKeyData(null);
      config.setClientKeyFile(null);
    }
    KeyManager[] ours = keyManagers;
    builder.withHttpClientBuilderConsumer(http -> http.sslContext(ours, trustManagers));
    URI server = URI.create(withoutTrailingSlash(config.getMasterUrl()));
    return new ClusterAccess(
        builder.withConfig(config).build(), server, authorities, witness, origin(config, options));
  }

  private static String origin(Config config, Options options) {
    if (config.getCurrentContext() == null) {
      return "the pod's service account";
    }
    String file =
        options
            .kubeconfig()
            .map(Path::toString)
            .orElseGet(() -> String.join(File.pathSeparator, Config.getKubeconfigFilenames()));
    return "kubeconfig " + file + ", context " + config.getCurrentContext().getName();
  }

  private static void limit(Config config, Duration wait) {
    int millis = (int) Math.min(wait.toMillis(), Integer.MAX_VALUE);
    config.setRequestTimeout(millis);
    if (millis > 0) {
      config.setConnectionTimeout(millis);
      config.setRequestRetryBackoffLimit(0);
    }
  }

  /**
   * The names of the contexts to choose from, in the order of the files.
   *
   * @param kubeconfig {@code --kubeconfig}; where empty, what kubectl would read
   * @throws IOException where a file is no kubeconfig
   */
  public static List<String> contexts(Optional<Path> kubeconfig) throws IOException {
    List<Path> files =
        kubeconfig
            .map(List::of)
            .orElseGet(() -> Config.getKubeconfigFilenames().stream().map(Path::of).toList());
    List<String> names = new ArrayList<>();
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        KubeConfigUtils.parseConfig(file.toFile())
            .getContexts()
            .forEach(context -> names.add(context.getName()));
      }
    }
    return names;
  }

  /**
   * The names of objects, asked for as metadata only: what else they hold stays where it is.
   *
   * @param path of the collection, with its query
   * @throws IOException where it is not answered with a list
   */
  public List<String> names(String path) throws IOException, InterruptedException {
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(server + path)
            .header("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
            .build();
    try {
      HttpResponse<String> answer = client.getHttpClient().sendAsync(request, String.class).get();
      if (answer.code() != 200) {
        throw new IOException(path + ": got " + answer.code() + "; want a list");
      }
      List<String> names = new ArrayList<>();
      JSON.readTree(answer.body())
          .path("items")
          .forEach(item -> names.add(item.at("/metadata/name").asText()));
      return names;
    } catch (ExecutionException e) {
      throw new IOException(path + ": got no answer; want a list", e);
    }
  }

  private static Config configOf(Options options) {
    if (options.kubeconfig().isPresent()) {
      Path file = options.kubeconfig().get();
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new IllegalArgumentException(
            "--kubeconfig: got "
                + file
                + (Files.isDirectory(file)
                    ? ", which is a folder"
                    : Files.isRegularFile(file)
                        ? ", which this user may not read"
                        : ", where there is no file")
                + "; want a kubeconfig");
      }
      Config config;
      try {
        config = Config.fromKubeconfig(options.context().orElse(null), file.toFile());
      } catch (RuntimeException e) {
        // Without the parser's words: they quote the file, which holds keys and tokens.
        throw new IllegalArgumentException(
            file
                + ": got text that is no kubeconfig; want YAML with"
                + " clusters, users and contexts: compare it with kubectl config view --kubeconfig "
                + file,
            e);
      }
      return checked(config, options, List.of(file));
    }
    boolean inCluster = System.getenv("KUBERNETES_SERVICE_HOST") != null;
    List<Path> files = Config.getKubeconfigFilenames().stream().map(Path::of).toList();
    if (files.stream().noneMatch(Files::isRegularFile) && !inCluster) {
      throw new IllegalArgumentException(
          "kubeconfig: got none at " + files + "; want one there, or --kubeconfig FILE");
    }
    Config config = Config.autoConfigure(options.context().orElse(null));
    return inCluster && options.context().isEmpty()
        ? config
        : checked(config, options, files.stream().filter(Files::isRegularFile).toList());
  }

  private static Config checked(Config config, Options options, List<Path> files) {
    Object where = files.size() == 1 ? files.getFirst() : files;
    if (config.getCurrentContext() == null) {
      throw new IllegalArgumentException(
          options
              .context()
              .map(name -> noContext(name, where, options))
              .orElse("current-context: got none in " + where + "; want one, or --context NAME"));
    }
    options
        .context()
        .filter(name -> !name.equals(config.getCurrentContext().getName()))
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(noContext(name, where, options));
            });
    checkPlugin(config, files);
    return config;
  }

  private static String noContext(String name, Object where, Options options) {
    String message = "--context: got \"" + name + "\"; want a context of " + where;
    try {
      return message + ": " + String.join(", ", contexts(options.kubeconfig()));
    } catch (IOException e) {
      return message;
    }
  }

  /**
   * An exec plugin that gave nothing is only logged by fabric8, which then asks as nobody: the 401
   * of the API server would be told instead.
   */
  private static void checkPlugin(Config config, List<Path> files) {
    String user = config.getCurrentContext().getContext().getUser();
    for (Path file : files) {
      for (NamedAuthInfo entry : parsed(file).getUsers()) {
        if (entry.getName().equals(user)) {
          ExecConfig exec = entry.getUser() == null ? null : entry.getUser().getExec();
          if (exec != null && exec.getCommand() != null && hasNoCredentials(config)) {
            throw new IllegalArgumentException(ofPlugin(file, user, exec));
          }
          return;
        }
      }
    }
  }

  private static String ofPlugin(Path file, String user, ExecConfig exec) {
    String command = exec.getCommand();
    String who = file + ": user " + user + ": exec plugin ";
    if (!isInstalled(command, file)) {
      return who
          + "got "
          + command
          + ", which is not "
          + (command.contains("/") ? "there" : "on the PATH")
          + "; want a program; "
          + (exec.getInstallHint() == null
              ? "install it, or choose another user or --context"
              : exec.getInstallHint().strip());
    }
    return who
        + "got no credentials from "
        + command
        + "; want a token or a certificate; run it by hand to see what it says";
  }

  private static boolean hasNoCredentials(Config config) {
    return config.getOauthToken() == null
        && config.getAutoOAuthToken() == null
        && config.getClientCertData() == null
        && config.getClientCertFile() == null;
  }

  /** As kubectl looks: a path is relative to its kubeconfig, a bare name is on the PATH. */
  private static boolean isInstalled(String command, Path kubeconfig) {
    if (command.contains("/")) {
      return Files.isExecutable(kubeconfig.toAbsolutePath().resolveSibling(command));
    }
    for (String folder :
        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  private static io.fabric8.kubernetes.api.model.Config parsed(Path file) {
    return KubeConfigUtils.parseConfig(file.toFile());
  }

  private static String withoutTrailingSlash(String url) {
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  private static Optional<String> text(@Nullable String base64, @Nullable String file) {
    if (base64 != null && !base64.isBlank()) {
      // fabric8 keeps what an exec plugin answers as PEM, what a kubeconfig holds as base64
      return Optional.of(
          base64.contains("-----BEGIN")
              ? base64
              : new String(Base64.getMimeDecoder().decode(base64), StandardCharsets.UTF_8));
    }
    if (file != null && !file.isBlank()) {
      try {
        return Optional.of(Files.readString(Path.of(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(
            "kubeconfig: got " + file + ", which cannot be read; want a PEM file", e);
      }
    }
    return Optional.empty();
  }

  private static KeyManager[] keyManagers(String certificatePem, SecretText keyPem) {
    List<Certificate> chain = Certificate.parseChain(certificatePem).orThrow();
    KeyPair keys =
        switch (PrivateKeys.parsePem(keyPem)) {
          case Reading.Read<KeyPair>(KeyPair value) -> value;
          case Reading.Unreadable<KeyPair> unreadable ->
              throw new IllegalArgumentException("client-key: " + unreadable.message());
        };
    List<X509Certificate> x509 = new ArrayList<>();
    for (Certificate link : chain) {
      x509.add(link.x509());
    }
    if (!Bytes.copyOf(x509.getFirst().getPublicKey().getEncoded())
        .equals(Bytes.copyOf(keys.publicKey().getEncoded()))) {
      throw new IllegalArgumentException(
          "client-key: got the key of another certificate; want the one of"
              + " client-certificate-data");
    }
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      // the store never leaves memory, so its password protects nothing
      char[] password = {};
      store.setKeyEntry(
          "client",
          keys.privateKey(SecretAccess.because("handed to the TLS client of this process")),
          password,
          x509.toArray(X509Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      return factory.getKeyManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("client-key: this Java platform cannot use it", e);
    }
  }

  private static TrustManager[] trustManagers(Config config) {
    try {
      return SSLUtils.trustManagers(config);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "certificate-authority-data: got something unreadable; want certificates in PEM", e);
    }
  }

  /** The client. */
  public KubernetesClient client() {
    return client;
  }

  /** The API server's URL, without a slash at the end. */
  public URI server() {
    return server;
  }

  /** Where that URL is from, for people. */
  public String origin() {
    return origin;
  }

  /** The authorities that the kubeconfig trusts; none where it relies on the system's. */
  public List<Certificate> authorities() {
    return authorities;
  }

  /**
   * The certificate that the API server, or what stands before it, showed and that was trusted;
   * empty before the first answer, without TLS, and where the kubeconfig trusts anybody.
   */
  public Optional<X509Certificate> serverCertificate() {
    return witness.seen();
  }

  @Override
  public void close() {
    client.close();
  }
}
