package dev.countersign.cli.csr;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.cli.TokenText;
import dev.countersign.cli.cluster.RecordsNamespace;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.ApiQuery;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What the policy judges by, read from a live cluster. */
public final class LiveObjects {
  static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final List<String> OF_KUBELETS =
      List.of(
          REQUESTS + "?fieldSelector=spec.signerName%3Dkubernetes.io%2Fkubelet-serving",
          REQUESTS
              + "?fieldSelector=spec.signerName%3Dkubernetes.io%2Fkube-apiserver-client-kubelet");
  private static final List<String> FACTS =
      List.of(
          "/api/v1/nodes",
          "/api/v1/services",
          "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices");
  private static final List<String> SERVICE_RANGES =
      List.of(
          "/apis/networking.k8s.io/v1/servicecidrs",
          "/apis/networking.k8s.io/v1beta1/servicecidrs");

  private LiveObjects() {}

  /**
   * One request as it was when it was judged.
   *
   * @param json the object as the API server sent it, with its resourceVersion
   * @param objects the request, first among the requests, and the facts
   * @param serverNames whether those of the API server are among the facts
   */
  record Judged(JsonNode json, ClusterObjects objects, ServerNames serverNames) {}

  /** One request, and the facts with the approver's records of {@code namespace}. */
  static Judged request(
      ClusterAccess cluster, Optional<String> namespace, String name, Console console)
      throws CliException {
    JsonNode json = one(cluster, name);
    ClusterObjects.Builder objects = ClusterObjects.builder();
    objects.add(json);
    addFacts(cluster, namespace, objects);
    return new Judged(json, built(cluster, objects, console), ServerNames.of(cluster));
  }

  /** The facts alone. */
  public static ClusterObjects facts(
      ClusterAccess cluster, Optional<String> namespace, Console console) throws CliException {
    ClusterObjects.Builder objects = ClusterObjects.builder();
    addFacts(cluster, namespace, objects);
    return built(cluster, objects, console);
  }

  /**
   * Requests to be listed.
   *
   * @param objects every request for a kubelet's certificate, and the facts
   * @param selected those to be listed
   * @param labels of each by its name
   */
  record Requests(
      ClusterObjects objects, List<CsrSpec> selected, Map<String, Map<String, String>> labels) {
    Map<String, String> labelsOf(CsrSpec csr) {
      return labels.getOrDefault(csr.name(), Map.of());
    }
  }

  /**
   * Every request for a kubelet's serving or client certificate, and the facts.
   *
   * @param selector of labels; empty for all
   */
  static Requests all(
      ClusterAccess cluster, Optional<String> namespace, Optional<String> selector, Console console)
      throws CliException {
    Set<String> names = selector.isEmpty() ? Set.of() : names(cluster, selector.get());
    Map<String, Map<String, String>> labels = new HashMap<>();
    ClusterObjects.Builder objects = ClusterObjects.builder();
    addFacts(
        cluster,
        namespace,
        objects,
        csr -> labels.put(csr.at("/metadata/name").asText(), labels(csr)));
    ClusterObjects built = built(cluster, objects, console);
    return new Requests(
        built,
        built.requests().stream()
            .filter(csr -> selector.isEmpty() || names.contains(csr.name()))
            .toList(),
        labels);
  }

  /** The names of the requests with such labels. */
  private static Set<String> names(ClusterAccess cluster, String selector) throws CliException {
    Set<String> names = new HashSet<>();
    try {
      cluster.list(
          ApiQuery.of(REQUESTS).with("labelSelector", selector).target(),
          page -> page.path("items").forEach(csr -> names.add(csr.at("/metadata/name").asText())));
      return names;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 400) {
        throw CliException.usage(
            "--selector: got "
                + SafeText.quote(selector)
                + "; want labels such as app=web,tier!=db");
      }
      throw e;
    }
  }

  private static Map<String, String> labels(JsonNode csr) {
    Map<String, String> labels = new HashMap<>();
    csr.at("/metadata/labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return labels;
  }

  /** What could be read; what could not is named on standard error. */
  private static ClusterObjects built(
      ClusterAccess cluster, ClusterObjects.Builder objects, Console console) {
    cluster.serverCertificate().ifPresent(objects::add);
    objects
        .errors()
        .forEach(error -> console.err().println("warning: " + SafeText.line(error.message())));
    return objects.build();
  }

  /** The path of a request: any segment of a path can be a name. */
  static String path(String name) throws CliException {
    // A token would get into the path of a request, which servers log.
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.contains("/")
        || name.contains("%")
        || TokenText.isOne(name)) {
      throw CliException.usage(
          "NAME: got \"" + SafeText.line(name) + "\"; want the name of a request; see csr list");
    }
    return REQUESTS + ApiQuery.path(name);
  }

  private static void addFacts(
      ClusterAccess cluster, Optional<String> namespace, ClusterObjects.Builder objects)
      throws CliException {
    addFacts(cluster, namespace, objects, _ -> {});
  }

  /**
   * Adds the facts, and the requests that other nodes made.
   *
   * @param requests gets each request, too
   */
  private static void addFacts(
      ClusterAccess cluster,
      Optional<String> namespace,
      ClusterObjects.Builder objects,
      Consumer<JsonNode> requests)
      throws CliException {
    for (String path : FACTS) {
      cluster.list(path, objects::add);
    }
    addServiceRanges(cluster, objects);
    String records = RecordsNamespace.name(cluster, namespace);
    cluster.list(ApiQuery.path("api", "v1", "namespaces", records, "configmaps"), objects::add);
    for (String path : OF_KUBELETS) {
      cluster.list(
          path,
          page -> {
            objects.add(page);
            page.path("items").forEach(requests);
          });
    }
  }

  /** Adds the ServiceCIDR objects, or why there are none to add, as the approver sees it. */
  private static void addServiceRanges(ClusterAccess cluster, ClusterObjects.Builder objects) {
    for (String path : SERVICE_RANGES) {
      try {
        cluster.list(path, objects::add);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() == 403) {
          objects.noServiceRanges("the API server does not let you list servicecidrs (403)");
          return;
        }
        if (e.getCode() != 404) {
          throw e;
        }
      }
    }
    objects.noServiceRanges("the API server has no servicecidrs (404)");
  }

  private static JsonNode one(ClusterAccess cluster, String name) throws CliException {
    try {
      return cluster.get(path(name));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404 && namesIt(e, name)) {
        throw CliException.usage(
            "NAME: got "
                + SafeText.line(name)
                + "; want the name of a request; countersign csr list shows those that are"
                + " undecided, kubectl get csr all (Kubernetes deletes them after an hour to a"
                + " day)");
      }
      throw e;
    }
  }

  /** Whether it is the object that is missing, and not the whole API. */
  private static boolean namesIt(KubernetesClientException e, String name) {
    return e.getStatus() != null
        && e.getStatus().getDetails() != null
        && name.equals(e.getStatus().getDetails().getName());
  }

  /** Objects of files. */
  static ClusterObjects parse(List<String> texts) throws CliException {
    return switch (ClusterObjects.parse(texts)) {
      case ParseResult.Parsed<ClusterObjects>(ClusterObjects objects) -> objects;
      case ParseResult.Refused<ClusterObjects> refused ->
          throw CliException.usage(refused.message());
    };
  }
}
