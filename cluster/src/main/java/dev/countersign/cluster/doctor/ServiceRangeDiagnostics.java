package dev.countersign.cluster.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cluster.doctor.ClusterSnapshot.Permission;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.ServiceRanges;
import dev.countersign.policy.file.ApprovalPolicyFile;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Looks whether an approver can know from which range Services get their addresses. */
final class ServiceRangeDiagnostics {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POLICY = "countersign-policy";
  private static final String FILE = "policy.yaml";
  private static final List<String> VERSIONS = List.of("v1", "v1beta1");

  private final KubernetesClient client;

  private final Attempts attempts;

  ServiceRangeDiagnostics(KubernetesClient client, Attempts attempts) {
    this.client = client;
    this.attempts = attempts;
  }

  /**
   * Why an approver can't know it; empty where it can, or where that can't be learned.
   *
   * @param namespace the approver's
   */
  Optional<String> whyUnknown(String namespace, Map<Permission, Boolean> permissions) {
    if (attempts.optional("the approver's policy", () -> isNamed(namespace)).orElse(true)) {
      return Optional.empty();
    }
    return Boolean.FALSE.equals(permissions.get(Permission.APPROVER_LISTS_SERVICE_RANGES))
        ? Optional.of("its service account cannot list servicecidrs")
        : attempts.optional("servicecidrs", this::whyUntold).flatMap(why -> why);
  }

  /** Whether the policy in the ConfigMap of the approver's manifests names it. */
  private boolean isNamed(String namespace) {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(POLICY).get();
    String text = map == null || map.getData() == null ? null : map.getData().get(FILE);
    return text != null
        && ApprovalPolicyFile.parse(text)
            instanceof ParseResult.Parsed<PolicyConfig>(PolicyConfig policy)
        && !policy.guard().cidrs().services().isEmpty();
  }

  /** Why ServiceCIDR objects do not tell it, if they do not. */
  private Optional<String> whyUntold() {
    for (String version : VERSIONS) {
      Optional<List<IpRange>> ranges = ranges(version);
      if (ranges.isPresent()) {
        return ServiceRanges.whyUnknown(ranges.get(), apiServer());
      }
    }
    return Optional.of("the API server does not serve servicecidrs (404)");
  }

  private Optional<List<IpRange>> ranges(String version) {
    try {
      String text = client.raw("/apis/networking.k8s.io/" + version + "/servicecidrs", "GET", null);
      List<IpRange> ranges = new ArrayList<>();
      for (JsonNode item : JSON.readTree(Objects.requireNonNullElse(text, "{}")).path("items")) {
        for (JsonNode range : item.at("/spec/cidrs")) {
          IpRange.parse(range.asText("")).ifPresent(ranges::add);
        }
      }
      return Optional.of(ranges);
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404) {
        return Optional.empty();
      }
      throw e;
    } catch (JsonProcessingException e) {
      throw new KubernetesClientException("servicecidrs: no JSON", e);
    }
  }

  private List<IpAddress> apiServer() {
    Service service = client.services().inNamespace("default").withName("kubernetes").get();
    return service == null || service.getSpec().getClusterIPs() == null
        ? List.of()
        : service.getSpec().getClusterIPs().stream()
            .flatMap(ip -> IpAddress.parse(ip).stream())
            .toList();
  }
}
