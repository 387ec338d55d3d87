package dev.countersign.cluster.doctor;

import dev.countersign.cluster.doctor.ClusterSnapshot.Kubelet;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.node.NodeReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Draws conclusions from what a {@link ClusterSnapshot} has of nodes and their kubelets. Pure. */
final class NodeDiagnosis {
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final ClusterSnapshot snapshot;
  private final List<DoctorFinding> findings = new ArrayList<>();

  private NodeDiagnosis(ClusterSnapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** What is wrong with nodes. */
  static List<DoctorFinding> of(ClusterSnapshot snapshot) {
    NodeDiagnosis diagnosis = new NodeDiagnosis(snapshot);
    snapshot.nodes().forEach(diagnosis::node);
    diagnosis.addresses();
    return diagnosis.findings;
  }

  private void add(Cause cause, String node, String what, String next) {
    findings.add(DoctorFinding.ofNode(cause, node, what, next));
  }

  private void node(NodeView node) {
    if (node.addresses().isEmpty()) {
      add(
          Cause.NODE_WITHOUT_ADDRESS,
          node.name(),
          "has no address in status.addresses, so no serving certificate can be approved",
          "check the --node-ip of its kubelet, or the cloud controller manager");
    }
    node.lastContact()
        .ifPresent(
            at -> {
              if (at.minus(Diagnosis.SKEW).isAfter(snapshot.serverNow())) {
                add(
                    Cause.CLOCK_OF_NODE,
                    node.name(),
                    "its clock is "
                        + Duration.between(snapshot.serverNow(), at).toSeconds()
                        + " s ahead of the API server's",
                    "synchronize its clock; until then, certificates can seem expired or not yet"
                        + " valid");
              } else if (at.plus(SILENCE).isBefore(snapshot.serverNow())) {
                add(
                    Cause.NODE_SILENT,
                    node.name(),
                    "last reported at "
                        + at
                        + ": its kubelet is down, cannot reach the API server, has lost its"
                        + " certificate, or its clock is behind",
                    "run journalctl -u kubelet on the node");
              }
            });
    switch (node.kubelet()) {
      case Kubelet.Configured(boolean serving, boolean rotate) -> {
        if (!serving) {
          add(
              Cause.SERVING_BOOTSTRAP_OFF,
              node.name(),
              "its kubelet runs with serverTLSBootstrap: false, so it serves a self-signed"
                  + " certificate",
              "set serverTLSBootstrap: true in its configuration and restart it");
        }
        if (!rotate) {
          add(
              Cause.ROTATION_OFF,
              node.name(),
              "its kubelet runs with rotateCertificates: false, so it loses access to the API"
                  + " server when its client certificate expires",
              "set rotateCertificates: true in its configuration and restart it");
        }
      }
      case Kubelet.Refused(int code) ->
          add(
              Cause.API_SERVER_REFUSED,
              node.name(),
              "its kubelet rejects the API server's requests with " + code,
              code == 401
                  ? "compare kube-apiserver's --kubelet-client-certificate with the kubelet's"
                      + " clientCAFile"
                  : "bind ClusterRole system:kubelet-api-admin to the user in"
                      + " --kubelet-client-certificate");
      case Kubelet.NotTrusted(String why) ->
          add(
              Cause.KUBELET_NOT_TRUSTED,
              node.name(),
              "the API server does not trust its kubelet's certificate: " + why,
              "run countersign node verify " + node.name() + " to see the certificate");
      case Kubelet.Unreachable(String why) ->
          add(
              Cause.KUBELET_UNREACHABLE,
              node.name(),
              "the API server cannot reach its kubelet: " + why,
              "check that it runs, the firewall for port 10250, and"
                  + " --kubelet-preferred-address-types");
      case Kubelet.NotAsked _ -> {}
    }
    node.served()
        .map(NodeReport::findings)
        .orElse(List.of())
        .forEach(
            finding -> {
              if (finding.cause() != NodeReport.Cause.NO_ADDRESS
                  && finding.cause() != NodeReport.Cause.UNREACHABLE) {
                add(
                    Cause.SERVING_CERTIFICATE,
                    node.name(),
                    "serves a certificate with "
                        + finding.cause()
                        + ": got "
                        + finding.got()
                        + "; want "
                        + finding.want(),
                    finding.next().isEmpty()
                        ? "run countersign node verify " + node.name()
                        : finding.next());
              }
            });
  }

  private void addresses() {
    Map<String, List<String>> claims = new TreeMap<>();
    for (NodeView node : snapshot.nodes()) {
      for (String address : node.addresses()) {
        claims.computeIfAbsent(address, _ -> new ArrayList<>()).add(node.name());
      }
    }
    claims.forEach(
        (address, names) -> {
          if (names.size() > 1) {
            findings.add(
                new DoctorFinding(
                    Cause.ADDRESS_CLAIMED_TWICE,
                    String.join(",", names),
                    "claim the same address, "
                        + address
                        + "; only its owner gets certificates for it",
                    "run countersign node addresses to see the owner; delete Nodes that no longer"
                        + " exist",
                    names));
          }
        });
  }
}
