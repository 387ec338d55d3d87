package dev.countersign.render.platform;

import dev.countersign.common.name.DnsName;
import dev.countersign.render.os.Metadata;
import dev.countersign.render.spec.Platform;
import java.util.List;
import java.util.Optional;

/** What differs between machines because of where they run. */
public interface NodePlatform {

  /** Returns the class of a platform. */
  static NodePlatform of(Platform platform) {
    return switch (platform) {
      case AWS -> new Aws();
      case AZURE -> new Azure();
      case BARE_METAL -> new BareMetal();
      case DIGITAL_OCEAN -> new DigitalOcean();
      case GOOGLE_CLOUD -> new GoogleCloud();
    };
  }

  /**
   * Whether the platform's user data, which nobody else reads, carries the bootstrap kubeconfig.
   */
  boolean kubeconfigInUserData();

  /** Whether machines come and go by the platform's doing, and so delete their own Node. */
  boolean deletesNode();

  /** Whether units need the answers of {@link Metadata}. */
  default boolean needsMetadata() {
    return false;
  }

  /** The Node's name where it is not the host name. */
  default Optional<String> hostnameOverride(Optional<DnsName> domain, Metadata metadata) {
    return Optional.empty();
  }

  /** The host name where the platform gives none. */
  default Optional<DnsName> hostname(Optional<DnsName> domain) {
    return Optional.empty();
  }

  /** The ID by which a cloud controller knows the machine. */
  default Optional<String> providerId(Metadata metadata) {
    return Optional.empty();
  }

  /** Lines of {@code wait-for-dns.service} that wait until the machine has its host name. */
  default List<String> waitForHostname() {
    return List.of();
  }
}
