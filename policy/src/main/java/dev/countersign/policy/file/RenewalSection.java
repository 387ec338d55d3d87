package dev.countersign.policy.file;

import dev.countersign.common.document.Fields;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.config.Renewal.OnChange;
import java.util.List;

/** The field {@code spec.renewal} of a policy file. */
final class RenewalSection {
  private RenewalSection() {}

  static Renewal read(Fields renewal) {
    Renewal defaults = Renewal.defaults();
    Renewal found =
        new Renewal(
            renewal
                .choice(
                    "onChange",
                    List.of(OnChange.values()),
                    value ->
                        switch (value) {
                          case IGNORE -> "Ignore";
                          case NOTICE -> "Notice";
                          case DEFER -> "Defer";
                        })
                .orElse(defaults.onChange()),
            renewal.truth("resolveContested").orElse(defaults.resolveContested()),
            renewal.number("kubeletPort", 1, 65_535).orElse(defaults.kubeletPort()),
            kubeletAuthority(renewal));
    renewal.end();
    return found;
  }

  private static KubeletAuthority kubeletAuthority(Fields renewal) {
    KubeletAuthority found = new KubeletAuthority.OfApiServer();
    if (!renewal.has("kubeletCertificateAuthority")) {
      return found;
    }
    Fields authority = renewal.child("kubeletCertificateAuthority");
    if (authority.has("file") == authority.has("configMap")) {
      authority.wrong(
          "file", authority.has("file") ? "configMap, too" : "no kind", "one of [file, configMap]");
    }
    Fields file = authority.child("file");
    Fields map = authority.child("configMap");
    if (authority.has("file")) {
      found = new KubeletAuthority.File(file.required("path", "a PEM file"));
    } else if (authority.has("configMap")) {
      found =
          new KubeletAuthority.ConfigMap(
              map.required("namespace", "a namespace"),
              map.required("name", "the ConfigMap's name"),
              map.text("key", "a key").orElse(KubeletAuthority.ConfigMap.DEFAULT_KEY));
    }
    file.end();
    map.end();
    authority.end();
    return found;
  }
}
