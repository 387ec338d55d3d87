package dev.countersign.cluster.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.ClusterSnapshot.Condition;
import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.doctor.ClusterSnapshot.Permission;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestedSubject;
import dev.countersign.cluster.doctor.ClusterSnapshot.TokenView;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A healthy cluster, and that cluster with one thing broken at a time. */
class DiagnosisTest {
  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");

  private static Map<Permission, Boolean> permissions() {
    Map<Permission, Boolean> permissions = new EnumMap<>(Permission.class);
    for (Permission permission : Permission.values()) {
      permissions.put(permission, true);
    }
    return permissions;
  }

  private static final RequestedSubject NOTHING = new RequestedSubject(Optional.empty(), List.of());
  private static final BootstrapTokenGrant GRANT =
      BootstrapTokenGrant.fromData(Map.of("token", "abc123", "nodes", "*", "uses", "unlimited"));

  private static NodeView view(
      String name,
      List<String> addresses,
      Optional<Instant> lastContact,
      Kubelet kubelet,
      Optional<NodeReport> served) {
    return new NodeView(
        name, addresses, lastContact, kubelet, served, Optional.empty(), Optional.empty());
  }

  private static TokenView token(
      String name, Optional<String> problem, Optional<Instant> expiration, boolean granted) {
    return new TokenView(
        name, problem, expiration, Optional.of(GRANT).filter(_ -> granted), List.of());
  }

  private static NodeView node(String name, String address, Kubelet kubelet) {
    return view(
        name, List.of(address), Optional.of(NOW.minusSeconds(5)), kubelet, Optional.empty());
  }

  private static final NodeView HEALTHY =
      node("worker-1", "10.0.0.1", new Kubelet.Configured(true, true));
  private static final TokenView TOKEN =
      token("abc123", Optional.empty(), Optional.of(NOW.plusSeconds(60)), true);

  /** One field of the snapshot may differ from the healthy one. */
  private static final class Broken {
    private Instant server = NOW;
    private ClusterSnapshot.Approver approver = new ClusterSnapshot.Approver.Ready();
    private boolean strict;
    private Optional<String> unknownRanges = Optional.empty();
    private List<NodeView> nodes = List.of(HEALTHY);
    private final List<RequestView> requests =
        new ArrayList<>(
            List.of(
                request(RequestState.ISSUED, true, 3600), request(RequestState.PENDING, true, 5)));
    private List<TokenView> tokens = List.of(TOKEN);
    private final Map<Permission, Boolean> permissions = permissions();
    private final Map<String, String> flags =
        new HashMap<>(
            Map.of(
                "enable-bootstrap-token-auth", "true", "kubelet-certificate-authority", "ca.crt"));

    Broken server(Instant time) {
      server = time;
      return this;
    }

    Broken approver(ClusterSnapshot.Approver other) {
      approver = other;
      return this;
    }

    Broken node(NodeView... views) {
      nodes = List.of(views);
      return this;
    }

    Broken request(RequestState state, boolean serving, long age, String name) {
      requests.add(
          new RequestView(
              name,
              serving,
              "system:node:worker-1",
              state,
              NOW.minusSeconds(age),
              Optional.of(new Condition(Optional.of("Because"), Optional.empty())),
              NOTHING));
      return this;
    }

    Broken token(TokenView... views) {
      tokens = List.of(views);
      return this;
    }

    Broken permission(Permission permission, boolean granted) {
      permissions.put(permission, granted);
      return this;
    }

    Broken strict() {
      strict = true;
      permissions.put(Permission.BOOTSTRAPPERS_ARE_APPROVED, false);
      return this;
    }

    Broken unknownRanges(String why) {
      unknownRanges = Optional.of(why);
      return this;
    }

    Broken flag(String name, String value) {
      flags.put(name, value);
      return this;
    }

    List<DoctorFinding> findings() {
      return Diagnosis.of(
          new ClusterSnapshot(
              NOW,
              Optional.of(server),
              strict,
              nodes,
              requests,
              tokens,
              permissions,
              approver,
              Optional.of(flags),
              unknownRanges,
              true,
              List.of()));
    }

    private static RequestView request(RequestState state, boolean serving, long age) {
      return new RequestView(
          "csr-" + state,
          serving,
          "system:node:worker-1",
          state,
          NOW.minusSeconds(age),
          Optional.empty(),
          NOTHING);
    }
  }

  @Test
  void of_healthyCluster_nothing() {
    assertThat(new Broken().findings()).isEmpty();
    assertThat(new Broken().strict().findings()).isEmpty();
    assertThat(new Broken().token().findings()).isEmpty();
  }

  @Test
  void of_nothingKnown_nothing() {
    ClusterSnapshot blank =
        new ClusterSnapshot(
            NOW,
            Optional.empty(),
            false,
            List.of(),
            List.of(),
            List.of(),
            Map.of(),
            new ClusterSnapshot.Approver.NotDeployed(),
            Optional.empty(),
            Optional.empty(),
            false,
            List.of("nodes: got 403 Forbidden"));
    assertThat(Diagnosis.of(blank)).isEmpty();
  }

