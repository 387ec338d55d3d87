package dev.countersign.testbed.node;

import java.time.Duration;
import java.util.List;

/**
 * What was seen of one node from outside.
 *
 * @param name of the Node
 * @param kind {@code kubelet} or {@code simulated}
 * @param address of the Node
 * @param names the served certificate's DNS names and addresses
 * @param expiresIn how long it is good for
 * @param rotated whether both its certificates were replaced, and the new one is served
 * @param reached what the API server said when asked to reach it, {@code ok} where it did
 */
public record NodeReport(
    String name,
    String kind,
    String address,
    List<String> names,
    Duration expiresIn,
    boolean rotated,
    String reached) {
  public NodeReport {
    names = List.copyOf(names);
  }

  /** Whether everything is as it should be. */
  public boolean good() {
    return reached.equals("ok") && !expiresIn.isNegative();
  }
}
