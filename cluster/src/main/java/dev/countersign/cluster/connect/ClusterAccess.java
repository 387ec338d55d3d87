package dev.countersign.cluster.connect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.kube.credential.Impersonation;
import dev.countersign.kube.credential.KubeconfigLoader;
import dev.countersign.kube.http.HttpTransport;
import dev.countersign.kube.http.ProxyEnvironment;
import dev.countersign.x509.certificate.Certificate;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * A connection to one cluster, and what the kubeconfig says about it. Close it to end its threads.
 */
public final class ClusterAccess implements AutoCloseable {
  private static final int MOST_RETRIES = 4;
  private static final Duration UNLIMITED = Duration.ofDays(1);
  private static final String PAGE_SIZE = "500";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final HttpTransport transport;
  private final ClientCredentials credentials;
  private final List<Certificate> authorities;
  private final ApiClient api;

  private ClusterAccess(
      KubernetesClient client,
      HttpTransport transport,
      ClientCredentials credentials,
      List<Certificate> authorities,
      ApiClient api) {
    this.client = client;
    this.transport = transport;
    this.credentials = credentials;
    this.authorities = List.copyOf(authorities);
    this.api = api;
  }

  /**
   * Where to find the cluster; empty fields mean what they mean to kubectl.
   *
   * @param kubeconfig {@code --kubeconfig}
   * @param context {@code --context}
   * @param namespace {@code -n}
   * @param requestTimeout {@code --request-timeout}: how long to wait for one answer, which then is
   *     asked for once only; zero waits for ever, empty leaves it to the client
   * @param impersonation {@code --as}; where empty, what the kubeconfig says
   */
  public record Options(
      Optional<Path> kubeconfig,
      Optional<String> context,
      Optional<String> namespace,
      Optional<Duration> requestTimeout,
      Optional<Impersonation> impersonation) {
    public Options {
      Objects.requireNonNull(kubeconfig, "kubeconfig");
      Objects.requireNonNull(context, "context");
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(requestTimeout, "requestTimeout");
      Objects.requireNonNull(impersonation, "impersonation");
    }

    /** As whom the kubeconfig says. */
    public Options(
        Optional<Path> kubeconfig,
        Optional<String> context,
        Optional<String> namespace,
        Optional<Duration> requestTimeout) {
      this(kubeconfig, context, namespace, requestTimeout, Optional.empty());
    }
  }

  /**
   * Reads the kubeconfig and prepares a client; no connection is made yet.
   *
   * @throws IllegalArgumentException where the kubeconfig does not say what is asked for, or what
   *     it names cannot be used
   */
  public static ClusterAccess open(Options options) {
    return open(options, System.getenv(), Path.of(System.getProperty("user.home", "/")));
  }

  /**
   * Does the same by another environment.
   *
   * @param environment has {@code KUBECONFIG}, what a pod finds, and proxies
   * @param home has {@code .kube/config}
   */
  static ClusterAccess open(Options options, Map<String, String> environment, Path home) {
    ClientCredentials own = credentials(options, environment, home);
    ClientCredentials credentials = options.impersonation().map(own::as).orElse(own);
    Config config = new ConfigBuilder(Config.empty()).build();
    config.setMasterUrl(credentials.url().toString());
    // Each wait doubles from 100 ms: an operator learns in seconds that nothing answers.
    config.setRequestRetryBackoffLimit(MOST_RETRIES);
    options.requestTimeout().ifPresent(wait -> limit(config, wait));
    options.namespace().ifPresent(config::setNamespace);
    HttpTransport transport =
        new HttpTransport(
            credentials, "countersign", Duration.ofMillis(config.getConnectionTimeout()));
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withHttpClientFactory(new TransportFactory(transport, credentials.basePath()))
            .withConfig(config)
            .build();
    return new ClusterAccess(
        client,
        transport,
        credentials,
        authorities(credentials),
        new ApiClient(credentials, apiOptions(options.requestTimeout()), ApiObserver.NONE));
  }

  private static ClientCredentials credentials(
      Options options, Map<String, String> environment, Path home) {
    KubeconfigLoader loader = loader(options.kubeconfig(), environment, home);
    boolean inCluster =
        options.kubeconfig().isEmpty()
            && options.context().isEmpty()
            && !loader.isPresent()
            && environment.containsKey("KUBERNETES_SERVICE_HOST");
    CredentialsResult result =
        inCluster
            ? ClientCredentials.fromServiceAccount(
                environment, ClientCredentials.SERVICE_ACCOUNT_DIRECTORY, InstantSource.system())
            : loader.credentials(options.context(), InstantSource.system());
    return switch (result) {
      case CredentialsResult.Usable(ClientCredentials usable) -> throughProxy(usable, environment);
      case CredentialsResult.Unusable(String problem) ->
          throw new IllegalArgumentException(problem);
    };
  }

