package dev.countersign.cli.manifests;

import dev.countersign.approver.command.FlagValues;
import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.approver.ApproverPlace;
import dev.countersign.render.approver.PodSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code manifests} for what clusters differ in, whatever the policy. */
final class PodFlags {
  private static final String API_SERVER = "--api-server";
  private static final int API_SERVER_PORT = 6443;

  @Option(
      names = "--host-network",
      description =
          "Run on the node's network, for a network plugin that waits for nodes that wait for"
              + " certificates. Probes and metrics are on loopback, so there is no Service and no"
              + " NetworkPolicy, and Pod Security must be privileged.")
  private boolean hostNetwork;

  @Option(
      names = API_SERVER,
      paramLabel = "HOST[:PORT]",
      description =
          "Where the API server is, if not at the Service kubernetes: with --host-network on a"
              + " cluster whose Services come from the network plugin. Default port: 6443.")
  private @Nullable String apiServer;

  @Option(
      names = "--api-server-port",
      paramLabel = "PORT",
      description =
          "A port of the API server, as Service or as endpoint, that the NetworkPolicy lets out to;"
              + " may be repeated. Default: 443 and 6443.")
  private List<Integer> apiServerPorts = new ArrayList<>();

  @Option(
      names = "--image-pull-secret",
      paramLabel = "NAME",
      description =
          "A Secret of the approver's namespace with the registry's credentials; may be repeated.")
  private List<String> imagePullSecrets = new ArrayList<>();

  @Option(
      names = "--openshift",
      description =
          "Leave the pod's user and group to the SecurityContextConstraints restricted-v2, which"
              + " pick them.")
  private boolean openshift;

  @Option(
      names = FlagValues.LEASE_DURATION,
      paramLabel = "DURATION",
      description = "With --ha: how long a leader that vanished is waited for. Default: 15s.")
  private @Nullable String leaseDuration;

  @Option(
      names = FlagValues.CERTIFICATE_METRICS,
      paramLabel = "MOST",
      description =
          "Show when each Node's serving certificate expires, for that many Nodes at most: each is"
              + " a time series. Default: 0.")
  private @Nullable Integer certificateMetrics;

  /**
   * What they ask for.
   *
   * @param electsLeader whether there is a Lease, or may be one
   * @throws IllegalArgumentException for a value that cannot stand in a manifest
   */
  PodSettings settings(boolean electsLeader) throws CliException {
    PodSettings defaults = PodSettings.defaults();
    return new PodSettings(
        hostNetwork ? ApproverPlace.HOST_NETWORK : defaults.place(),
        imagePullSecrets,
        apiServer == null ? Optional.empty() : Optional.of(apiServer(apiServer)),
        apiServerPorts.isEmpty() ? defaults.apiServerPorts() : apiServerPorts,
        openshift,
        arguments(electsLeader));
  }

  private static PodSettings.ApiServer apiServer(String text) throws CliException {
    String host = null;
    int port = API_SERVER_PORT;
    try {
      URI url = new URI("https://" + text);
      if (text.equals(url.getRawAuthority())) {
        host = url.getHost();
        port = url.getPort() < 0 ? API_SERVER_PORT : url.getPort();
      }
    } catch (URISyntaxException e) {
      // Said below, as for a URI without a host.
    }
    if (host == null) {
      throw CliException.usage(
          API_SERVER
              + ": got "
              + SafeText.quote(text)
              + "; want HOST or HOST:PORT, such as api.example.com:6443 or [2001:db8::1]:6443");
    }
    return new PodSettings.ApiServer(host.replaceFirst("^\\[(.*)]$", "$1"), port);
  }

  private List<String> arguments(boolean electsLeader) throws CliException {
    List<String> arguments = new ArrayList<>();
    if (certificateMetrics != null) {
      arguments.add(
          FlagValues.CERTIFICATE_METRICS + "=" + FlagValues.certificateMetrics(certificateMetrics));
    }
    if (leaseDuration != null) {
      FlagValues.leaseDuration(leaseDuration);
      if (!electsLeader) {
        throw CliException.usage(
            FlagValues.LEASE_DURATION
                + ": got it for one replica, which elects no leader; want it with --ha");
      }
      arguments.add(FlagValues.LEASE_DURATION + "=" + leaseDuration);
    }
    return arguments;
  }
}
