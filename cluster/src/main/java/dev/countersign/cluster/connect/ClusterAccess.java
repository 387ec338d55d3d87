package dev.countersign.cluster.connect;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.Reading;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeys;
import dev.countersign.x509.secret.SecretAccess;
import dev.countersign.x509.secret.SecretText;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
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
    Config config = ChosenConfig.of(options);
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
        builder.withConfig(config).build(),
        server,
        authorities,
        witness,
        ChosenConfig.origin(config, options));
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
   * @throws IllegalArgumentException where a file is no kubeconfig
   */
  public static List<String> contexts(Optional<Path> kubeconfig) {
    return ChosenConfig.contexts(kubeconfig);
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
