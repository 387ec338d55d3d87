package dev.countersign.render;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.text.YamlText;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.upgrade.RenderedImages;
import java.util.List;
import java.util.stream.Collectors;

/** What other tools want to know of a cluster, {@code outputs.json}. */
final class Outputs {
  private Outputs() {}

  static String render(ClusterSpec spec) {
    RenderedImages rendered = RenderedImages.of(spec);
    List<String> dns = spec.clusterDnsServiceIps().stream().map(IpAddress::toString).toList();
    return """
    {
      "cluster_name": %s,
      "%s": %s,
      "%s": {
        %s
      },
      "api_server_url": %s,
      "cluster_dns_service_ip": %s,
      "cluster_dns_service_ips": [%s],
      "cluster_domain_suffix": %s,
      "service_account_issuer": %s,
      "kubeconfig_admin": "auth/admin.conf",
      "kubeconfig_kubelet": %s
    }
    """
        .formatted(
            YamlText.quoted(spec.clusterName()),
            RenderedImages.VERSION,
            YamlText.quoted(rendered.kubernetes().toString()),
            RenderedImages.IMAGES,
            rendered.images().entrySet().stream()
                .map(
                    each ->
                        YamlText.quoted(each.getKey().key())
                            + ": "
                            + YamlText.quoted(each.getValue()))
                .collect(Collectors.joining(",\n    ")),
            YamlText.quoted(spec.apiServerUrl()),
            YamlText.quoted(dns.getFirst()),
            dns.stream().map(YamlText::quoted).collect(Collectors.joining(", ")),
            YamlText.quoted(spec.clusterDomainSuffix().text()),
            YamlText.quoted(spec.serviceAccountIssuer()),
            YamlText.quoted(Renderer.BOOTSTRAP_KUBECONFIG.value()));
  }
}
