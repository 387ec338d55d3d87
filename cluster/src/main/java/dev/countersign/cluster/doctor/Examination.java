package dev.countersign.cluster.doctor;

import dev.countersign.cluster.connect.ApiFailure;
import dev.countersign.cluster.doctor.Picture.Kubelet;
import dev.countersign.cluster.doctor.Picture.NodeView;
import dev.countersign.cluster.doctor.Picture.Permission;
import dev.countersign.cluster.doctor.Picture.TokenView;
import dev.countersign.cluster.node.IssuedCertificates;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.node.NodeVerifier;
import dev.countersign.cluster.token.TokenReport;
import dev.countersign.cluster.token.TokenSecrets.Described;
import dev.countersign.cluster.token.TokenStore;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.request.SignerName;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
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
import java.util.EnumMap;
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
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks at a cluster; changes nothing (access reviews are not stored). */
public final class Examination {
  /** The name of the approver's Deployment and service account, as its manifests have it. */
  public static final String APPROVER = "countersign-approver";

  private static final Pattern FLAG = Pattern.compile("([a-z0-9][a-z0-9.-]*)(?:[:=]|\\s|$)(.*)");
  private static final String SERVING = SignerName.KUBELET_SERVING.text();

  private final KubernetesClient client;
  private final TokenStore tokens;
  private final NodeVerifier verifier;
  private final InstantSource clock;
  private final String joinNamespace;
  private final Optional<String> approverAccount;
  private final List<String> blanks = new ArrayList<>();
  private boolean complete = true;

  /**
   * An examination.
   *
   * @param approverAccount {@code namespace:name} of the approver's service account; where empty,
   *     the one that is called {@value #APPROVER}, in whatever namespace. Where there is none its
   *     permissions are not asked for
   */
  public Examination(
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
  public Picture look(List<String> only, Set<Probe> probes) {
    Optional<Instant> serverTime = serverTime();
    Map<Permission, Boolean> permissions = permissions();
    List<Node> nodes =
        attemptToList("nodes", () -> client.nodes().list().getItems()).stream()
            .filter(node -> only.isEmpty() || only.contains(node.getMetadata().getName()))
            .toList();
    List<CertificateSigningRequest> requests =
        attemptToList(
            "certificate signing requests",
            () -> client.certificates().v1().certificateSigningRequests().list().getItems());
    return new Picture(
        clock.instant(),
        serverTime,
        attempt(
                "namespace " + joinNamespace,
                () -> client.namespaces().withName(joinNamespace).get() != null)
            .orElse(false),
        views(nodes, IssuedCertificates.in(requests), probes),
        RequestExamination.views(requests, only),
        attempt("tokens", () -> tokens.list(requests)).orElse(List.of()).stream()
            .map(Examination::view)
            .toList(),
        permissions,
        approver(),
        flags(),
        serviceRangesUnknown(permissions),
        complete,
        blanks);
  }

  /** Lists what a diagnosis rests on. */
  private <T> List<T> attemptToList(String what, Supplier<@Nullable List<T>> action) {
    Optional<List<T>> list = attempt(what, action);
    complete &= list.isPresent();
    return list.orElse(List.of());
  }

  private <T> Optional<T> attempt(String what, Supplier<@Nullable T> action) {
    try {
      return Optional.ofNullable(action.get());
    } catch (KubernetesClientException e) {
      blanks.add(what + ": " + ApiFailure.explain(e));
      return Optional.empty();
    }
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
      blanks.add(
          "the API server's clock: "
              + ApiFailure.explain(new KubernetesClientException("/version", e)));
    } catch (DateTimeException e) {
      blanks.add("the API server's clock: got a Date header that is no date; want RFC 1123");
    }
    return Optional.empty();
  }

