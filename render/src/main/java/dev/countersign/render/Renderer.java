package dev.countersign.render;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.kubernetes.VersionSkew;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.manifest.BootstrapTokenSecret;
import dev.countersign.render.manifest.EtcdEnvironment;
import dev.countersign.render.manifest.KubeletConfiguration;
import dev.countersign.render.manifest.Manifests;
import dev.countersign.render.manifest.StaticPods;
import dev.countersign.render.node.NodeAssets;
import dev.countersign.render.node.Snippets;
import dev.countersign.render.pki.ClusterPki;
import dev.countersign.render.pki.Identity;
import dev.countersign.render.pki.PkiBuilder;
import dev.countersign.render.pki.PkiPaths;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import dev.countersign.render.spec.CloudProvider;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.Component;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.JoinMode;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.upgrade.RenderedImages;
import dev.countersign.x509.kubeconfig.Kubeconfig;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Renders a cluster.
 *
 * <p>Pure: the same spec, existing files, random source and moment give the same bytes, whatever
 * the locale, time zone and machine. Rendering again keeps every authority, key and token that
 * exists.
 */
public final class Renderer {
  /** The kubeconfig with the bootstrap token, {@code /etc/kubernetes/kubeconfig} on nodes. */
  public static final AssetPath BOOTSTRAP_KUBECONFIG = AssetPath.of("auth/kubeconfig-bootstrap");

  /** The Secret of the bootstrap token. */
  public static final AssetPath BOOTSTRAP_TOKEN = AssetPath.of("manifests/bootstrap-token.yaml");

  /** What other tools want to know of the cluster. */
  public static final AssetPath OUTPUTS = AssetPath.of("outputs.json");

  private Renderer() {}

  /** Renders with the defaults of {@link RenderOptions}. */
  public static Rendering render(
      ClusterSpec spec, ExistingSecrets existing, SecureRandom random, Instant now) {
    return render(spec, existing, RandomSource.of(random), now, RenderOptions.defaults());
  }

  /**
   * Renders.
   *
   * @param existing the files of {@link #readBack()} as they are, where they are
   * @param now the moment of issue of what has to be issued
   */
  public static Rendering render(
      ClusterSpec spec,
      ExistingSecrets existing,
      RandomSource entropy,
      Instant now,
      RenderOptions options) {
    Map<AssetPath, Asset> assets = new TreeMap<>();
    List<String> notes = new ArrayList<>();
    StaticPods.render(spec).forEach((name, text) -> put(assets, "static-manifests/" + name, text));
    Manifests.render(spec).forEach((name, text) -> put(assets, "manifests/" + name, text));
    put(assets, "kubelet/kubelet.yaml", KubeletConfiguration.render(spec));
    List<String> members = EtcdEnvironment.members(spec);
    for (int i = 0; i < members.size(); i++) {
      put(assets, "etcd/" + members.get(i) + ".env", EtcdEnvironment.render(spec, i));
    }
    put(assets, OUTPUTS.value(), Outputs.render(spec));
    noteVersions(spec, notes);
    noteStrictJoin(spec, notes);
    noteControlPlaneNodes(spec, notes);
    noteNodeIps(spec, notes);
    if (options.publicOnly()) {
      assets.putAll(NodeAssets.render(spec, Optional.empty(), options.snippets()));
      return new Rendering.Rendered(AssetTree.of(assets), notes);
    }

    List<ParseError> problems = new ArrayList<>();
    Optional<BootstrapTokenSecret> token = token(spec, existing, entropy, now, options, problems);
    PkiBuilder.Outcome outcome = PkiBuilder.build(spec, existing, entropy, now, options.renew());
    switch (outcome) {
      case PkiBuilder.Outcome.Refused(List<ParseError> more) -> problems.addAll(more);
      case PkiBuilder.Outcome.Built(ClusterPki pki) -> {
        assets.putAll(pki.files());
        notes.addAll(pki.notes());
        kubeconfigs(spec, pki, token, options.snippets(), assets);
      }
    }
    if (!problems.isEmpty() || token.isEmpty()) {
      return new Rendering.Refused(problems);
    }
    assets.put(BOOTSTRAP_TOKEN, Asset.secretFile(token.get().manifest(spec.bootstrapToken())));
    noteToken(token.get(), now, notes);
    return new Rendering.Rendered(AssetTree.of(assets), notes);
  }

  /** The files of an earlier rendering that a new one needs, where they exist. */
  public static Set<AssetPath> readBack() {
    Set<AssetPath> paths = new TreeSet<>(PkiBuilder.readBack());
    paths.add(BOOTSTRAP_TOKEN);
    return paths;
  }

  private static void put(Map<AssetPath, Asset> assets, String path, String text) {
    assets.put(AssetPath.of(path), Asset.publicFile(text));
  }

  private static Optional<BootstrapTokenSecret> token(
      ClusterSpec spec,
      ExistingSecrets existing,
      RandomSource entropy,
      Instant now,
      RenderOptions options,
      List<ParseError> problems) {
    Optional<SecretText> manifest = existing.find(BOOTSTRAP_TOKEN);
    if (manifest.isEmpty() || options.rotateToken()) {
      return Optional.of(BootstrapTokenSecret.create(spec.bootstrapToken(), entropy, now));
    }
    return switch (BootstrapTokenSecret.parse(manifest.get())) {
      case ParseResult.Parsed<BootstrapTokenSecret>(BootstrapTokenSecret token) ->
          Optional.of(token);
      case ParseResult.Refused<BootstrapTokenSecret>(List<ParseError> errors) -> {
        for (ParseError error : errors) {
          problems.add(
              error
                  .at(BOOTSTRAP_TOKEN + ": " + error.path())
                  .then("restore the file, or replace the token with --rotate-token"));
        }
        yield Optional.empty();
      }
    };
  }

