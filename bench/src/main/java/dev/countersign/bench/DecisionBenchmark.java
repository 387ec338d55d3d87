package dev.countersign.bench;

import dev.countersign.common.Bytes;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.check.Checks;
import dev.countersign.policy.check.ParsedCsr;
import dev.countersign.policy.check.RequestCheck;
import dev.countersign.policy.check.ViolationCollector;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.ViolationScope;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a decision costs, facts in hand, in a cluster of 5,000 Services and as many Pod ranges.
 *
 * <p>{@code everything} is what a request costs from its text to the decision. Most of it is one
 * ECDSA P-256 verification by the JDK, so {@code withoutSignature} is the same without that one
 * check. {@code decide} is what is repeated when facts change.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecisionBenchmark {
  private static final String PEM =
      """
      -----BEGIN CERTIFICATE REQUEST-----
      MIIBRTCB7AIBADA2MRUwEwYDVQQKEwxzeXN0ZW06bm9kZXMxHTAbBgNVBAMTFHN5
      c3RlbTpub2RlOndvcmtlci0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIn+A
      1kB4tKyZrDXKgH8hsgg5ri4mEuwYSTuLZcQsbk66S0Ag+4AMeIcybDMMebls9zwN
      E13qeawD5QnwP+VxNaBUMFIGCSqGSIb3DQEJDjFFMEMwQQYDVR0RBDowOIIId29y
      a2VyLTGCFHdvcmtlci0xLmV4YW1wbGUuY29thwTAAAIKhxAgAQ24AAAAAAAAAAAA
      AAAQMAoGCCqGSM49BAMCA0gAMEUCIQDHdOJE7HsLTvE9pWu3gVtGEY1wPdsVdcJx
      iMQRFnr2VAIgDnfJfYS9JNDU+s1O1DuVnndAvS3D4IPpp8H1zOb//Bg=
      -----END CERTIFICATE REQUEST-----
      """;

  private static final List<RequestCheck> CHECKS =
      Checks.serving().onRequest().stream()
          .filter(check -> !check.name().equals("PossessionIsProven"))
          .toList();

  private final CsrSpec csr =
      new CsrSpec(
          "csr-1",
          "none",
          SignerName.KUBELET_SERVING,
          CsrSpec.Requestor.of(
              "system:node:worker-1", List.of("system:nodes", "system:authenticated")),
          List.of("digital signature", "server auth"),
          Optional.empty(),
          Instant.EPOCH,
          Bytes.ofUtf8(PEM),
          List.of(),
          false,
          false);
  private final Facts facts = facts();
  private final Policy policy = Policy.of(PolicyConfig.defaults());
  private final Preflight preflight = policy.preflight(csr);

  /** Fails unless the request is approved, so that no denial is measured. */
  public DecisionBenchmark() {
    if (!(policy.decide(csr, facts) instanceof Decision.Approve)) {
      throw new IllegalStateException(policy.decide(csr, facts).toString());
    }
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  private static Facts facts() {
    NodeFact node =
        new NodeFact(
            NodeName.parse("worker-1").orElseThrow(),
            "uid",
            Instant.EPOCH,
            List.of(
                new NodeAddress(NodeAddress.Type.HOSTNAME, "worker-1"),
                new NodeAddress(NodeAddress.Type.INTERNAL_DNS, "worker-1.example.com"),
                new NodeAddress(NodeAddress.Type.INTERNAL_IP, "192.0.2.10"),
                new NodeAddress(NodeAddress.Type.INTERNAL_IP, "2001:db8::10")),
            List.of(),
            Map.of(),
            Map.of());
    ProtectedSpace.Builder space =
        ProtectedSpace.builder()
            .range(
                IpRange.parse("10.3.0.0/16").orElseThrow(),
                ProtectedSpace.Kind.SERVICE_RANGE,
                "ServiceCIDR");
    for (int i = 0; i < 5000; i++) {
      space.service(
          "ns", "s" + i, List.of(ip("10.3." + i / 256 + "." + i % 256)), List.of(), List.of());
      space.podRanges(
          NodeName.parse("n" + i).orElseThrow(),
          List.of(IpRange.parse("10." + (64 + i / 256) + "." + i % 256 + ".0/24").orElseThrow()));
    }
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    AddressOwnership held = new AddressOwnership.HeldBy(node.name(), "uid", Instant.EPOCH);
    node.dnsNames().forEach(name -> holdings.put(name, held));
    node.ipAddresses().forEach(address -> holdings.put(address, held));
    return Facts.none()
        .withNode(Fact.known(Optional.of(node)))
        .withProtectedSpace(Fact.known(space.build()))
        .withHoldings(Fact.known(holdings));
  }

  /** From the text of the request to the decision. */
  @Benchmark
  public Decision everything() {
    return policy.decide(csr, facts);
  }

  /** The same but for the verification of the signature. */
  @Benchmark
  public Decision withoutSignature() {
    PolicyConfig config = policy.config();
    ParsedCsr inspection = ParsedCsr.of(csr, config.limits().requestBytes());
    ViolationCollector findings = new ViolationCollector(ViolationScope.REQUEST);
    for (RequestCheck check : CHECKS) {
      check.inspect(inspection, config, findings);
    }
    if (!findings.isEmpty()) {
      throw new IllegalStateException(findings.violations().toString());
    }
    return policy.decide(new Preflight.Open(inspection, inspection.node().orElseThrow()), facts);
  }

  /** Only taking the request apart: PEM, DER, every name. */
  @Benchmark
  public ParsedCsr reading() {
    return ParsedCsr.of(csr, policy.config().limits().requestBytes());
  }

  /** The part that looks at facts, repeated when these change. */
  @Benchmark
  public Decision decide() {
    return policy.decide(preflight, facts);
  }
}
