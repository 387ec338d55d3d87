package dev.countersign.approver.command;

import dev.countersign.approver.ApproverOptions;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.kube.credential.ServerCertificate;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say where probes and metrics are served, as controller-runtime names them. */
final class BindAddresses {
  private static final String METRICS = "--metrics-bind-address";
  private static final String PROBES = "--health-probe-bind-address";
  private static final String FORMER = "--metrics-address";
  private static final String SECURE = "--metrics-secure";
  private static final String CERTIFICATE = "--metrics-cert-file";
  private static final String KEY = "--metrics-key-file";
  private static final String NOWHERE = "0";

  /** As {@code net.Listen} of Go takes it: the host may be left out, an IPv6 one has brackets. */
  private static final Pattern ADDRESS =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([^:\\[\\]]*)):([0-9]{1,5})");

  @Option(
      names = METRICS,
      paramLabel = "HOST:PORT",
      description = "Serve /metrics there; 0 for nowhere. Default: nowhere.")
  private @Nullable String metrics;

  @Option(
      names = PROBES,
      paramLabel = "HOST:PORT",
      description =
          "Serve /livez and /readyz there, on a listener of their own; 0 for nowhere. Default:"
              + " nowhere.")
  private @Nullable String probes;

  @Option(
      names = SECURE,
      description =
          "Serve /metrics by HTTPS, to those only who show a token of a user that may get the"
              + " nonResourceURL /metrics. The approver asks by TokenReview and"
              + " SubjectAccessReview. Probes stay as they are.")
  private boolean secure;

  @Option(
      names = CERTIFICATE,
      paramLabel = "FILE",
      description =
          "With --metrics-secure: the certificate in PEM, read again when it changes. Default: a"
              + " self-signed one for localhost.")
  private @Nullable Path certificateFile;

  @Option(
      names = KEY,
      paramLabel = "FILE",
      description = "With --metrics-cert-file: its private key in PEM.")
  private @Nullable Path keyFile;

  /** The name of one release ago. */
  @Option(names = FORMER, paramLabel = "HOST:PORT", hidden = true)
  private @Nullable String former;

  /** The same options with these addresses; what is deprecated is said to {@code err}. */
  ApproverOptions applyTo(ApproverOptions options, PrintWriter err) throws CliException {
    Optional<InetSocketAddress> forMetrics = parse(METRICS, metrics);
    Optional<InetSocketAddress> forProbes = parse(PROBES, probes);
    if (former != null) {
      err.println(
          "warning: "
              + FORMER
              + " is deprecated; use "
              + METRICS
              + " and "
              + PROBES
              + ". Until the next release it serves both on one listener");
      Optional<InetSocketAddress> both = parse(FORMER, former);
      forMetrics = metrics == null ? both : forMetrics;
      forProbes = probes == null ? both : forProbes;
    }
    ApproverOptions applied = options;
    if (forMetrics.isPresent()) {
      applied = applied.withMetrics(forMetrics.get());
    }
    if (forProbes.isPresent()) {
      applied = applied.withHealthProbes(forProbes.get());
    }
    Optional<ServerCertificate> certificate = certificate(options.clock());
    try {
      return certificate.isPresent() ? applied.withSecureMetrics(certificate.get()) : applied;
    } catch (IllegalArgumentException e) {
      throw new CliException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private Optional<ServerCertificate> certificate(InstantSource clock) throws CliException {
    if ((certificateFile == null) != (keyFile == null)) {
      throw CliException.usage(
          certificateFile == null
              ? KEY + ": got it alone; want " + CERTIFICATE + ", too"
              : CERTIFICATE + ": got it alone; want " + KEY + ", too");
    }
    if (!secure) {
      if (certificateFile != null) {
        throw CliException.usage(CERTIFICATE + ": got it without " + SECURE + "; want both");
      }
      return Optional.empty();
    }
    if (metrics == null || metrics.equals(NOWHERE)) {
      throw CliException.usage(
          SECURE + ": got it without " + METRICS + "; want both, such as " + METRICS + "=:8443");
    }
    if (certificateFile == null || keyFile == null) {
      return Optional.of(ServerCertificate.selfSigned(new SecureRandom(), clock.instant()));
    }
    ServerCertificate certificate =
        ServerCertificate.ofFiles(CERTIFICATE, certificateFile, KEY, keyFile);
    Optional<String> problem = certificate.problem();
    if (problem.isPresent()) {
      throw CliException.usage(problem.get());
    }
    return Optional.of(certificate);
  }

  private static Optional<InetSocketAddress> parse(String option, @Nullable String text)
      throws CliException {
    if (text == null || text.equals(NOWHERE)) {
      return Optional.empty();
    }
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > 65535) {
      throw CliException.usage(
          option + ": got \"" + text + "\"; want HOST:PORT, such as :8080 or 127.0.0.1:8080");
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    int port = Integer.parseInt(matcher.group(3));
    return Optional.of(
        host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
  }
}