  private static void noteVersions(ClusterSpec spec, List<String> notes) {
    KubernetesReleases releases = KubernetesReleases.supported();
    KubernetesVersion version = spec.kubernetesVersion();
    if (releases.ofMinor(version).isEmpty()) {
      notes.add(
          "kubernetesVersion: %s is not tested, only Kubernetes %s is; the images of etcd and CoreDNS are those of %s"
              .formatted(version, releases.range(), releases.closest(version).kubernetes()));
    }
    RenderedImages images = RenderedImages.of(spec);
    KubernetesVersion apiServer = images.version(ContainerImage.KUBE_APISERVER).orElse(version);
    spec.nodes()
        .ifPresent(
            nodes ->
                images
                    .version(ContainerImage.KUBELET)
                    .filter(kubelet -> kubelet.kubeletSkew(apiServer) != VersionSkew.SUPPORTED)
                    .ifPresent(
                        kubelet ->
                            notes.add(
                                "nodes.os: %s runs a kubelet of %s, which does not work with kube-apiserver %s; see docs/rendering.md"
                                    .formatted(nodes.os().key(), kubelet, apiServer))));
  }

  private static void noteStrictJoin(ClusterSpec spec, List<String> notes) {
    if (spec.join() != JoinMode.STRICT) {
      return;
    }
    notes.add(
        "join: Strict: no token joins anything without a grant; make one for each machine:"
            + " countersign token create --node NAME");
    notes.add(
        "join: Strict: until the first controller runs the approver, run it from here: countersign"
            + " approver --strict-join --kubeconfig auth/admin.conf");
    notes.add(
        "join: Strict: where this cluster was rendered without it before, delete "
            + String.join(", ", Manifests.APPROVED_BY_CONTROLLER_MANAGER)
            + " from manifests/, and the ClusterRoleBindings bootstrap-approve-new and"
            + " bootstrap-approve-renew from the cluster");
  }

  /** A Node that is not known to run the control plane may not have the API server's address. */
  private static void noteControlPlaneNodes(ClusterSpec spec, List<String> notes) {
    if (!spec.components().contains(Component.APPROVER)
        || spec.controlPlaneNodes().size() >= spec.etcdServers().size()) {
      return;
    }
    notes.add(
        "nodes.controllers: the approver learns which Nodes run the control plane from domain, the"
            + " Node's name; where that is not known before the machine boots, label the Node once"
            + " it has joined: kubectl label node NAME node-role.kubernetes.io/control-plane=");
  }

  /** Without {@code --node-ip} and without a cloud's help, a kubelet reports one address. */
  private static void noteNodeIps(ClusterSpec spec, List<String> notes) {
    if (spec.podCidrs().size() < 2 || spec.cloudProvider() == CloudProvider.EXTERNAL) {
      return;
    }
    List<String> without =
        spec.nodes().stream()
            .flatMap(NodesSpec::machines)
            .filter(machine -> machine.nodeIps().size() < 2)
            .map(NodeSpec::name)
            .toList();
    if (!without.isEmpty()) {
      notes.add(
          "nodes: the kubelets of %s report one address family of two; give each machine nodeIp, or run a cloud controller manager (cloudProvider: external)"
              .formatted(SafeText.list(without, 5)));
    }
  }

  private static void noteToken(BootstrapTokenSecret token, Instant now, List<String> notes) {
    if (token.expiration().isEmpty()) {
      notes.add(
          BOOTSTRAP_TOKEN
              + ": the token never expires; set bootstrapToken.expiresAfter and --rotate-token");
    } else if (!token.expiration().get().isAfter(now)) {
      notes.add(
          BOOTSTRAP_TOKEN
              + ": the token expired "
              + token.expiration().get()
              + "; --rotate-token makes a new one");
    }
  }

  private static void kubeconfigs(
      ClusterSpec spec,
      ClusterPki pki,
      Optional<BootstrapTokenSecret> token,
      Snippets snippets,
      Map<AssetPath, Asset> assets) {
    URI server = URI.create(spec.apiServerUrl());
    Kubeconfig.Authority authority =
        new Kubeconfig.Authority.Embedded(
            List.of(pki.authority(AuthorityName.KUBERNETES).orElseThrow()));
    for (CertificateName name : CertificateName.values()) {
      if (PkiPaths.isInKubeconfig(name)) {
        Identity identity = pki.identity(name).orElseThrow();
        assets.put(
            PkiPaths.certificate(name),
            Asset.secretFile(
                Kubeconfig.of(
                        spec.clusterName(),
                        server,
                        authority,
                        name.key(),
                        new Kubeconfig.User.EmbeddedCertificate(
                            List.of(identity.certificate()), identity.keys()))
                    .toYaml()));
      }
    }
    token.ifPresent(
        each -> {
          SecretText bootstrap =
              Kubeconfig.of(
                      spec.clusterName(),
                      server,
                      authority,
                      "kubelet-bootstrap",
                      new Kubeconfig.User.Token(each.token()))
                  .toYaml();
          assets.put(BOOTSTRAP_KUBECONFIG, Asset.secretFile(bootstrap));
          assets.putAll(NodeAssets.render(spec, Optional.of(bootstrap), snippets));
        });
  }
}
