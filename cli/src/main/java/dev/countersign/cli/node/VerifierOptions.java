package dev.countersign.cli.node;

import dev.countersign.cli.cluster.AuthorityFile;
import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.node.NodeVerifier;
import dev.countersign.common.command.CliException;
import dev.countersign.x509.certificate.Certificate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How kubelets are dialed and judged. */
public final class VerifierOptions {
  @Option(
      names = "--kubelet-ca",
      paramLabel = "FILE",
      description = "Authority that signs kubelets' certificates, PEM; default: the kubeconfig's.")
  private @Nullable Path authority;

  @Option(
      names = "--dial-timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "5s",
      description = "How long to wait for one kubelet. Default: ${DEFAULT-VALUE}.")
  private Duration dialTimeout = Duration.ofSeconds(5);

  @Option(
      names = "--warn-within",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "1h",
      description = "A certificate that ends within is a finding. Default: ${DEFAULT-VALUE}.")
  private Duration warnWithin = Duration.ofHours(1);

  /** Made by picocli. */
  public VerifierOptions() {}

  NodeVerifier verifier(ClusterAccess cluster) throws CliException, IOException {
    List<Certificate> authorities =
        AuthorityFile.read("--kubelet-ca", authority, cluster.authorities());
    return new NodeVerifier(
        cluster.client(), authorities, InstantSource.system(), dialTimeout, warnWithin);
  }
}
