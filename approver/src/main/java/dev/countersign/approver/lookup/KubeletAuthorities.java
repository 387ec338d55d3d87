package dev.countersign.approver.lookup;

import dev.countersign.approver.lookup.KubeletCertificateProbe.ChainVerifier;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.fact.Fact;
import dev.countersign.x509.authority.ChainVerdict;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Verifies the chains that kubelets show, by the authorities that the policy names. What is named
 * is read again after a few seconds. Thread-safe.
 */
public final class KubeletAuthorities {
  private final ClusterSource cluster;
  private final ChainVerifier ofApiServer;
  private final InstantSource clock;
  private final FreshValues<KubeletAuthority, Fact<ChainVerifier>> verifiers;

  /**
   * Reads what a policy names.
   *
   * @param cluster where ConfigMaps are read
   * @param ofApiServer trusts what the API server is verified with
   */
  public KubeletAuthorities(ClusterSource cluster, ChainVerifier ofApiServer, InstantSource clock) {
    this(cluster, ofApiServer, clock, System::nanoTime);
  }

  KubeletAuthorities(
      ClusterSource cluster, ChainVerifier ofApiServer, InstantSource clock, LongSupplier nanos) {
    this.cluster = cluster;
    this.ofApiServer = ofApiServer;
    this.clock = clock;
    this.verifiers = new FreshValues<>(nanos);
  }

  /** What verifies chains; unknown where the authorities cannot be read. */
  Fact<ChainVerifier> verifier(KubeletAuthority authority) {
    return switch (authority) {
      case KubeletAuthority.OfApiServer() -> Fact.known(ofApiServer);
      case KubeletAuthority.File file ->
          verifiers.get(file, () -> trusting(file.path(), TextSources.file(file.path())));
      case KubeletAuthority.ConfigMap map ->
          verifiers.get(
              map,
              () ->
                  trusting(
                      TextSources.configMap(map.namespace(), map.name()),
                      TextSources.configMap(cluster, map.namespace(), map.name(), map.key())));
    };
  }

  private Fact<ChainVerifier> trusting(String where, Fact<String> text) {
    return switch (text) {
      case Fact.Unknown<String>(String why) -> Fact.unknown("authorities of kubelets: " + why);
      case Fact.Known<String>(String pem) ->
          switch (Certificate.parseChain(pem)) {
            case ParseResult.Refused<List<Certificate>> unreadable ->
                Fact.unknown("authorities of kubelets: " + where + ": " + unreadable.message());
            case ParseResult.Parsed<List<Certificate>>(List<Certificate> authorities) ->
                Fact.known(chain -> verify(authorities, chain));
          };
    };
  }

  private void verify(List<Certificate> authorities, X509Certificate[] chain) throws IOException {
    List<Certificate> certificates = Arrays.stream(chain).map(Certificate::of).toList();
    if (dev.countersign.x509.authority.ChainVerifier.trusting(authorities)
            .verify(certificates, ExtendedKeyUsage.SERVER_AUTH, clock.instant())
        instanceof ChainVerdict.Untrusted(String why)) {
      throw new IOException(why);
    }
  }
}
