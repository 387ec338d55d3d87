package dev.countersign.render.os;

import dev.countersign.render.spec.OperatingSystem;
import java.util.List;
import java.util.Optional;

/**
 * CoreOS Container Linux, ended in May 2020: the last kubelet with an image that rkt can run,
 * configured by flags.
 */
final class ContainerLinux implements NodeOs {
  @Override
  public OperatingSystem os() {
    return OperatingSystem.CONTAINER_LINUX;
  }

  @Override
  public String runtimeUnit() {
    return "docker.service";
  }

  @Override
  public String maskedUnit() {
    return "locksmithd.service";
  }

  @Override
  public Metadata metadata() {
    return Metadata.COREOS;
  }

  @Override
  public String imageUrl(String image) {
    return "docker://" + image;
  }

  @Override
  public Optional<String> kubeletImage() {
    return Optional.of("quay.io/poseidon/kubelet:v1.18.5");
  }

  @Override
  public boolean hasKubeletConfiguration() {
    return false;
  }

  @Override
  public boolean configuresContainerd() {
    return false;
  }

  @Override
  public boolean bringsEtcd() {
    return true;
  }

  /**
   * Puts a colon between the two; it is the one of {@code sha256:} where the image has a digest.
   */
  @Override
  public List<String> etcdImage(String image) {
    int colon = image.lastIndexOf(':');
    return List.of(
        "ETCD_IMAGE_TAG=" + image.substring(colon + 1),
        "ETCD_IMAGE_URL=" + imageUrl(image.substring(0, colon)));
  }

  @Override
  public String etcdOwner() {
    return "232:232";
  }

  @Override
  public List<String> labelFiles() {
    return List.of();
  }

  @Override
  public Optional<Butane> butane() {
    return Optional.empty();
  }
}
