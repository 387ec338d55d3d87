package dev.countersign.policy.file;

import dev.countersign.common.name.IpAddress;
import java.util.Objects;
import java.util.Optional;

/**
 * What a kubelet serves now, as files tell it: {@code kind: ServedCertificate} with {@code address}
 * and {@code certificate}.
 *
 * @param address where; empty where that is not said
 * @param pem the certificate, among other text perhaps; without one where nothing is served
 */
record ShownCertificate(Optional<IpAddress> address, String pem) {
  ShownCertificate {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(pem, "pem");
  }
}
