package dev.countersign.render.manifest;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.text.YamlText;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.template.Template;

/** The kubelet's configuration file (kubelet.config.k8s.io/v1beta1), the same on every node. */
public final class KubeletConfiguration {
  private KubeletConfiguration() {}

  /** The content of {@code /etc/kubernetes/kubelet.yaml}. */
  public static String render(ClusterSpec spec) {
    return Template.resource(KubeletConfiguration.class, "kubelet.yaml")
        .with(
            "dns",
            spec.clusterDnsServiceIps().stream()
                .map(IpAddress::toString)
                .map(ip -> "- " + YamlText.quoted(ip))
                .toList())
        .with("suffix", spec.clusterDomainSuffix().text())
        .render();
  }
}
