package dev.countersign.cluster.doctor;

import dev.countersign.cluster.connect.ApiFailure;
import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.doctor.ClusterSnapshot.Permission;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.node.IssuedCertificates;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.node.NodeVerifier;
import dev.countersign.cluster.token.TokenReport;
import dev.countersign.cluster.token.TokenSecrets.Described;
import dev.countersign.cluster.token.TokenStore;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at a cluster; changes nothing (access reviews are not stored). */
public final class DiagnosticsCollector {
  /** The name of the approver's Deployment and service account, as its manifests have it. */
  public static final String APPROVER = "countersign-approver";

  private static final Pattern FLAG = Pattern.compile("([a-z0-9][a-z0-9.-]*)(?:[:=]|\\s|$)(.*)");

  private final KubernetesClient client;
  private final TokenStore tokens;
  private final NodeVerifier verifier;
  private final InstantSource clock;
  private final String joinNamespace;
  private final Optional<String> approverAccount;
  private final Attempts attempts = new Attempts();

  /**
   * A collector for one cluster.
   *
   * @param approverAccount {@code namespace:name} of the approver's service account; where empty,
   *     the one that is called {@value #APPROVER}, in whatever namespace. Where there is none its
   *     permissions are not asked for
   */
  public DiagnosticsCollector(
      KubernetesClient client,
      TokenStore tokens,
      NodeVerifier verifier,
      InstantSource clock,
      String joinNamespace,
      Optional<String> approverAccount) {
    this.client = Objects.requireNonNull(client, "client");
    this.tokens = Objects.requireNonNull(tokens, "tokens");
    this.verifier = Objects.requireNonNull(verifier, "verifier");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.joinNamespace = Objects.requireNonNull(joinNamespace, "joinNamespace");
    this.approverAccount = Objects.requireNonNull(approverAccount, "approverAccount");
  }

  /** What costs a call for each node, beside its configuration. */
  public enum Probe {
    /** Dial kubelets from here for the certificates that they serve. */
    DIAL,
    /** Read kubelets' metrics for the end of a client certificate that no request tells of. */
    METRICS
  }

  /**
   * Looks.
   *
   * @param only the names of the nodes to examine; all where it is empty
   */
  public ClusterSnapshot look(List<String> only, Set<Probe> probes) {
    Optional<Instant> serverTime = serverTime();
    Optional<ServiceAccount> approver = approverAccount();
    Map<Permission, Boolean> permissions =
        new PermissionDiagnostics(client, attempts).permissions(approver);
    List<Node> nodes =
        attempts.essential("nodes", () -> client.nodes().list().getItems()).stream()
            .filter(node -> only.isEmpty() || only.contains(node.getMetadata().getName()))
            .toList();
    List<CertificateSigningRequest> requests =
        attempts.essential(
            "certificate signing requests",
            () -> client.certificates().v1().certificateSigningRequests().list().getItems());
    return new ClusterSnapshot(
        clock.instant(),
        serverTime,
        attempts
            .optional(
                "namespace " + joinNamespace,
                () -> client.namespaces().withName(joinNamespace).get() != null)
            .orElse(false),
        views(nodes, IssuedCertificates.in(requests), probes),
        RequestDiagnostics.views(requests, only),
        attempts.optional("tokens", () -> tokens.list(requests)).orElse(List.of()).stream()
            .map(DiagnosticsCollector::view)
            .toList(),
        permissions,
        approver(),
        flags(),
        approver.flatMap(
            account ->
                new ServiceRangeDiagnostics(client, attempts)
                    .whyUnknown(account.getMetadata().getNamespace(), permissions)),
        attempts.areComplete(),
        attempts.failures());
  }

