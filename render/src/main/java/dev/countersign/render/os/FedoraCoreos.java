package dev.countersign.render.os;

import dev.countersign.render.spec.OperatingSystem;
import java.util.List;
import java.util.Optional;

/** Fedora CoreOS: the kubelet and etcd in podman, SELinux enforced. */
final class FedoraCoreos implements NodeOs {
  @Override
  public OperatingSystem os() {
    return OperatingSystem.FEDORA_COREOS;
  }

  @Override
  public String runtimeUnit() {
    return "containerd.service";
  }

  @Override
  public String maskedUnit() {
    return "docker.service";
  }

  @Override
  public Metadata metadata() {
    return Metadata.AFTERBURN;
  }

  @Override
  public String imageUrl(String image) {
    return image;
  }

  @Override
  public Optional<String> kubeletImage() {
    return Optional.empty();
  }

  @Override
  public boolean hasKubeletConfiguration() {
    return true;
  }

  @Override
  public boolean configuresContainerd() {
    return true;
  }

  @Override
  public boolean bringsEtcd() {
    return false;
  }

  @Override
  public String etcdOwner() {
    return "0:0";
  }

  @Override
  public List<String> labelFiles() {
    return List.of("chcon -R -u system_u -t container_file_t /etc/kubernetes/pki /etc/ssl/etcd");
  }

  @Override
  public Optional<Butane> butane() {
    return Optional.of(Butane.FCOS);
  }
}
