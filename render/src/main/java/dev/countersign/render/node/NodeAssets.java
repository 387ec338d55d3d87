package dev.countersign.render.node;

import dev.countersign.common.secret.SecretText;
import dev.countersign.render.Asset;
import dev.countersign.render.AssetPath;
import dev.countersign.render.os.Butane;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.platform.NodePlatform;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The files of each machine: {@code nodes/NAME.yaml}, and {@code nodes/NAME.ign} for Ignition 3.
 */
public final class NodeAssets {
  private NodeAssets() {}

  /** Renders every machine of a spec without snippets. */
  public static Map<AssetPath, Asset> render(ClusterSpec spec, Optional<SecretText> kubeconfig) {
    return render(spec, kubeconfig, Snippets.none());
  }

  /**
   * Renders every machine.
   *
   * @param kubeconfig with the bootstrap token; absent where no secret may be rendered, and then
   *     machines that need it or have other secrets are left out
   * @param snippets of the spec
   */
  public static Map<AssetPath, Asset> render(
      ClusterSpec spec, Optional<SecretText> kubeconfig, Snippets snippets) {
    Map<AssetPath, Asset> assets = new TreeMap<>();
    spec.nodes()
        .ifPresent(
            nodes -> {
              boolean carried = NodePlatform.of(nodes.platform()).kubeconfigInUserData();
              if (carried && kubeconfig.isEmpty()) {
                return;
              }
              Optional<SecretText> inside = carried ? kubeconfig : Optional.empty();
              role(spec, nodes, NodeRole.CONTROL_PLANE, inside, snippets, assets);
              role(spec, nodes, NodeRole.WORKER, inside, snippets, assets);
            });
    if (kubeconfig.isEmpty()) {
      assets.values().removeIf(asset -> asset instanceof Asset.Secret);
    }
    return assets;
  }

  private static void role(
      ClusterSpec spec,
      NodesSpec nodes,
      NodeRole role,
      Optional<SecretText> kubeconfig,
      Snippets snippets,
      Map<AssetPath, Asset> assets) {
    List<NodeSpec> machines = nodes.machines(role);
    Optional<Butane> format = NodeOs.of(nodes.os()).butane();
    for (int i = 0; i < machines.size(); i++) {
      NodeConfig config =
          snippets.mergedInto(
              new NodeConfigBuilder(spec, nodes, role, i, kubeconfig).build(), machines.get(i));
      String stem = "nodes/" + machines.get(i).name();
      assets.put(AssetPath.of(stem + ".yaml"), asset(config, ButaneWriter.write(config, format)));
      format.ifPresent(
          butane ->
              assets.put(
                  AssetPath.of(stem + ".ign"),
                  asset(config, IgnitionWriter.write(config, butane.ignition()))));
    }
  }

  private static Asset asset(NodeConfig config, String text) {
    return config.isSecret() ? Asset.secretFile(SecretText.of(text)) : Asset.publicFile(text);
  }
}
