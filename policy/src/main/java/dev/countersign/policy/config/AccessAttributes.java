package dev.countersign.policy.config;

import java.util.Objects;
import java.util.Optional;

/**
 * What a SubjectAccessReview asks for the requestor.
 *
 * @param verb for example {@code create}
 * @param group API group
 * @param resource plural resource
 * @param subresource subresource, or empty
 */
public record AccessAttributes(
    String verb, String group, String resource, Optional<String> subresource) {
  public AccessAttributes {
    Objects.requireNonNull(verb, "verb");
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(resource, "resource");
    Objects.requireNonNull(subresource, "subresource");
  }

  /** create certificatesigningrequests.certificates.k8s.io, as kubelet-rubber-stamp asks. */
  public static AccessAttributes defaults() {
    return new AccessAttributes(
        "create", "certificates.k8s.io", "certificatesigningrequests", Optional.empty());
  }
}
