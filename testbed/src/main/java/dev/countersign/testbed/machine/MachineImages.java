package dev.countersign.testbed.machine;

import dev.countersign.testbed.binaries.Program;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the demo's machines need that was made beforehand, while there was a network.
 *
 * @param kubelet OCI layout in a tarball
 * @param approver the same
 * @param tools the same
 * @param controlPlane the same for etcd and each program of the control plane
 * @param etcdVersion the tag of etcd's; that of the others is Kubernetes' version
 * @param containerd directory of its programs
 */
public record MachineImages(
    Path kubelet,
    Path approver,
    Path tools,
    Map<Program, Path> controlPlane,
    String etcdVersion,
    Path containerd) {
  /** The kubelet, as the demo's clusters name it. */
  public static final String KUBELET_REPOSITORY = "localhost/countersign/kubelet";

  /** The approver, as {@code deploy/} names it. */
  public static final String APPROVER_REPOSITORY = "quay.io/countersign/approver";

  /** The sandbox of every pod, and the demo's own pod. */
  public static final String TOOLS_REPOSITORY = "localhost/countersign/tools";

  /** With its tag. */
  public static final String TOOLS = TOOLS_REPOSITORY + ":1.0.0";

  /** Copies. */
  public MachineImages {
    controlPlane = Map.copyOf(controlPlane);
  }

  /** Fails where there is none of a program. */
  public Path of(Program program) {
    Path file = controlPlane.get(program);
    if (file == null) {
      throw new IllegalArgumentException(program.fileName() + ": no image was made of it");
    }
    return file;
  }
}
