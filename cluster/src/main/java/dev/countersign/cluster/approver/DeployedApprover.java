package dev.countersign.cluster.approver;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An approver that runs in a cluster, as its Deployment, DaemonSet or Pod describes it.
 *
 * @param origin what describes it, such as {@code Deployment
 *     countersign-system/countersign-approver}
 * @param namespace of its pods
 * @param arguments of its container
 * @param files the files of its container that are from ConfigMaps
 */
public record DeployedApprover(
    String origin, String namespace, List<String> arguments, List<Mount> files) {
  private static final String LABEL = "app.kubernetes.io/name";
  private static final String LABEL_VALUE = "countersign-approver";

  public DeployedApprover {
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(namespace, "namespace");
    arguments = List.copyOf(arguments);
    files = List.copyOf(files);
  }

  /**
   * A ConfigMap whose keys are files.
   *
   * @param directory where they are
   * @param configMap its name
   * @param items key to path below the directory; where empty, each key is a file's name
   */
  public record Mount(Path directory, String configMap, Map<String, String> items) {
    public Mount {
      items = Map.copyOf(items);
    }

    private Optional<Source> source(Path file) {
      if (!file.startsWith(directory)) {
        return Optional.empty();
      }
      Path below = directory.relativize(file);
      if (items.isEmpty()) {
        return below.getNameCount() == 1 && !below.toString().isEmpty()
            ? Optional.of(new Source(configMap, below.toString()))
            : Optional.empty();
      }
      return items.entrySet().stream()
          .filter(item -> below.equals(Path.of(item.getValue())))
          .map(item -> new Source(configMap, item.getKey()))
          .findFirst();
    }
  }

  /** A key of a ConfigMap in the approver's namespace. */
  public record Source(String configMap, String key) {}

  /**
   * The approvers in a cluster, by the label that every way to deploy them gives; none where the
   * user may not list Deployments and Pods.
   *
   * @param namespace to look in; empty for all
   */
  public static List<DeployedApprover> find(KubernetesClient client, Optional<String> namespace) {
    List<DeployedApprover> found = new ArrayList<>();
    labelled(client.apps().deployments(), namespace)
        .forEach(one -> add(one, one.getSpec().getTemplate().getSpec(), found));
    labelled(client.apps().daemonSets(), namespace)
        .forEach(one -> add(one, one.getSpec().getTemplate().getSpec(), found));
    if (found.isEmpty()) {
      labelled(client.pods(), namespace).forEach(one -> add(one, one.getSpec(), found));
    }
    return found;
  }

  private static <T extends HasMetadata, L extends KubernetesResourceList<T>, R extends Resource<T>>
      List<T> labelled(MixedOperation<T, L, R> all, Optional<String> namespace) {
    try {
      return (namespace.isPresent() ? all.inNamespace(namespace.get()) : all.inAnyNamespace())
          .withLabel(LABEL, LABEL_VALUE)
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == 403) {
        return List.of();
      }
      throw e;
    }
  }

  private static void add(
      HasMetadata object, @Nullable PodSpec spec, List<DeployedApprover> found) {
    if (spec != null) {
      of(object, spec).ifPresent(found::add);
    }
  }

  /** What a pod's spec says of the approver in it; empty where there is none in it. */
  static Optional<DeployedApprover> of(HasMetadata object, PodSpec spec) {
    String namespace = object.getMetadata().getNamespace();
    for (Container container : spec.getContainers()) {
      List<String> words = new ArrayList<>(container.getCommand());
      words.addAll(container.getArgs());
      if (words.contains("approver") || container.getName().equals("approver")) {
        return Optional.of(
            new DeployedApprover(
                object.getKind() + " " + namespace + "/" + object.getMetadata().getName(),
                namespace,
                words,
                mounts(container, spec)));
      }
    }
    return Optional.empty();
  }

  private static List<Mount> mounts(Container container, PodSpec spec) {
    List<Mount> mounts = new ArrayList<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      for (Volume volume : spec.getVolumes()) {
        if (volume.getName().equals(mount.getName())) {
          if (volume.getConfigMap() != null) {
            mount(mount, volume.getConfigMap().getName(), volume.getConfigMap().getItems())
                .ifPresent(mounts::add);
          }
          if (volume.getProjected() != null) {
            for (VolumeProjection source : volume.getProjected().getSources()) {
              ConfigMapProjection map = source.getConfigMap();
              if (map != null) {
                mount(mount, map.getName(), map.getItems()).ifPresent(mounts::add);
              }
            }
          }
        }
      }
    }
    // the innermost directory hides what is mounted around it
    mounts.sort(Comparator.comparingInt(mount -> -mount.directory().getNameCount()));
    return mounts;
  }

  private static Optional<Mount> mount(VolumeMount mount, String configMap, List<KeyToPath> items) {
    try {
      Path at = Path.of(mount.getMountPath()).normalize();
      Map<String, String> files = new java.util.HashMap<>();
      items.forEach(item -> files.put(item.getKey(), item.getPath()));
      String only = mount.getSubPath();
      if (only == null || only.isEmpty()) {
        return Optional.of(new Mount(at, configMap, files));
      }
      Path name = at.getFileName();
      Path directory = at.getParent();
      if (name == null || directory == null) {
        return Optional.empty();
      }
      String key =
          files.entrySet().stream()
              .filter(item -> item.getValue().equals(only))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(only);
      return Optional.of(new Mount(directory, configMap, Map.of(key, name.toString())));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Whether a flag is among the arguments. */
  public boolean has(String flag) {
    return arguments.contains(flag) || option(flag).filter("true"::equals).isPresent();
  }

  /** The value of an option, {@code --name=value} or {@code --name value}; the last one counts. */
  public Optional<String> option(String name) {
    Optional<String> value = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.startsWith(name + "=")) {
        value = Optional.of(word.substring(name.length() + 1));
      } else if (word.equals(name) && i + 1 < arguments.size()) {
        value = Optional.of(arguments.get(i + 1));
      }
    }
    return value;
  }

  /** The ConfigMap that a file of its container is from. */
  public Optional<Source> source(String file) {
    try {
      Path path = Path.of(file).normalize();
      return files.stream().flatMap(mount -> mount.source(path).stream()).findFirst();
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** The text of a ConfigMap's key now; empty where there is none. */
  public Optional<String> read(KubernetesClient client, Source source) {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(source.configMap()).get();
    return Optional.ofNullable(map).map(ConfigMap::getData).map(data -> data.get(source.key()));
  }
}
