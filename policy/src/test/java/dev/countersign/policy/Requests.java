package dev.countersign.policy;

import dev.countersign.common.Bytes;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import dev.countersign.testkit.CsrForge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The request objects that tests start from: a valid one, and ways to change one thing of it. */
public record Requests(CsrSpec csr) {
  /** When everything happens. */
  public static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");

  /** The node of the valid request. */
  public static final String NODE = "node-a";

  /** Usages of kubelets since 1.27 without an RSA key. */
  public static final List<String> USAGES = List.of("digital signature", "server auth");

  /** Usages of kubelets with an RSA key, and of all before 1.27. */
  public static final List<String> USAGES_RSA =
      List.of("digital signature", "key encipherment", "server auth");

  /** What {@code node-a} asks for: its name and 192.0.2.10. */
  public static Requests valid() {
    return of(CsrForge.serving(NODE));
  }

  /** The same with another PKCS#10 request. */
  public static Requests of(CsrForge forge) {
    return ofPem(forge.pem());
  }

  /** The same with another text. */
  public static Requests ofPem(String pem) {
    return new Requests(
        new CsrSpec(
            "csr-1",
            "uid-1",
            SignerName.KUBELET_SERVING,
            CsrSpec.Requestor.of(
                "system:node:" + NODE, List.of("system:nodes", "system:authenticated")),
            USAGES,
            Optional.empty(),
            NOW,
            Bytes.ofUtf8(pem),
            List.of(),
            false,
            false));
  }

  public Requests withRequestor(String username, String... groups) {
    return with(
        csr.signer(),
        new CsrSpec.Requestor(username, "", List.of(groups), Map.of()),
        csr.usages(),
        csr.expiration(),
        csr.conditions(),
        csr.issued());
  }

  public Requests withUsages(String... usages) {
    return with(
        csr.signer(),
        csr.requestor(),
        List.of(usages),
        csr.expiration(),
        csr.conditions(),
        csr.issued());
  }

  public Requests withUsages(List<String> usages) {
    return withUsages(usages.toArray(String[]::new));
  }

  public Requests withExpiration(long seconds) {
    return with(
        csr.signer(),
        csr.requestor(),
        csr.usages(),
        Optional.of(Duration.ofSeconds(seconds)),
        csr.conditions(),
        csr.issued());
  }

  public Requests withSigner(String signer) {
    return with(
        new SignerName(signer),
        csr.requestor(),
        csr.usages(),
        csr.expiration(),
        csr.conditions(),
        csr.issued());
  }

  public Requests withConditions(String... conditions) {
    return with(
        csr.signer(),
        csr.requestor(),
        csr.usages(),
        csr.expiration(),
        List.of(conditions),
        csr.issued());
  }

  public Requests issued() {
    return with(
        csr.signer(), csr.requestor(), csr.usages(), csr.expiration(), csr.conditions(), true);
  }

  public Requests deleting() {
    return new Requests(
        new CsrSpec(
            csr.name(),
            csr.uid(),
            csr.signer(),
            csr.requestor(),
            csr.usages(),
            csr.expiration(),
            csr.created(),
            csr.request(),
            csr.conditions(),
            csr.issued(),
            true));
  }

  private Requests with(
      SignerName signer,
      CsrSpec.Requestor requestor,
      List<String> usages,
      Optional<Duration> expiration,
      List<String> conditions,
      boolean issued) {
    return new Requests(
        new CsrSpec(
            csr.name(),
            csr.uid(),
            signer,
            requestor,
            usages,
            expiration,
            csr.created(),
            csr.request(),
            conditions,
            issued,
            csr.deleting()));
  }
}
