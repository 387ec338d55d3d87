package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.TokenText;
import dev.countersign.cli.cluster.RecordsNamespace;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.file.FileParse;
import dev.countersign.policy.ownership.Shard;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the policy judges by, read from a live cluster. */
final class LiveObjects {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String ALL_SERVING =
      REQUESTS + "?fieldSelector=spec.signerName%3Dkubernetes.io%2Fkubelet-serving";
  private static final List<String> FACTS =
      List.of(
          "/api/v1/nodes",
          "/api/v1/services",
          "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices");
  private static final List<String> SERVICE_RANGES =
      List.of(
          "/apis/networking.k8s.io/v1/servicecidrs",
          "/apis/networking.k8s.io/v1beta1/servicecidrs");
  // Names of CertificateSigningRequests are DNS subdomains; anything else could alter the path.
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,252}");

  private LiveObjects() {}

  /**
   * One request as it was when it was judged.
   *
   * @param json the object as the API server sent it, with its resourceVersion
   * @param objects the request, first among the requests, and the facts
   * @param serverNames whether those of the API server are among the facts
   */
  record Judged(String json, ClusterObjects objects, ServerNames serverNames) {}

  /** One request, and the facts with the approver's records of {@code namespace}. */
  static Judged request(ClusterAccess cluster, Optional<String> namespace, String name)
      throws CommandFailure {
    String json = one(cluster, name);
    List<String> texts = facts(cluster, namespace);
    texts.addFirst(json);
    texts.add(get(cluster, ALL_SERVING));
    return new Judged(json, parse(cluster, texts), ServerNames.of(cluster));
  }

  /** Every request for a kubelet's serving certificate, and the facts. */
  static ClusterObjects all(ClusterAccess cluster, Optional<String> namespace)
      throws CommandFailure {
    List<String> texts = facts(cluster, namespace);
    texts.add(get(cluster, ALL_SERVING));
    return parse(cluster, texts);
  }

  /** The path of a request. */
  static String path(String name) throws CommandFailure {
    // A token would get into the path of a request, which servers log.
    if (!NAME.matcher(name).matches() || TokenText.isOne(name)) {
      throw CommandFailure.usage(
          "NAME: got \""
              + Console.printable(name)
              + "\"; want the name of a request; see csr list");
    }
    return REQUESTS + "/" + name;
  }

  private static List<String> facts(ClusterAccess cluster, Optional<String> namespace)
      throws CommandFailure {
    List<String> texts = new ArrayList<>();
    for (String path : FACTS) {
      texts.add(get(cluster, path));
    }
    String records = RecordsNamespace.name(cluster, namespace);
    cluster.client().configMaps().inNamespace(records).list().getItems().stream()
        .filter(map -> map.getMetadata().getName().startsWith(Shard.OBJECT_PREFIX))
        .map(Serialization::asJson)
        .forEach(texts::add);
    return texts;
  }

  private static String one(ClusterAccess cluster, String name) throws CommandFailure {
    try {
      return get(cluster, path(name));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404 && namesIt(e, name)) {
        throw CommandFailure.usage(
            "NAME: got "
                + name
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

  private static String get(ClusterAccess cluster, String path) {
    String text = cluster.client().raw(path, "GET", null);
    if (text == null) {
      throw new KubernetesClientException(path + ": got nothing; want an object");
    }
    return text;
  }

  static ClusterObjects parse(List<String> texts) throws CommandFailure {
    return result(ClusterObjects.parse(texts));
  }

  private static ClusterObjects parse(ClusterAccess cluster, List<String> texts)
      throws CommandFailure {
    Optional<String> noServiceRanges = serviceRanges(cluster, texts);
    return result(ClusterObjects.parse(texts, cluster.serverCertificate(), noServiceRanges));
  }

  /** Adds the ServiceCIDR objects; why there are none to add, if so, as the approver sees it. */
  private static Optional<String> serviceRanges(ClusterAccess cluster, List<String> texts) {
    for (String path : SERVICE_RANGES) {
      try {
        texts.add(get(cluster, path));
        return Optional.empty();
      } catch (KubernetesClientException e) {
        if (e.getCode() == 403) {
          return Optional.of("the API server does not let you list servicecidrs (403)");
        }
        if (e.getCode() != 404) {
          throw e;
        }
      }
    }
    return Optional.of("the API server has no servicecidrs (404)");
  }

  private static ClusterObjects result(FileParse<ClusterObjects> parse) throws CommandFailure {
    return switch (parse) {
      case FileParse.Parsed<ClusterObjects>(ClusterObjects objects) -> objects;
      case FileParse.Refused<ClusterObjects> refused ->
          throw CommandFailure.usage(refused.message());
    };
  }
}
