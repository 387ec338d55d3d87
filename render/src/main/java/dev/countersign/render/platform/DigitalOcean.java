package dev.countersign.render.platform;

import dev.countersign.common.name.DnsName;
import dev.countersign.render.os.Metadata;
import java.util.Optional;

/** DigitalOcean droplets, whose Nodes are named by their private addresses. */
final class DigitalOcean implements NodePlatform {
  @Override
  public boolean kubeconfigInUserData() {
    return false;
  }

  @Override
  public boolean deletesNode() {
    return true;
  }

  @Override
  public boolean needsMetadata() {
    return true;
  }

  @Override
  public Optional<String> hostnameOverride(Optional<DnsName> domain, Metadata metadata) {
    return Optional.of(metadata.digitalOcean("IPV4_PRIVATE_0"));
  }
}