  @Test
  void of_oneThingBroken_exactlyItsCause() {
    Map<Cause, Broken> broken = new EnumMap<>(Cause.class);
    broken.put(Cause.CLOCK_OF_THIS_MACHINE, new Broken().server(NOW.plusSeconds(40)));
    broken.put(
        Cause.CLOCK_OF_NODE,
        new Broken()
            .node(
                view(
                    "worker-1",
                    List.of("10.0.0.1"),
                    Optional.of(NOW.plusSeconds(300)),
                    new Kubelet.Configured(true, true),
                    Optional.empty())));
    broken.put(Cause.SIGNER_SILENT, new Broken().request(RequestState.APPROVED, true, 90, "a"));
    broken.put(Cause.SIGNER_FAILED, new Broken().request(RequestState.FAILED, true, 5, "a"));
    broken.put(
        Cause.SERVING_REQUEST_WAITS, new Broken().request(RequestState.PENDING, true, 90, "a"));
    broken.put(
        Cause.CLIENT_REQUEST_WAITS, new Broken().request(RequestState.PENDING, false, 90, "a"));
    broken.put(Cause.REQUEST_DENIED, new Broken().request(RequestState.DENIED, true, 5, "a"));
    broken.put(
        Cause.NODES_MAY_NOT_REQUEST,
        new Broken().permission(Permission.NODES_CREATE_REQUESTS, false));
    broken.put(
        Cause.BOOTSTRAPPERS_MAY_NOT_REQUEST,
        new Broken().permission(Permission.BOOTSTRAPPERS_CREATE_REQUESTS, false));
    broken.put(Cause.RENEWALS_NOT_APPROVED, new Broken().permission(Permission.NODES_RENEW, false));
    broken.put(
        Cause.BLANKET_APPROVAL,
        new Broken().strict().permission(Permission.BOOTSTRAPPERS_ARE_APPROVED, true));
    broken.put(
        Cause.APPROVER_NOT_RUNNING,
        new Broken()
            .approver(new ClusterSnapshot.Approver.NotReady("kube-system/countersign-approver")));
    broken.put(
        Cause.APPROVER_NOT_PERMITTED, new Broken().permission(Permission.APPROVER_APPROVES, false));
    broken.put(
        Cause.TOKEN_EXPIRED,
        new Broken()
            .token(token("abc123", Optional.empty(), Optional.of(NOW.minusSeconds(5)), true)));
    broken.put(
        Cause.TOKEN_UNUSABLE,
        new Broken().token(TOKEN, token("x", Optional.of("y"), Optional.empty(), false)));
    broken.put(
        Cause.TOKEN_WITHOUT_GRANT,
        new Broken().strict().token(token("abc123", Optional.empty(), Optional.empty(), false)));
    broken.put(Cause.SERVICE_RANGE_UNKNOWN, new Broken().unknownRanges("there are none"));
    broken.put(
        Cause.TOKENS_SWITCHED_OFF, new Broken().flag("enable-bootstrap-token-auth", "false"));
    broken.put(Cause.KUBELETS_NOT_VERIFIED, new Broken().flag("kubelet-certificate-authority", ""));
    broken.put(
        Cause.SERVING_BOOTSTRAP_OFF,
        new Broken().node(node("worker-1", "10.0.0.1", new Kubelet.Configured(false, true))));
    broken.put(
        Cause.ROTATION_OFF,
        new Broken().node(node("worker-1", "10.0.0.1", new Kubelet.Configured(true, false))));
    broken.put(
        Cause.KUBELET_UNREACHABLE,
        new Broken().node(node("worker-1", "10.0.0.1", new Kubelet.Unreachable("refused"))));
    broken.put(
        Cause.KUBELET_NOT_TRUSTED,
        new Broken().node(node("worker-1", "10.0.0.1", new Kubelet.NotTrusted("x509: no"))));
    broken.put(
        Cause.API_SERVER_REFUSED,
        new Broken().node(node("worker-1", "10.0.0.1", new Kubelet.Refused(403))));
    broken.put(
        Cause.SERVING_CERTIFICATE,
        new Broken()
            .node(
                view(
                    "worker-1",
                    List.of("10.0.0.1"),
                    Optional.of(NOW),
                    new Kubelet.Configured(true, true),
                    Optional.of(
                        new NodeReport(
                            "worker-1",
                            Optional.of("10.0.0.1:10250"),
                            Optional.empty(),
                            List.of(
                                new NodeReport.Finding(
                                    NodeReport.Cause.OTHER_SUBJECT, "a", "b", "")),
                            List.of())))));
    broken.put(
        Cause.NODE_SILENT,
        new Broken()
            .node(
                view(
                    "worker-1",
                    List.of("10.0.0.1"),
                    Optional.of(NOW.minusSeconds(300)),
                    new Kubelet.Configured(true, true),
                    Optional.empty())));
    broken.put(
        Cause.NODE_WITHOUT_ADDRESS,
        new Broken()
            .node(
                view(
                    "worker-1",
                    List.of(),
                    Optional.of(NOW),
                    new Kubelet.Configured(true, true),
                    Optional.empty())));
    broken.put(
        Cause.ADDRESS_CLAIMED_TWICE,
        new Broken()
            .node(HEALTHY, node("worker-2", "10.0.0.1", new Kubelet.Configured(true, true))));

    assertThat(broken.keySet()).containsExactlyInAnyOrder(Cause.values());
    List<String> wrong = new ArrayList<>();
    broken.forEach(
        (cause, snapshot) -> {
          List<DoctorFinding> findings = snapshot.findings();
          if (!findings.stream().map(DoctorFinding::cause).toList().equals(List.of(cause))
              || findings.getFirst().next().isBlank()) {
            wrong.add(cause + ": " + findings);
          }
        });
    assertThat(wrong).isEmpty();
  }
}
