package dev.countersign.render.upgrade;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.AssetPath;
import dev.countersign.render.AssetTree;
import dev.countersign.render.Renderer;
import dev.countersign.render.network.Host;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.upgrade.UpgradePlan.ImageChange;
import dev.countersign.render.upgrade.UpgradePlan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes the plan, in the order of Kubernetes' version skew policy: etcd, kube-apiserver, the rest
 * of the control plane, add-ons, kubelets.
 */
public final class UpgradePlanner {
  /**
   * The least release of etcd from which the given minor version can be reached (etcd.io, "Upgrade
   * etcd from v3.5 to v3.6" and "from v3.6 to v3.7"). Its versions have the form of Kubernetes'.
   */
  private static final Map<String, KubernetesVersion> BEFORE_ETCD =
      Map.of("3.6", new KubernetesVersion(3, 5, 32), "3.7", new KubernetesVersion(3, 6, 11));

  private static final String STATIC = "static-manifests/";

  private final ClusterSpec spec;
  private final RenderedImages before;
  private final RenderedImages after;
  private final Set<AssetPath> changed;
  private final Set<AssetPath> left;
  private final List<Step> steps = new ArrayList<>();

  private UpgradePlanner(ClusterSpec spec, RenderedImages before, Set<AssetPath> changed) {
    this.spec = spec;
    this.before = before;
    this.after = RenderedImages.of(spec);
    this.changed = new TreeSet<>(changed);
    this.left = new TreeSet<>(changed);
  }

  /**
   * Makes the plan.
   *
   * @param before what is rendered already
   * @param tree everything that is rendered now
   * @param changed what of it differs
   * @return empty where the version of Kubernetes stays
   */
  public static Optional<UpgradePlan> plan(
      ClusterSpec spec, RenderedImages before, AssetTree tree, Set<AssetPath> changed) {
    return before.kubernetes().equals(spec.kubernetesVersion())
        ? Optional.empty()
        : Optional.of(new UpgradePlanner(spec, before, changed).plan(tree));
  }

  private UpgradePlan plan(AssetTree tree) {
    List<AssetPath> secrets =
        tree.assets().keySet().stream().filter(UpgradePlanner::isIdentity).toList();
    List<AssetPath> reissued = secrets.stream().filter(changed::contains).toList();
    left.removeIf(path -> isIdentity(path) || path.equals(Renderer.OUTPUTS));
    backup();
    etcd();
    controlPlane();
    addOns();
    kubelets(
        "kubelet of the control plane's machines, one machine at a time",
        controllers(),
        spec.nodes().map(NodesSpec::controllers).orElse(List.of()));
    List<NodeSpec> workers = spec.nodes().map(NodesSpec::workers).orElse(List.of());
    if (spec.nodes().isEmpty() || !workers.isEmpty()) {
      kubelets(
          "kubelet of the workers",
          spec.nodes().isEmpty() ? List.of("each worker") : names(workers),
          workers);
    }
    return new UpgradePlan(
        before.kubernetes(),
        after.kubernetes(),
        warnings(),
        steps,
        secrets.size() - reissued.size(),
        reissued,
        List.copyOf(left));
  }

  private static boolean isIdentity(AssetPath path) {
    return path.value().startsWith("tls/")
        || path.value().startsWith("auth/")
        || path.equals(Renderer.BOOTSTRAP_TOKEN);
  }

  private void backup() {
    if (!images(ContainerImage.ETCD, ContainerImage.KUBE_APISERVER).isEmpty()) {
      steps.add(
          new Step(
              "Back up etcd",
              controllers().subList(0, 1),
              List.of(),
              List.of(),
              List.of("etcdctl snapshot save; it is the only way back to the older version")));
    }
  }

  private void etcd() {
    List<ImageChange> images = images(ContainerImage.ETCD);
    if (images.isEmpty()) {
      return;
    }
    List<NodeSpec> machines = spec.nodes().map(NodesSpec::controllers).orElse(List.of());
    steps.add(
        new Step(
            "etcd, one member at a time, the leader last",
            controllers(),
            images,
            files(path -> path.startsWith("etcd/") || isOf(machines, path)),
            List.of(
                dropIn("etcd-member.service", etcdImage(images.getFirst().to())),
                "systemctl daemon-reload && systemctl restart etcd-member.service",
                "go on once etcdctl endpoint health --cluster finds every member healthy")));
  }

  private void controlPlane() {
    staticPods(
        "kube-apiserver, one machine at a time",
        "go on once kubectl get --raw /readyz answers ok on this machine",
        ContainerImage.KUBE_APISERVER);
    staticPods(
        "kube-controller-manager and kube-scheduler, once every kube-apiserver is new",
        "go on once their pods are ready",
        ContainerImage.KUBE_CONTROLLER_MANAGER,
        ContainerImage.KUBE_SCHEDULER);
  }

  private void staticPods(String title, String wait, ContainerImage... images) {
    Set<String> names =
        Stream.of(images)
            .map(each -> STATIC + each.imageName() + ".yaml")
            .collect(Collectors.toSet());
    List<AssetPath> files = files(names::contains);
    if (!files.isEmpty()) {
      steps.add(
          new Step(
              title,
              controllers(),
              images(images),
              files,
              List.of("copy the file to /etc/kubernetes/manifests/", wait)));
    }
  }