  private Optional<Map<String, String>> flags() {
    return attempt("kube-apiserver's flags (/flagz)", () -> client.raw("/flagz"))
        .map(Examination::flagsIn);
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
    attempt("node leases", () -> client.leases().inNamespace("kube-node-lease").list().getItems())
        .orElse(List.<Lease>of())
        .forEach(
            lease -> {
              if (lease.getSpec() != null && lease.getSpec().getRenewTime() != null) {
                contacts.put(
                    lease.getMetadata().getName(), lease.getSpec().getRenewTime().toInstant());
              }
            });
    List<NodeView> views =
        new NodeExamination(client, clock, probes.contains(Probe.METRICS))
            .views(nodes, issued, served, contacts);
    Map<String, List<String>> notAsked = new TreeMap<>();
    for (NodeView view : views) {
      if (view.kubelet() instanceof Kubelet.NotAsked(String why)) {
        notAsked.computeIfAbsent(why, _ -> new ArrayList<>()).add(view.name());
      }
    }
    notAsked.forEach(
        (why, names) -> blanks.add("configuration of " + Complaint.several(names) + ": " + why));
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

  private Picture.Approver approver() {
    for (Deployment deployment :
        attempt(
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
          ? new Picture.Approver.Ready()
          : new Picture.Approver.NotReady(
              deployment.getMetadata().getNamespace() + "/" + deployment.getMetadata().getName());
    }
    return new Picture.Approver.NotDeployed();
  }

  private Optional<ServiceAccount> approverAccount() {
    if (approverAccount.isEmpty()) {
      return attempt(
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
    return attempt(
        "service account " + account,
        () ->
            client
                .serviceAccounts()
                .inNamespace(account.substring(0, colon))
                .withName(account.substring(colon + 1))
                .get());
  }

  private Map<Permission, Boolean> permissions() {
    Map<Permission, Boolean> permissions = new EnumMap<>(Permission.class);
    ask(
        permissions,
        Permission.NODES_CREATE_REQUESTS,
        NodeName.USER_PREFIX + "x",
        "system:nodes",
        "");
    ask(
        permissions,
        Permission.BOOTSTRAPPERS_CREATE_REQUESTS,
        "system:bootstrap:000000",
        "system:bootstrappers",
        "");
    ask(
        permissions,
        Permission.NODES_RENEW,
        NodeName.USER_PREFIX + "x",
        "system:nodes",
        "selfnodeclient");
    ask(
        permissions,
        Permission.BOOTSTRAPPERS_ARE_APPROVED,
        "system:bootstrap:000000",
        "system:bootstrappers",
        "nodeclient");
    Optional<ServiceAccount> account = approverAccount();
    if (account.isPresent()) {
      String user =
          "system:serviceaccount:"
              + account.get().getMetadata().getNamespace()
              + ":"
              + account.get().getMetadata().getName();
      reviewApprover(
          permissions,
          Permission.APPROVER_APPROVES,
          user,
          new ResourceAttributesBuilder()
              .withGroup("certificates.k8s.io")
              .withResource("signers")
              .withName(SERVING)
              .withVerb("approve"));
      reviewApprover(
          permissions,
          Permission.APPROVER_WRITES,
          user,
          new ResourceAttributesBuilder()
              .withGroup("certificates.k8s.io")
              .withResource("certificatesigningrequests")
              .withSubresource("approval")
              .withVerb("update"));
      reviewApprover(
          permissions,
          Permission.APPROVER_LISTS_SERVICE_RANGES,
          user,
          new ResourceAttributesBuilder()
              .withGroup("networking.k8s.io")
              .withResource("servicecidrs")
              .withVerb("list"));
    }
    return permissions;
  }

  /**
   * Whether kube-controller-manager approves the renewals of a node's client certificate, which it
   * does for whoever may create {@code certificatesigningrequests/selfnodeclient}, also where
   * strict join has revoked the name. False where that can't be learned.
   */
  public static boolean isRenewedByControllerManager(KubernetesClient client, String node) {
    try {
      return Boolean.TRUE.equals(
          client
              .authorization()
              .v1()
              .subjectAccessReview()
              .create(question(NodeName.USER_PREFIX + node, "system:nodes", "selfnodeclient"))
              .getStatus()
              .getAllowed());
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  private void reviewApprover(
      Map<Permission, Boolean> permissions,
      Permission permission,
      String user,
      ResourceAttributesBuilder attributes) {
    review(
        permissions,
        permission,
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(user)
            .withGroups("system:serviceaccounts", "system:authenticated")
            .withResourceAttributes(attributes.build())
            .endSpec()
            .build());
  }

  private Optional<String> serviceRangesUnknown(Map<Permission, Boolean> permissions) {
    Optional<String> namespace =
        approverAccount().map(account -> account.getMetadata().getNamespace());
    if (namespace.isEmpty()) {
      return Optional.empty();
    }
    ServiceRangeExamination ranges = new ServiceRangeExamination(client);
    if (attempt("the approver's policy", () -> ranges.isNamed(namespace.get())).orElse(true)) {
      return Optional.empty();
    }
    return Boolean.FALSE.equals(permissions.get(Permission.APPROVER_LISTS_SERVICE_RANGES))
        ? Optional.of("its account may not list servicecidrs")
        : attempt("servicecidrs", ranges::whyUnknown).flatMap(why -> why);
  }

  private void ask(
      Map<Permission, Boolean> permissions,
      Permission permission,
      String user,
      String group,
      String subresource) {
    review(permissions, permission, question(user, group, subresource));
  }

  private static SubjectAccessReview question(String user, String group, String subresource) {
    return new SubjectAccessReviewBuilder()
        .withNewSpec()
        .withUser(user)
        .withGroups(group, "system:authenticated")
        .withNewResourceAttributes()
        .withGroup("certificates.k8s.io")
        .withResource("certificatesigningrequests")
        .withSubresource(subresource.isEmpty() ? null : subresource)
        .withVerb("create")
        .endResourceAttributes()
        .endSpec()
        .build();
  }

  private void review(
      Map<Permission, Boolean> permissions, Permission permission, SubjectAccessReview review) {
    attempt(
            "permission " + permission,
            () ->
                client
                    .authorization()
                    .v1()
                    .subjectAccessReview()
                    .create(review)
                    .getStatus()
                    .getAllowed())
        .ifPresent(allowed -> permissions.put(permission, allowed));
  }
}
