package dev.countersign.testbed.trial;

import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.RequestedExtension;
import java.util.List;

/**
 * One hostile request for a serving certificate.
 *
 * @param title what it tries, for the table; at most 44 characters
 * @param subject of the request
 * @param extensions of the request
 * @param usages of the CSR object
 */
public record Attack(
    String title,
    DistinguishedName subject,
    List<RequestedExtension> extensions,
    List<String> usages) {
  public Attack {
    extensions = List.copyOf(extensions);
    usages = List.copyOf(usages);
  }
}