  private void addOns() {
    List<AssetPath> files = files(path -> path.startsWith("manifests/"));
    if (!files.isEmpty()) {
      steps.add(
          new Step(
              "Add-ons",
              List.of("from where you run kubectl"),
              images(
                  spec.components().stream()
                      .flatMap(each -> each.images().stream())
                      .sorted()
                      .toArray(ContainerImage[]::new)),
              files,
              List.of("kubectl apply -f FILE, for each of them")));
    }
  }

  private void kubelets(String title, List<String> machines, List<NodeSpec> nodes) {
    List<ImageChange> images = images(ContainerImage.KUBELET);
    if (images.isEmpty()) {
      return;
    }
    List<AssetPath> files = files(path -> path.startsWith("kubelet/") || isOf(nodes, path));
    steps.add(
        new Step(
            title,
            machines,
            images,
            files,
            List.of(
                "countersign node drain NODE",
                dropIn("kubelet.service", "KUBELET_IMAGE=" + onNodes(images.getFirst().to())),
                "systemctl daemon-reload && systemctl restart kubelet.service",
                "kubectl uncordon NODE",
                "a worker can be replaced by a new machine with the new file instead")));
  }

  /** Ignition configures a machine once only, when it first boots. */
  private static String dropIn(String unit, String variables) {
    return "systemctl edit %s, section [Service]: Environment=%s".formatted(unit, variables);
  }

  private String etcdImage(String image) {
    return spec.nodes()
        .map(nodes -> String.join(" ", NodeOs.of(nodes.os()).etcdImage(image)))
        .orElse("ETCD_IMAGE=" + image);
  }

  private String onNodes(String image) {
    return spec.nodes().map(nodes -> NodeOs.of(nodes.os()).imageUrl(image)).orElse(image);
  }

  private List<ImageChange> images(ContainerImage... images) {
    return Stream.of(images).flatMap(image -> change(image).stream()).toList();
  }

  private Optional<ImageChange> change(ContainerImage image) {
    String from = before.images().get(image);
    String to = after.images().get(image);
    return from == null || to == null || from.equals(to)
        ? Optional.empty()
        : Optional.of(new ImageChange(image.key(), from, to));
  }

  private List<AssetPath> files(Predicate<String> of) {
    List<AssetPath> found =
        changed.stream().filter(path -> !isIdentity(path) && of.test(path.value())).toList();
    found.forEach(left::remove);
    return found;
  }

  private static boolean isOf(List<NodeSpec> machines, String path) {
    return machines.stream().anyMatch(each -> path.startsWith("nodes/" + each.name() + "."));
  }

  private static List<String> names(List<NodeSpec> machines) {
    return machines.stream().map(NodeSpec::name).toList();
  }

  /**
   * The machines of the control plane: by name, or where the spec names none by what etcd is at.
   */
  private List<String> controllers() {
    return spec.nodes()
        .map(nodes -> names(nodes.controllers()))
        .orElseGet(() -> spec.etcdServers().stream().map(Host::toString).toList());
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    KubernetesVersion from = before.kubernetes();
    KubernetesVersion to = after.kubernetes();
    switch (from.skew(to, 1)) {
      case SUPPORTED -> {}
      case NEWER ->
          warnings.add(
              "Kubernetes cannot go back from %s to %s; restore etcd from a backup of that version"
                  .formatted(from.majorMinor(), to.majorMinor()));
      case TOO_OLD ->
          warnings.add("Kubernetes is upgraded by one minor version at a time" + between(from, to));
    }
    etcdWarning().ifPresent(warnings::add);
    return warnings;
  }

  /** What comes first, each minor version; nothing is known of those before another major. */
  private static String between(KubernetesVersion from, KubernetesVersion to) {
    return from.major() != to.major()
        ? ""
        : IntStream.range(from.minor() + 1, to.minor())
            .mapToObj(minor -> new KubernetesVersion(to.major(), minor, 0))
            .map(
                version ->
                    KubernetesReleases.supported()
                        .ofMinor(version)
                        .map(release -> release.kubernetes().toString())
                        .orElse("v" + version.majorMinor()))
            .collect(Collectors.joining(", then ", "; render and roll out first ", ""));
  }

  private Optional<String> etcdWarning() {
    Optional<KubernetesVersion> from = before.version(ContainerImage.ETCD);
    Optional<KubernetesVersion> to = after.version(ContainerImage.ETCD);
    if (from.isEmpty() || to.isEmpty() || from.get().sameMinor(to.get())) {
      return Optional.empty();
    }
    if (from.get().compareTo(to.get()) > 0) {
      return Optional.of("etcd %s does not read the data of %s".formatted(to.get(), from.get()));
    }
    KubernetesVersion least = BEFORE_ETCD.getOrDefault(to.get().majorMinor(), from.get());
    return from.get().compareTo(least) < 0
        ? Optional.of(
            "etcd %s: bring every member to %s or a later patch release first, by containerImages.etcd"
                .formatted(from.get(), least))
        : Optional.empty();
  }
}
