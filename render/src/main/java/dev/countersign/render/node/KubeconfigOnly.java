package dev.countersign.render.node;

import dev.countersign.common.secret.SecretText;
import dev.countersign.render.os.Butane;
import java.util.List;
import java.util.Optional;

/** A machine's configuration that adds the bootstrap kubeconfig and nothing else. */
public final class KubeconfigOnly {
  private final NodeConfig config;

  private KubeconfigOnly(NodeConfig config) {
    this.config = config;
  }

  /** Adds a kubeconfig of mode 0600; one that is there is overwritten. */
  public static KubeconfigOnly of(SecretText kubeconfig) {
    NodeFile file = NodeFile.of(NodeFiles.KUBECONFIG, 0600, kubeconfig).overwriting();
    return new KubeconfigOnly(
        new NodeConfig(List.of(), List.of(), List.of(file), List.of(), List.of()));
  }

  /** Returns it as Ignition reads it. */
  public SecretText ignition() {
    return SecretText.of(IgnitionWriter.write(config, Butane.FCOS.ignition()));
  }

  /** Returns it as Butane's variant fcos reads it. */
  public SecretText butane() {
    return SecretText.of(ButaneWriter.write(config, Optional.of(Butane.FCOS)));
  }
}
