package dev.countersign.render.platform;

import dev.countersign.common.name.DnsName;
import dev.countersign.render.os.Metadata;
import java.util.Optional;

/** Machines of the operator's own, each with a domain that names the host and its Node. */
final class BareMetal implements NodePlatform {
  @Override
  public boolean kubeconfigInUserData() {
    return false;
  }

  @Override
  public boolean deletesNode() {
    return false;
  }

  @Override
  public Optional<String> hostnameOverride(Optional<DnsName> domain, Metadata metadata) {
    return domain.map(DnsName::text);
  }

  @Override
  public Optional<DnsName> hostname(Optional<DnsName> domain) {
    return domain;
  }
}
