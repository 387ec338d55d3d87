package dev.countersign.testbed.cluster;

import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;

/** Where a control plane's rendered files come from. */
@FunctionalInterface
public interface ClusterFiles {
  /**
   * Writes the rendered tree below {@link Layout#assets}, for an API server of a release and an
   * etcd that answer at the placement's loopback address. Called again with another placement where
   * the first was taken.
   */
  void write(
      Layout layout, LoopbackAllocator placement, int apiServerPort, KubernetesVersion version)
      throws IOException, ControlPlaneFailure;
}
