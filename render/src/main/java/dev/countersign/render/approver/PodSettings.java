package dev.countersign.render.approver;

import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * What clusters differ in for the approver's pods, whatever its policy.
 *
 * @param place where they run
 * @param imagePullSecrets names of Secrets in their namespace
 * @param apiServer in place of the Service {@code kubernetes}, for a cluster whose network plugin
 *     makes Services
 * @param apiServerPorts where the API server listens, as Service and as endpoint: the NetworkPolicy
 *     lets out to them
 * @param anyUser whether the cluster picks their user, as OpenShift's SCC {@code restricted-v2}
 *     does; else it is the image's
 * @param arguments further ones of {@code countersign approver}
 */
public record PodSettings(
    ApproverPlace place,
    List<String> imagePullSecrets,
    Optional<ApiServer> apiServer,
    List<Integer> apiServerPorts,
    boolean anyUser,
    List<String> arguments) {
  private static final int HTTPS = 443;
  private static final int API_SERVER_PORT = 6443;
  private static final int HIGHEST_PORT = 65_535;

  /**
   * Where the API server is.
   *
   * @param host a name or an address, IPv6 without brackets
   */
  public record ApiServer(String host, int port) {
    /** Checks the port; the host is written as it is. */
    public ApiServer {
      Objects.requireNonNull(host, "host");
      checkPort("api-server", port);
    }
  }

  /** Checks names and ports. */
  public PodSettings {
    Objects.requireNonNull(place, "place");
    for (String secret : imagePullSecrets) {
      if (!DnsSyntax.isSubdomain(secret)) {
        throw new IllegalArgumentException(
            "image-pull-secret: got \"" + secret + "\"; want the name of a Secret");
      }
    }
    imagePullSecrets = List.copyOf(imagePullSecrets);
    apiServerPorts.forEach(port -> checkPort("api-server-port", port));
    apiServerPorts = List.copyOf(apiServerPorts);
    arguments = List.copyOf(arguments);
  }

  private static void checkPort(String what, int port) {
    if (port < 1 || port > HIGHEST_PORT) {
      throw new IllegalArgumentException(what + ": got port " + port + "; want 1 to 65535");
    }
  }

  /** Those of any cluster: on the pod network, the API server at 443 and 6443. */
  public static PodSettings defaults() {
    return new PodSettings(
        ApproverPlace.ANY_NODE,
        List.of(),
        Optional.empty(),
        List.of(HTTPS, API_SERVER_PORT),
        false,
        List.of());
  }

  /** The same elsewhere. */
  PodSettings at(ApproverPlace other) {
    return new PodSettings(other, imagePullSecrets, apiServer, apiServerPorts, anyUser, arguments);
  }

  /** Every port at which the API server may be. */
  SequencedSet<Integer> allApiServerPorts() {
    SequencedSet<Integer> all = new LinkedHashSet<>(apiServerPorts);
    apiServer.ifPresent(server -> all.add(server.port()));
    return all;
  }

  /** Whether the API server is looked up in DNS. */
  boolean asksDns() {
    return apiServer.isPresent() && IpAddress.parse(apiServer.get().host()).isEmpty();
  }
}
