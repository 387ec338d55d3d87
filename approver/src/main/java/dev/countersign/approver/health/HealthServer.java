package dev.countersign.approver.health;

import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.kube.credential.ServerCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Serves the probes {@code /livez} (also as {@code /healthz}) and {@code /readyz} on one listener
 * and {@code /metrics} on another, so that whoever reaches the metrics cannot keep the kubelet from
 * the probes. Plain HTTP, but for metrics that are protected. Thread-safe.
 */
public final class HealthServer implements AutoCloseable {
  /** Options that name the addresses, as controller-runtime calls them. */
  private static final String HEALTH_OPTION = "--health-probe-bind-address";

  private static final String METRICS_OPTION = "--metrics-bind-address";

  private final Optional<HttpListener> probes;
  private final Optional<HttpListener> metrics;

  private HealthServer(Optional<HttpListener> probes, Optional<HttpListener> metrics) {
    this.probes = probes;
    this.metrics = metrics;
  }

  /**
   * Where to listen.
   *
   * @param probes for the probes; nowhere when empty
   * @param metrics for the metrics; nowhere when empty. The same address for both makes them share
   *     one listener, unless the port is 0
   * @param certificate set where metrics are served by HTTPS to those who may get them; by plain
   *     HTTP to anybody when empty
   */
  public record Addresses(
      Optional<InetSocketAddress> probes,
      Optional<InetSocketAddress> metrics,
      Optional<ServerCertificate> certificate) {
    /** Checks that probes stay plain. */
    public Addresses {
      if (certificate.isPresent() && sameListener(probes, metrics)) {
        throw new IllegalArgumentException(
            HEALTH_OPTION
                + ": got the address of "
                + METRICS_OPTION
                + " with --metrics-secure; want another, as probes are not authenticated");
      }
    }

    /** Listens nowhere. */
    public static Addresses none() {
      return new Addresses(Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static boolean sameListener(
        Optional<InetSocketAddress> probes, Optional<InetSocketAddress> metrics) {
      return probes.isPresent() && probes.equals(metrics) && probes.get().getPort() != 0;
    }

    private boolean shared() {
      return sameListener(probes, metrics);
    }
  }

  /**
   * Starts serving.
   *
   * @param access who may get the metrics, where {@code addresses} has a certificate
   * @throws IOException when an address cannot be bound
   */
  public static HealthServer start(
      Addresses addresses,
      ScrapeAccess access,
      Health health,
      ApproverMetrics metrics,
      InstantSource clock)
      throws IOException {
    return start(addresses, access, health, metrics, clock, HttpListener.Limits.defaults());
  }

  static HealthServer start(
      Addresses addresses,
      ScrapeAccess access,
      Health health,
      ApproverMetrics metrics,
      InstantSource clock,
      HttpListener.Limits limits)
      throws IOException {
    Map<String, HttpListener.Page> onProbes = probePages(health);
    Map<String, HttpListener.Page> onMetrics = Map.of("/metrics", metricsPage(metrics));
    if (addresses.shared()) {
      Map<String, HttpListener.Page> all = new HashMap<>(onProbes);
      all.putAll(onMetrics);
      HttpListener both =
          listen(
              METRICS_OPTION,
              addresses.metrics().orElseThrow(),
              address -> HttpListener.start(address, all, Optional.empty(), limits, clock));
      return new HealthServer(Optional.of(both), Optional.of(both));
    }
    Optional<HttpListener> probes = Optional.empty();
    if (addresses.probes().isPresent()) {
      probes =
          Optional.of(
              listen(
                  HEALTH_OPTION,
                  addresses.probes().get(),
                  address ->
                      HttpListener.start(address, onProbes, Optional.empty(), limits, clock)));
    }
    try {
      Optional<HttpListener> scraped = Optional.empty();
      if (addresses.metrics().isPresent()) {
        Optional<SecureMetrics> protection =
            addresses.certificate().map(certificate -> new SecureMetrics(certificate, access));
        scraped =
            Optional.of(
                listen(
                    METRICS_OPTION,
                    addresses.metrics().get(),
                    address -> HttpListener.start(address, onMetrics, protection, limits, clock)));
      }
      return new HealthServer(probes, scraped);
    } catch (IOException e) {
      probes.ifPresent(HttpListener::close);
      throw e;
    }
  }

  /** Starts a listener at an address. */
  private interface Start {
    HttpListener at(InetSocketAddress address) throws IOException;
  }

  private static HttpListener listen(String option, InetSocketAddress address, Start start)
      throws IOException {
    try {
      return start.at(address);
    } catch (IOException e) {
      throw new IOException(
          option
              + ": got "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "); want a free address of this machine",
          e);
    }
  }

  private static Map<String, HttpListener.Page> probePages(Health health) {
    HttpListener.Page live = probe(health::notLive, Optional::empty);
    HttpListener.Page ready = probe(health::notReady, health::remark);
    return Map.of("/livez", live, "/healthz", live, "/readyz", ready);
  }

  /** Says what is wrong, or ok with what there is to remark. */
  private static HttpListener.Page probe(
      Supplier<Optional<String>> problem, Supplier<Optional<String>> remark) {
    return new HttpListener.Page(
        "text/plain; charset=utf-8",
        body -> {
          Optional<String> found = problem.get();
          String ok = "ok" + remark.get().map(text -> "\nwarning: " + text).orElse("");
          body.write((found.orElse(ok) + "\n").getBytes(StandardCharsets.UTF_8));
          return found.isPresent() ? 503 : 200;
        });
  }

  private static HttpListener.Page metricsPage(ApproverMetrics metrics) {
    return new HttpListener.Page(
        "text/plain; version=0.0.4; charset=utf-8",
        body -> {
          metrics.write(body);
          return 200;
        });
  }

  /** Where the probes are served; tells the port where 0 was asked for. */
  public Optional<InetSocketAddress> probesAddress() {
    return probes.map(HttpListener::address);
  }

  /** Where the metrics are served; tells the port where 0 was asked for. */
  public Optional<InetSocketAddress> metricsAddress() {
    return metrics.map(HttpListener::address);
  }

  @Override
  public void close() {
    probes.ifPresent(HttpListener::close);
    metrics.ifPresent(HttpListener::close);
  }
}
