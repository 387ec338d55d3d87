package dev.countersign.render.upgrade;

import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.AssetPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What an operator does to bring another version of Kubernetes to the machines of a cluster.
 *
 * @param from the version that was rendered before
 * @param to the version that is rendered now
 * @param warnings what Kubernetes or etcd does not support about it
 * @param steps in their order; each one is finished before the next one starts
 * @param kept how many keys, certificates, kubeconfigs and tokens stay as they are
 * @param reissued those that do not, for a reason other than the version
 * @param others changed files that belong to no step
 */
public record UpgradePlan(
    KubernetesVersion from,
    KubernetesVersion to,
    List<String> warnings,
    List<Step> steps,
    int kept,
    List<AssetPath> reissued,
    List<AssetPath> others) {

  public UpgradePlan {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    warnings = List.copyOf(warnings);
    steps = List.copyOf(steps);
    reissued = List.copyOf(reissued);
    others = List.copyOf(others);
  }

  /**
   * One step.
   *
   * @param title what is replaced
   * @param machines where, one after the other
   * @param images what runs then
   * @param files what is new below the directory of the rendered files
   * @param actions what to do on each machine, in words and commands
   */
  public record Step(
      String title,
      List<String> machines,
      List<ImageChange> images,
      List<AssetPath> files,
      List<String> actions) {
    public Step {
      Objects.requireNonNull(title, "title");
      machines = List.copyOf(machines);
      images = List.copyOf(images);
      files = List.copyOf(files);
      actions = List.copyOf(actions);
    }
  }

  /**
   * Another image for a component.
   *
   * @param component as {@code containerImages} has it
   */
  public record ImageChange(String component, String from, String to) {
    public ImageChange {
      Objects.requireNonNull(component, "component");
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
    }
  }

  /** The plan for people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("Upgrade plan, Kubernetes " + from + " to " + to + ". render changes no machine:");
    warnings.forEach(warning -> lines.add("warning: " + warning));
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      lines.add((i + 1) + ". " + step.title());
      lines.add("   on: " + String.join(", ", step.machines()));
      step.images().forEach(each -> lines.add("   image: " + each.from() + " -> " + each.to()));
      step.files().forEach(each -> lines.add("   file: " + each));
      step.actions().forEach(each -> lines.add("   - " + each));
    }
    lines.add(
        "Unchanged: "
            + kept
            + " authorities, keys, certificates, kubeconfigs and tokens"
            + (reissued.isEmpty() ? ", all of them" : ""));
    reissued.forEach(each -> lines.add("Reissued, not because of the version: " + each));
    others.forEach(each -> lines.add("Changed, not because of the version: " + each));
    return lines;
  }
}
