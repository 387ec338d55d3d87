package dev.countersign.render.os;

import dev.countersign.render.spec.OperatingSystem;
import java.util.List;
import java.util.Optional;

/** Flatcar Container Linux: the kubelet and etcd in docker. */
final class Flatcar implements NodeOs {
  @Override
  public OperatingSystem os() {
    return OperatingSystem.FLATCAR;
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
    return false;
  }

  @Override
  public boolean bringsEtcd() {
    return false;
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
    return Optional.of(Butane.FLATCAR);
  }
}
