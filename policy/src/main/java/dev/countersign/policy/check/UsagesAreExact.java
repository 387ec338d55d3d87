package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.SafeText;
import dev.countersign.x509.request.KeyAlgorithm;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code spec.usages} is one of the sets that kubelets ask for, in any order, nothing twice.
 *
 * <p>Until Kubernetes 1.26 they ask for key encipherment with every key; since 1.27 only with an
 * RSA key (k8s.io/client-go/util/certificate {@code DefaultKubeletServingGetUsages}). The signer
 * accepts the two sets with any key (pkg/apis/certificates {@code ValidateKubeletServingCSR}); no
 * kubelet leaves key encipherment out with an RSA key, so neither may anyone else.
 */
final class UsagesAreExact implements RequestCheck {
  private static final Set<String> WITH_ENCIPHERMENT =
      Set.of("digital signature", "key encipherment", "server auth");
  private static final Set<String> WITHOUT_ENCIPHERMENT =
      Set.of("digital signature", "server auth");

  @Override
  public void inspect(Inspection inspection, PolicyConfig config, Findings findings) {
    List<String> usages = inspection.csr().usages();
    Set<String> set = new HashSet<>(usages);
    boolean rsa =
        inspection.request().filter(r -> r.key().algorithm() == KeyAlgorithm.RSA).isPresent();
    boolean permitted =
        set.size() == usages.size()
            && (set.equals(WITH_ENCIPHERMENT) || (!rsa && set.equals(WITHOUT_ENCIPHERMENT)));
    if (!permitted) {
      findings.add(
          Reason.USAGES_NOT_PERMITTED,
          "spec.usages",
          SafeText.list(usages, 6),
          rsa
              ? "exactly [digital signature, key encipherment, server auth] with an RSA key"
              : "exactly [digital signature, server auth], or these with key encipherment");
    }
  }
}
