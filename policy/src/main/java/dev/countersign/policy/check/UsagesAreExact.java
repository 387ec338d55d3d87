package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code spec.usages} is one of the sets that Kubernetes' signer permits, in any order, nothing
 * twice.
 *
 * <p>Until Kubernetes 1.26 kubelets ask for key encipherment with every key; since 1.27 only with
 * an RSA key (k8s.io/client-go/util/certificate {@code DefaultKubeletServingGetUsages} and {@code
 * DefaultKubeletClientGetUsages}). The signer permits either set with any key
 * (pkg/apis/certificates {@code ValidateKubeletServingCSR}), and TLS 1.3 uses RSA keys for
 * signatures only.
 */
final class UsagesAreExact implements RequestCheck {
  private final String purpose;
  private final Set<Set<String>> permitted;

  /**
   * For certificates of one purpose.
   *
   * @param purpose {@code server auth} or {@code client auth}
   */
  UsagesAreExact(String purpose) {
    this.purpose = purpose;
    this.permitted =
        Set.of(
            Set.of("digital signature", "key encipherment", purpose),
            Set.of("digital signature", purpose));
  }

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    List<String> usages = inspection.csr().usages();
    Set<String> set = new HashSet<>(usages);
    if (set.size() != usages.size() || !permitted.contains(set)) {
      findings.add(
          Reason.USAGES_NOT_PERMITTED,
          "spec.usages",
          SafeText.list(usages, 6),
          "exactly [digital signature, " + purpose + "], or these with key encipherment");
    }
  }
}