  /** The Date header of any answer. */
  private Optional<Instant> serverTime() {
    try {
      var response =
          client
              .getHttpClient()
              .sendAsync(
                  client
                      .getHttpClient()
                      .newHttpRequestBuilder()
                      .uri(client.getMasterUrl().toString().replaceAll("/$", "") + "/version")
                      .build(),
                  String.class)
              .get(15, TimeUnit.SECONDS);
      String date = response.header("Date");
      return date == null
          ? Optional.empty()
          : Optional.of(
              ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      attempts.note(
          "the API server's clock: "
              + ApiFailure.explain(new KubernetesClientException("/version", e)));
    } catch (DateTimeException e) {
      attempts.note("the API server's clock: got a Date header that is no date; want RFC 1123");
    }
    return Optional.empty();
  }

  private Optional<Map<String, String>> flags() {
    return attempts
        .optional("kube-apiserver's flags (/flagz)", () -> client.raw("/flagz"))
        .map(DiagnosticsCollector::flagsIn);
  }

  /**
   * The flags in the text of {@code /flagz}. Each process picks one of four separators by chance,
   * so that nobody relies on one (k8s.io/component-base/zpages/flagz/flagz.go).
   */
  static Map<String, String> flagsIn(String text) {
    Map<String, String> flags = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      Matcher flag = FLAG.matcher(line);
      if (flag.matches()) {
        flags.put(flag.group(1), flag.group(2).strip().replaceAll("^\"(.*)\"$", "$1"));
      }
    }
    return flags;
  }

  private List<NodeView> views(List<Node> nodes, IssuedCertificates issued, Set<Probe> probes) {
    Map<String, NodeReport> served = new LinkedHashMap<>();
    if (probes.contains(Probe.DIAL)) {
      verifier.verify(nodes, issued).forEach(report -> served.put(report.node(), report));
    }
    Map<String, Instant> contacts = new LinkedHashMap<>();
    attempts
        .optional(
            "node leases", () -> client.leases().inNamespace("kube-node-lease").list().getItems())
        .orElse(List.<Lease>of())
        .forEach(
            lease -> {
              if (lease.getSpec() != null && lease.getSpec().getRenewTime() != null) {
                contacts.put(
                    lease.getMetadata().getName(), lease.getSpec().getRenewTime().toInstant());
              }
            });
    List<NodeView> views =
        new NodeDiagnostics(client, clock, probes.contains(Probe.METRICS))
            .views(nodes, issued, served, contacts);
    Map<String, List<String>> notAsked = new TreeMap<>();
    for (NodeView view : views) {
      if (view.kubelet() instanceof Kubelet.NotAsked(String why)) {
        notAsked.computeIfAbsent(why, _ -> new ArrayList<>()).add(view.name());
      }
    }
    notAsked.forEach(
        (why, names) ->
            attempts.note("configuration of " + DoctorFinding.several(names) + ": " + why));
    return views;
  }

  private static TokenView view(TokenReport report) {
    return switch (report.token()) {
      case Described.Unusable(String name, String path, String got, String want) ->
          new TokenView(
              name,
              Optional.of(path + ": got " + got + "; want " + want),
              Optional.empty(),
              report.grant(),
              report.uses());
      case Described.Token token ->
          new TokenView(
              token.id().value(),
              Optional.empty(),
              token.spec().expiration(),
              report.grant(),
              report.uses());
    };
  }

  private ClusterSnapshot.Approver approver() {
    for (Deployment deployment :
        attempts
            .optional(
                "the approver's Deployment",
                () ->
                    client
                        .apps()
                        .deployments()
                        .inAnyNamespace()
                        .withField("metadata.name", APPROVER)
                        .list()
                        .getItems())
            .orElse(List.of())) {
      boolean ready =
          deployment.getStatus() != null
              && deployment.getStatus().getReadyReplicas() != null
              && deployment.getStatus().getReadyReplicas() > 0;
      return ready
          ? new ClusterSnapshot.Approver.Ready()
          : new ClusterSnapshot.Approver.NotReady(
              deployment.getMetadata().getNamespace() + "/" + deployment.getMetadata().getName());
    }
    return new ClusterSnapshot.Approver.NotDeployed();
  }

  private Optional<ServiceAccount> approverAccount() {
    if (approverAccount.isEmpty()) {
      return attempts
          .optional(
              "the approver's service account",
              () ->
                  client
                      .serviceAccounts()
                      .inAnyNamespace()
                      .withField("metadata.name", APPROVER)
                      .list()
                      .getItems())
          .flatMap(accounts -> accounts.stream().findFirst());
    }
    String account = approverAccount.get();
    int colon = account.indexOf(':');
    return attempts.optional(
        "service account " + account,
        () ->
            client
                .serviceAccounts()
                .inNamespace(account.substring(0, colon))
                .withName(account.substring(colon + 1))
                .get());
  }
}