  private static KubeconfigLoader loader(
      Optional<Path> kubeconfig, Map<String, String> environment, Path home) {
    return kubeconfig
        .map(KubeconfigLoader::of)
        .orElseGet(() -> KubeconfigLoader.ofEnvironment(environment, home));
  }

  /** As kubectl: {@code proxy-url} comes before the environment. */
  private static ClientCredentials throughProxy(
      ClientCredentials credentials, Map<String, String> environment) {
    return credentials.proxy().isPresent()
        ? credentials
        : ProxyEnvironment.proxy(
                environment,
                credentials.url().getScheme().equals("https"),
                credentials.host(),
                credentials.port())
            .map(credentials::through)
            .orElse(credentials);
  }

  private static List<Certificate> authorities(ClientCredentials credentials) {
    try {
      return credentials
          .authorities()
          .map(pem -> Certificate.parseChain(pem).orThrow())
          .orElse(List.of());
    } catch (IOException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private static ApiClientOptions apiOptions(Optional<Duration> wait) {
    ApiClientOptions defaults = ApiClientOptions.defaults();
    Optional<Duration> limit = wait.map(given -> given.isZero() ? UNLIMITED : given);
    return new ApiClientOptions(
        defaults.userAgent(),
        limit.orElse(defaults.connectTimeout()),
        limit.orElse(defaults.requestTimeout()),
        limit.orElse(defaults.listTimeout()),
        limit.isPresent() ? 0 : MOST_RETRIES,
        defaults.longestRetryAfter());
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
    return loader(kubeconfig, System.getenv(), Path.of(System.getProperty("user.home", "/")))
        .contexts();
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
            .uri(server() + path)
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

  /**
   * Reads an object.
   *
   * @param target its path, percent-encoded ({@link dev.countersign.kube.ApiQuery})
   * @throws KubernetesClientException where there is none, or no answer
   */
  public JsonNode get(String target) {
    String text = client.raw(target, "GET", null);
    try {
      JsonNode object = JSON.readTree(Objects.requireNonNullElse(text, ""));
      if (object.isObject()) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new KubernetesClientException(target + ": got no JSON; want an object", e);
    }
    throw new KubernetesClientException(target + ": got no object; want one");
  }

  /**
   * Reads a collection, page by page.
   *
   * @param target its path and selectors, percent-encoded
   * @param pages gets each page, a list as the API server sends it
   * @throws KubernetesClientException where it is not answered
   */
  public void list(String target, Consumer<JsonNode> pages) {
    String next = "";
    do {
      JsonNode page =
          get(
              target
                  + (target.contains("?") ? "&" : "?")
                  + ApiQuery.of("")
                      .with("limit", PAGE_SIZE)
                      .with("continue", next)
                      .target()
                      .substring(1));
      pages.accept(page);
      next = page.path("metadata").path("continue").asText("");
    } while (!next.isEmpty());
  }

  /**
   * Creates or replaces an object, or asks for a review.
   *
   * @param method {@code POST} or {@code PUT}
   * @throws KubernetesClientException where it is refused, or not answered
   */
  public JsonNode send(String method, String target, JsonNode object) {
    String text = client.raw(target, method, object);
    try {
      return JSON.readTree(Objects.requireNonNullElse(text, ""));
    } catch (JsonProcessingException e) {
      throw new KubernetesClientException(target + ": got no JSON; want an object", e);
    }
  }

  /** The client. */
  public KubernetesClient client() {
    return client;
  }

  /** A client of ours of the same server and user, as the approver's code reads through. */
  public ApiClient api() {
    return api;
  }

  /**
   * Verifies a chain with the authorities that the kubeconfig names.
   *
   * @throws IOException when it does not verify now, or the kubeconfig names none
   */
  public void verifyChain(X509Certificate[] chain) throws IOException {
    if (authorities.isEmpty()) {
      throw new IOException("the kubeconfig names no certificate authority of the cluster");
    }
    credentials.verifyChain(chain);
  }

  /** The API server's URL, without a slash at the end. */
  public URI server() {
    return credentials.url();
  }

  /** Where that URL is from, for people. */
  public String origin() {
    return credentials.source();
  }

  /** The name of the user in the kubeconfig, which need not be what the API server calls it. */
  public String userName() {
    return credentials.userName();
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
    return credentials.unverified().isPresent() ? Optional.empty() : transport.serverCertificate();
  }

  @Override
  public void close() {
    client.close();
    transport.close();
    api.close();
  }
}
