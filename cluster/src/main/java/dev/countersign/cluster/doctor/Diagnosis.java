package dev.countersign.cluster.doctor;

import dev.countersign.cluster.doctor.ClusterSnapshot.Permission;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Draws conclusions from a {@link ClusterSnapshot}. Pure. */
public final class Diagnosis {
  /** How far two clocks may be apart before that is a finding. */
  static final Duration SKEW = Duration.ofSeconds(30);

  /** How long a request may wait before that is a finding, unless told otherwise. */
  public static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Duration CLEANING = Duration.ofMinutes(10);

  private final ClusterSnapshot snapshot;
  private final Duration patience;
  private final Instant serverNow;
  private final List<DoctorFinding> findings = new ArrayList<>();

  private Diagnosis(ClusterSnapshot snapshot, Duration patience) {
    this.snapshot = snapshot;
    this.patience = patience;
    this.serverNow = snapshot.serverNow();
  }

  /** What is wrong, by cause; nothing on a healthy cluster. */
  public static List<DoctorFinding> of(ClusterSnapshot snapshot) {
    return of(snapshot, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience how long a request may wait before that is a finding
   */
  public static List<DoctorFinding> of(ClusterSnapshot snapshot, Duration patience) {
    Diagnosis diagnosis = new Diagnosis(snapshot, patience);
    diagnosis.clock();
    diagnosis.apiServer();
    diagnosis.permissions();
    diagnosis.serviceRanges();
    diagnosis.requests();
    diagnosis.tokens();
    diagnosis.findings.addAll(NodeDiagnosis.of(snapshot));
    return diagnosis.findings.stream().sorted().toList();
  }

  private void add(Cause cause, String where, String what, String next) {
    findings.add(DoctorFinding.of(cause, where, what, next));
  }

  private void clock() {
    snapshot
        .serverTime()
        .map(time -> Duration.between(time, snapshot.now()))
        .filter(skew -> skew.abs().compareTo(SKEW) > 0)
        .ifPresent(
            skew ->
                add(
                    Cause.CLOCK_OF_THIS_MACHINE,
                    "cluster",
                    "this machine's clock is "
                        + skew.abs().toSeconds()
                        + " s "
                        + (skew.isNegative() ? "behind" : "ahead of")
                        + " the API server's",
                    "synchronize both clocks; the times shown are those of the API server"));
  }

  private void apiServer() {
    if (snapshot.apiServerFlags().isEmpty()) {
      return;
    }
    Map<String, String> flags = snapshot.apiServerFlags().get();
    if (flags.getOrDefault("enable-bootstrap-token-auth", "").equals("false")) {
      add(
          Cause.TOKENS_SWITCHED_OFF,
          "cluster",
          "kube-apiserver runs without --enable-bootstrap-token-auth, so it refuses every token",
          "add the flag and restart it");
    }
    if (flags.containsKey("kubelet-certificate-authority")
        && flags.get("kubelet-certificate-authority").isBlank()) {
      add(
          Cause.KUBELETS_NOT_VERIFIED,
          "cluster",
          "kube-apiserver runs without --kubelet-certificate-authority, so it does not verify that"
              + " it talks to the kubelet, for example for exec and logs",
          "add the flag once countersign node verify finds no problems");
    }
  }

  private void permissions() {
    if (snapshot.approver() instanceof ClusterSnapshot.Approver.NotReady(String where)) {
      add(
          Cause.APPROVER_NOT_RUNNING,
          where,
          "the approver's Deployment has no ready pod, so no serving certificates are approved",
          "run kubectl describe deployment, and read the logs of its pods");
    }
    if (isRefused(Permission.NODES_CREATE_REQUESTS)) {
      add(
          Cause.NODES_MAY_NOT_REQUEST,
          "cluster",
          "group system:nodes cannot create certificatesigningrequests",
          "run kube-apiserver with authorization mode Node, or bind ClusterRole"
              + " system:node-bootstrapper to the group");
    }
    if (isRefused(Permission.BOOTSTRAPPERS_CREATE_REQUESTS)) {
      add(
          Cause.BOOTSTRAPPERS_MAY_NOT_REQUEST,
          "cluster",
          "group system:bootstrappers cannot create certificatesigningrequests, so no new node"
              + " can join",
          "bind ClusterRole system:node-bootstrapper to group system:bootstrappers");
    }
    if (!snapshot.strictJoin() && isRefused(Permission.NODES_RENEW)) {
      add(
          Cause.RENEWALS_NOT_APPROVED,
          "cluster",
          "client certificates are not renewed: kube-controller-manager approves renewals only for"
              + " users that can create certificatesigningrequests/selfnodeclient, and group"
              + " system:nodes cannot",
          "bind ClusterRole system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"
              + " to group system:nodes, or use strict join");
    }
    if (snapshot.strictJoin() && isGranted(Permission.BOOTSTRAPPERS_ARE_APPROVED)) {
      add(
          Cause.BLANKET_APPROVAL,
          "cluster",
          "kube-controller-manager approves requests of every bootstrap token for every node name,"
              + " which bypasses strict join",
          "delete the ClusterRoleBinding of"
              + " system:certificates.k8s.io:certificatesigningrequests:nodeclient to group"
              + " system:bootstrappers");
    }
    if (isRefused(Permission.APPROVER_APPROVES) || isRefused(Permission.APPROVER_WRITES)) {
      add(
          Cause.APPROVER_NOT_PERMITTED,
          "cluster",
          isRefused(Permission.APPROVER_APPROVES)
              ? "the approver's service account cannot approve for signer"
                  + " kubernetes.io/kubelet-serving"
              : "the approver's service account cannot update certificatesigningrequests/approval",
          "apply the ClusterRole and ClusterRoleBinding of the approver's manifests again");
    }
  }

  private void serviceRanges() {
    snapshot
        .serviceRangesUnknown()
        .ifPresent(
            why ->
                add(
                    Cause.SERVICE_RANGE_UNKNOWN,
                    "cluster",
                    "the approver cannot determine the IP ranges of Services, so it defers requests"
                        + " for addresses that may be in one: "
                        + why,
                    "set protected.serviceCIDRs in its policy to the API server's"
                        + " --service-cluster-ip-range, or apply the ClusterRole of its manifests"
                        + " again"));
  }

  private boolean isRefused(Permission permission) {
    return Boolean.FALSE.equals(snapshot.permissions().get(permission));
  }

  private boolean isGranted(Permission permission) {
    return Boolean.TRUE.equals(snapshot.permissions().get(permission));
  }

  private void requests() {
    Map<String, List<String>> denied = new TreeMap<>();
    for (RequestView request : snapshot.requests()) {
      boolean waited = !request.since().plus(patience).isAfter(serverNow);
      switch (request.state()) {
        case PENDING -> {
          if (waited && request.serving()) {
            add(
                Cause.SERVING_REQUEST_WAITS,
                request.name(),
                "the request of "
                    + request.user()
                    + " for a serving certificate is pending since "
                    + request.since(),
                "check that the approver runs, then run countersign csr explain " + request.name());
          } else if (waited) {
            add(
                Cause.CLIENT_REQUEST_WAITS,
                request.name(),
                "the request of "
                    + request.user()
                    + " for a client certificate is pending since "
                    + request.since(),
                snapshot.strictJoin()
                    ? "check that the approver runs with strict join and that the token has a"
                        + " grant: countersign token list"
                    : "check that kube-controller-manager runs its csrapproving controller and that"
                        + " ClusterRoleBindings for nodeclient and selfnodeclient exist");
          }
        }
        case DENIED ->
            denied
                .computeIfAbsent(
                    "denied to " + request.user() + ": " + request.why(), _ -> new ArrayList<>())
                .add(request.name());
        case FAILED ->
            add(
                Cause.SIGNER_FAILED,
                request.name(),
                "approved for " + request.user() + ", but the signer failed: " + request.why(),
                "check the log of kube-controller-manager and its --cluster-signing flags");
        case APPROVED -> {
          if (waited) {
            add(
                Cause.SIGNER_SILENT,
                request.name(),
                "approved for "
                    + request.user()
                    + " since "
                    + request.since()
                    + ", but no certificate was issued",
                "check that kube-controller-manager runs with --cluster-signing-cert-file and"
                    + " --cluster-signing-key-file, and that its csrsigning controller is enabled");
          }
        }
        case ISSUED -> {}
      }
    }
    denied.forEach(
        (what, names) ->
            add(
                Cause.REQUEST_DENIED,
                DoctorFinding.several(names),
                what,
                "fix the cause; the kubelet sends a new request by itself"));
  }

  private void tokens() {
    boolean anyGood =
        snapshot.tokens().isEmpty()
            || snapshot.tokens().stream()
                .anyMatch(token -> token.problem().isEmpty() && !token.hasExpired(serverNow));
    for (TokenView token : snapshot.tokens()) {
      if (token.problem().isPresent()) {
        add(
            Cause.TOKEN_UNUSABLE,
            token.name(),
            "the API server refuses it: " + token.problem().get(),
            "run countersign token create, then delete this Secret");
        continue;
      }
      if (token.hasExpired(serverNow)) {
        Instant end = token.expiration().orElseThrow();
        if (end.plus(CLEANING).isBefore(serverNow)) {
          add(
              Cause.TOKEN_EXPIRED,
              token.name(),
              "expired at " + end + " and was not deleted",
              "enable tokencleaner in --controllers of kube-controller-manager, or run countersign"
                  + " token delete");
        } else if (!anyGood) {
          add(
              Cause.TOKEN_EXPIRED,
              token.name(),
              "expired at " + end + ", and no other token is valid, so no new node can join",
              "run countersign token create");
        }
      } else if (snapshot.strictJoin() && token.grant().isEmpty()) {
        add(
            Cause.TOKEN_WITHOUT_GRANT,
            token.name(),
            "has no join grant, so no node can join with it",
            "run countersign token create --node NAME, then delete this token");
      }
    }
  }
}
