package dev.countersign.render.os;

import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.template.Template;
import java.util.List;
import java.util.Optional;

/**
 * What differs between machines because of the operating system that they boot. Beside its class, a
 * system has a directory with the files that are its own: {@code kubelet.service}, {@code
 * bootstrap.service}, {@code kubectl} (the command that {@code delete-node} runs), and {@code
 * etcd-member.service} or a drop-in for the system's.
 */
public interface NodeOs {

  /** Returns the class of a system. */
  static NodeOs of(OperatingSystem os) {
    return switch (os) {
      case FEDORA_COREOS -> new FedoraCoreos();
      case FLATCAR -> new Flatcar();
      case CONTAINER_LINUX -> new ContainerLinux();
    };
  }

  /** The system that it is. */
  OperatingSystem os();

  /** The unit that runs the kubelet's pods. */
  String runtimeUnit();

  /** A unit of the system's that must not run beside the kubelet. */
  String maskedUnit();

  /** What asks the platform about the machine. */
  Metadata metadata();

  /** An image as the system's container engine wants it named. */
  String imageUrl(String image);

  /** The kubelet's image where the spec chooses none, if it is not the spec's default. */
  Optional<String> kubeletImage();

  /** The kubelet's image that units name, without {@code nodes.kubeletImageOverride}. */
  default String kubeletImage(ClusterSpec spec) {
    return Optional.ofNullable(spec.containerImages().get(ContainerImage.KUBELET))
        .or(this::kubeletImage)
        .orElseGet(() -> spec.image(ContainerImage.KUBELET));
  }

  /** Whether the kubelet reads {@code /etc/kubernetes/kubelet.yaml}, not flags alone. */
  boolean hasKubeletConfiguration();

  /** Whether {@code containerd.toml} of its directory takes the place of the system's. */
  boolean configuresContainerd();

  /** Whether the system brings {@code etcd-member.service}, which a drop-in then configures. */
  boolean bringsEtcd();

  /** The variables of {@code etcd-member.service} that name etcd's image. */
  default List<String> etcdImage(String image) {
    return List.of("ETCD_IMAGE=" + image);
  }

  /** The user and group that etcd runs as and that own its keys, in numbers. */
  String etcdOwner();

  /** Commands that label files so that containers may use them (SELinux). */
  List<String> labelFiles();

  /** What machines are written in beside Ignition 3; absent for Container Linux Config. */
  Optional<Butane> butane();

  /** Returns a file of its directory. */
  default Template file(String name) {
    return Template.resource(NodeOs.class, os().key() + "/" + name);
  }
}
