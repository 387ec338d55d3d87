package dev.countersign.cli.demo.machine;

import java.nio.file.Path;

/**
 * What a machine of the demo needs that was made beforehand, while there was a network.
 *
 * @param kubelet OCI layout in a tarball
 * @param approver the same
 * @param tools the same
 * @param containerd folder of its programs
 */
record MachineImages(Path kubelet, Path approver, Path tools, Path containerd) {
  /** The sandbox of every pod, and the demo's own pod. */
  static final String TOOLS_REPOSITORY = "localhost/countersign/tools";

  /** With its tag. */
  static final String TOOLS = TOOLS_REPOSITORY + ":1.0.0";
}
