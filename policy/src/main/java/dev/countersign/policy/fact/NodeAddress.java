package dev.countersign.policy.fact;

import java.util.Objects;
import java.util.Optional;

/**
 * One entry of {@code Node.status.addresses}. Written by the kubelet itself.
 *
 * @param type what kind of address it claims to be
 * @param text the address or name
 */
public record NodeAddress(Type type, String text) {
  public NodeAddress {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(text, "text");
  }

  /** The types of k8s.io/api/core/v1 {@code NodeAddressType}. */
  public enum Type {
    HOSTNAME("Hostname"),
    INTERNAL_IP("InternalIP"),
    EXTERNAL_IP("ExternalIP"),
    INTERNAL_DNS("InternalDNS"),
    EXTERNAL_DNS("ExternalDNS");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** As written in the Kubernetes API. */
    public String text() {
      return text;
    }

    /** The type of that name, or nothing where Kubernetes has none. */
    public static Optional<Type> parse(String text) {
      for (Type type : values()) {
        if (type.text.equals(text)) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }
  }
}
