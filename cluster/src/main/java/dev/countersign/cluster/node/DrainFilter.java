package dev.countersign.cluster.node;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which pods of a node are evicted, which stay, and which stand in the way: the filters of
 * kubernetes/kubernetes {@code kubectl/pkg/drain}, in words of our own.
 *
 * @param evict to be evicted
 * @param blocked each pod that stands in the way, with the flag that would let it pass
 * @param staying each pod that is left, with the reason
 */
record DrainFilter(List<Pod> evict, List<String> blocked, List<String> staying) {
  DrainFilter {
    evict = List.copyOf(evict);
    blocked = List.copyOf(blocked);
    staying = List.copyOf(staying);
  }

  /** Sorts; {@code daemonSetExists} takes namespace/name. */
  static DrainFilter of(List<Pod> pods, DrainOptions options, Predicate<String> daemonSetExists) {
    List<Pod> evict = new ArrayList<>();
    List<String> blocked = new ArrayList<>();
    List<String> staying = new ArrayList<>();
    for (Pod pod : pods) {
      String name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
      Optional<OwnerReference> controller = controller(pod);
      if (isMirror(pod)) {
        staying.add(name + ": static pod, which its kubelet keeps");
        continue;
      }
      boolean ended = ended(pod);
      if (controller.map(owner -> owner.getKind().equals("DaemonSet")).orElse(false) && !ended) {
        String set = pod.getMetadata().getNamespace() + "/" + controller.orElseThrow().getName();
        if (daemonSetExists.test(set)) {
          if (options.ignoreDaemonSets()) {
            staying.add(name + ": of DaemonSet " + set);
          } else {
            blocked.add(name + ": is of DaemonSet " + set + "; --ignore-daemonsets leaves it");
          }
          continue;
        }
        if (!options.force()) {
          blocked.add(
              name + ": is of DaemonSet " + set + ", which is gone; --force evicts it for good");
          continue;
        }
      } else if (controller.isEmpty() && !ended && !options.force()) {
        blocked.add(name + ": has no controller to create it again; --force evicts it for good");
        continue;
      }
      if (!ended && hasEmptyDir(pod) && !options.deleteEmptyDirData()) {
        blocked.add(
            name + ": keeps data in an emptyDir; --delete-emptydir-data evicts it and loses them");
        continue;
      }
      evict.add(pod);
    }
    return new DrainFilter(evict, blocked, staying);
  }

  private static boolean isMirror(Pod pod) {
    return pod.getMetadata().getAnnotations() != null
        && pod.getMetadata().getAnnotations().containsKey("kubernetes.io/config.mirror");
  }

  private static boolean ended(Pod pod) {
    String phase = pod.getStatus() == null ? "" : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  private static boolean hasEmptyDir(Pod pod) {
    List<Volume> volumes = pod.getSpec() == null ? null : pod.getSpec().getVolumes();
    return volumes != null && volumes.stream().anyMatch(v -> v.getEmptyDir() != null);
  }

  private static Optional<OwnerReference> controller(Pod pod) {
    return Objects.requireNonNullElse(
            pod.getMetadata().getOwnerReferences(), List.<OwnerReference>of())
        .stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }
}
