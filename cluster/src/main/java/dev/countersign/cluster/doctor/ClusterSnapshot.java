package dev.countersign.cluster.doctor;

import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.cluster.token.TokenReport;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodePattern;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A cluster as the doctor sees it at one moment. What could not be looked at is empty here and
 * named in {@code blanks}.
 *
 * @param now by this machine's clock
 * @param serverTime by the API server's clock, whole seconds
 * @param strictJoin whether the namespace of the join records exists
 * @param nodes those looked at
 * @param requests of the two signers for kubelets
 * @param tokens bootstrap tokens
 * @param permissions what was asked of the API server's authorizer
 * @param approver the approver's Deployment
 * @param apiServerFlags flags of the API server that answered
 * @param serviceRangesUnknown why the approver can't know from which range Services get their
 *     addresses; empty where it can, and where there is no approver in the cluster
 * @param complete whether Nodes and requests could be listed; else nothing is ruled out by finding
 *     nothing
 * @param blanks what could not be looked at, and why
 */
public record ClusterSnapshot(
    Instant now,
    Optional<Instant> serverTime,
    boolean strictJoin,
    List<NodeView> nodes,
    List<RequestView> requests,
    List<TokenView> tokens,
    Map<Permission, Boolean> permissions,
    Approver approver,
    Optional<Map<String, String>> apiServerFlags,
    Optional<String> serviceRangesUnknown,
    boolean complete,
    List<String> blanks) {
  public ClusterSnapshot {
    nodes = List.copyOf(nodes);
    requests = List.copyOf(requests);
    tokens = List.copyOf(tokens);
    permissions = Map.copyOf(permissions);
    apiServerFlags = apiServerFlags.map(Map::copyOf);
    blanks = List.copyOf(blanks);
  }

  /** The time by the API server's clock, as far as it told; else by this machine's. */
  public Instant serverNow() {
    return serverTime.orElse(now);
  }

  /**
   * A node.
   *
   * @param addresses of status.addresses but host names
   * @param lastContact its Lease's renewTime, by the node's clock
   * @param kubelet what asking it for its configuration through the API server gave
   * @param served what dialing it gave; empty where it was not dialed
   * @param issued the last serving certificate that was issued to it, where a request still tells
   * @param client how long its client certificate is valid; since when is not known where no
   *     request is left and the kubelet's metrics told only the end
   */
  public record NodeView(
      String name,
      List<String> addresses,
      Optional<Instant> lastContact,
      Kubelet kubelet,
      Optional<NodeReport> served,
      Optional<NodeReport.Served> issued,
      Optional<CertificateValidity> client) {
    public NodeView {
      addresses = List.copyOf(addresses);
    }
  }

  /** The approver's Deployment. */
  public sealed interface Approver {
    /** There is none; it may run elsewhere. */
    record NotDeployed() implements Approver {}

    /** Some of its pods are ready. */
    record Ready() implements Approver {}

    /** None of its pods is ready. */
    record NotReady(String where) implements Approver {}
  }

  /** What came of {@code /api/v1/nodes/NAME/proxy/configz}. */
  public sealed interface Kubelet {
    /** Its configuration. */
    record Configured(boolean serverTlsBootstrap, boolean rotateCertificates) implements Kubelet {}

    /** It answers, but refuses the API server. */
    record Refused(int code) implements Kubelet {}

    /** The API server does not trust its certificate. */
    record NotTrusted(String why) implements Kubelet {}

    /** The API server does not reach it. */
    record Unreachable(String why) implements Kubelet {}

    /** It was not asked. */
    record NotAsked(String why) implements Kubelet {}
  }

  /**
   * A request.
   *
   * @param serving whether for {@code kubelet-serving}; else for {@code
   *     kube-apiserver-client-kubelet}
   * @param state how far it got
   * @param since when it got into that state, as far as it tells
   * @param condition the one of that state; empty where it has none
   * @param subject what it asks for
   */
  public record RequestView(
      String name,
      boolean serving,
      String user,
      RequestState state,
      Instant since,
      Optional<Condition> condition,
      RequestedSubject subject) {
    /** The reason of its condition. */
    public Optional<String> reason() {
      return condition.flatMap(Condition::reason);
    }

    /** The message of its condition. */
    public Optional<String> message() {
      return condition.flatMap(Condition::message);
    }

    /** Reason and message in one text. */
    String why() {
      String text =
          Stream.of(reason(), message())
              .flatMap(Optional::stream)
              .collect(Collectors.joining(": "));
      return text.isEmpty() ? "no reason given" : text;
    }
  }

  /** Why a request is in its state. */
  public record Condition(Optional<String> reason, Optional<String> message) {}

  /**
   * Whom a request is to name.
   *
   * @param node the name of a node; empty where it can't be read or names none
   * @param names its names and addresses
   */
  public record RequestedSubject(Optional<String> node, List<String> names) {
    public RequestedSubject {
      names = List.copyOf(names);
    }
  }

  /**
   * A token.
   *
   * @param name its id, or its Secret's name where that is no token
   * @param problem why the API server refuses it
   * @param grant what strict join allows it
   * @param uses what it was used for, oldest first
   */
  public record TokenView(
      String name,
      Optional<String> problem,
      Optional<Instant> expiration,
      Optional<BootstrapTokenGrant> grant,
      List<TokenReport.Use> uses) {
    public TokenView {
      uses = List.copyOf(uses);
    }

    /** Whether it has ended by that time. */
    public boolean hasExpired(Instant at) {
      return expiration.filter(end -> !end.isAfter(at)).isPresent();
    }

    /** The names of nodes, or patterns of them, that its grant allows. */
    public List<String> nodes() {
      return grant.map(BootstrapTokenGrant::nodes).orElse(List.of()).stream()
          .map(NodePattern::text)
          .toList();
    }
  }

  /** What was asked of the authorizer. */
  public enum Permission {
    /** Group system:nodes creates certificatesigningrequests. */
    NODES_CREATE_REQUESTS,
    /** Group system:bootstrappers creates certificatesigningrequests. */
    BOOTSTRAPPERS_CREATE_REQUESTS,
    /** Group system:nodes creates certificatesigningrequests/selfnodeclient. */
    NODES_RENEW,
    /** Group system:bootstrappers creates certificatesigningrequests/nodeclient. */
    BOOTSTRAPPERS_ARE_APPROVED,
    /** The approver's account approves for kubernetes.io/kubelet-serving. */
    APPROVER_APPROVES,
    /** The approver's account updates certificatesigningrequests/approval. */
    APPROVER_WRITES,
    /** The approver's account lists servicecidrs. */
    APPROVER_LISTS_SERVICE_RANGES
  }
}
