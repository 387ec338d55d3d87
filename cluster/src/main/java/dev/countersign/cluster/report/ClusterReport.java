package dev.countersign.cluster.report;

import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.Cause;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.ClusterSnapshot.NodeView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.DoctorFinding;
import dev.countersign.cluster.node.CertificateValidity;
import dev.countersign.cluster.node.NodeReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is known of the node identities of a cluster.
 *
 * @param server the API server's URL
 * @param snapshot what the doctor saw
 * @param doctorFindings what the doctor concludes from it
 * @param addresses whose each address is on record; empty where the records could not be read
 * @param against the first reason against each pending request, by its name, as the policy in force
 *     has it
 * @param notLookedAt what could not be looked at, and why
 */
public record ClusterReport(
    String server,
    ClusterSnapshot snapshot,
    List<DoctorFinding> doctorFindings,
    Optional<List<AddressRecord>> addresses,
    Map<String, String> against,
    List<String> notLookedAt) {
  public ClusterReport {
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(snapshot, "snapshot");
    doctorFindings = List.copyOf(doctorFindings);
    addresses = addresses.map(List::copyOf);
    against = Map.copyOf(against);
    notLookedAt = List.copyOf(notLookedAt);
  }

  /** How a node's certificates are. */
  public enum Health {
    /** A certificate of its has ended. */
    EXPIRED("expired"),
    /** A certificate should have been renewed. */
    RENEWAL_LATE("renewal is late"),
    /** The doctor found something else. */
    FINDING("finding"),
    /** Its serving certificate was not seen. */
    NOT_SEEN("unknown"),
    /** All that was looked at is as it should be. */
    OK("ok");

    private final String text;

    Health(String text) {
      this.text = text;
    }

    /** For people. */
    public String text() {
      return text;
    }
  }

  /**
   * One thing to do something about.
   *
   * @param cause of {@link Cause}, or of {@link NodeReport.Cause} where only a dial found it
   * @param where a node, a request, a token, or {@code cluster}
   * @param nodes the nodes it is about
   */
  public record Finding(String cause, String where, String what, String next, List<String> nodes) {
    public Finding {
      nodes = List.copyOf(nodes);
    }

    private static Finding of(DoctorFinding finding) {
      return new Finding(
          finding.cause().name(), finding.where(), finding.what(), finding.next(), finding.nodes());
    }

    private static Finding of(String node, NodeReport.Finding finding) {
      return new Finding(
          finding.cause().name(),
          node,
          "got " + finding.got() + "; want " + finding.want(),
          finding.next(),
          List.of(node));
    }

    /** Whether it says something of the way from here rather than of the node. */
    private boolean isUnreachable() {
      return cause.equals(NodeReport.Cause.UNREACHABLE.name());
    }
  }

  /**
   * A node with what is known of it.
   *
   * @param serving what it serves, or the last that was issued where it was not dialed
   */
  public record Row(
      NodeView node, Optional<NodeReport.Served> serving, List<Finding> findings, Health health) {
    public Row {
      findings = List.copyOf(findings);
    }

    Optional<CertificateValidity> servingValidity() {
      return serving.map(NodeReport.Served::validity);
    }
  }

  /** By the API server's clock, as far as it told. */
  public Instant at() {
    return snapshot.serverNow();
  }

  /** What the doctor found, and which kubelets did not answer when they were dialed from here. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (DoctorFinding finding : doctorFindings) {
      findings.add(Finding.of(finding));
    }
    for (NodeView node : snapshot.nodes()) {
      for (NodeReport.Finding finding : node.served().map(NodeReport::findings).orElse(List.of())) {
        if (finding.cause() == NodeReport.Cause.UNREACHABLE) {
          findings.add(Finding.of(node.name(), finding));
        }
      }
    }
    return findings;
  }

  /** The nodes, in the order of the cluster. */
  public List<Row> rows() {
    Map<String, List<Finding>> byNode = new HashMap<>();
    for (Finding finding : findings()) {
      for (String node : finding.nodes()) {
        byNode.computeIfAbsent(node, _ -> new ArrayList<>()).add(finding);
      }
    }
    return snapshot.nodes().stream()
        .map(node -> row(node, byNode.getOrDefault(node.name(), List.of())))
        .toList();
  }

  private Row row(NodeView node, List<Finding> findings) {
    Optional<NodeReport.Served> serving =
        node.served().flatMap(NodeReport::certificate).or(node::issued);
    List<CertificateValidity> certificates =
        Stream.of(serving.map(NodeReport.Served::validity), node.client())
            .flatMap(Optional::stream)
            .toList();
    Health health = Health.OK;
    if (certificates.stream().anyMatch(one -> !one.notAfter().isAfter(at()))) {
      health = Health.EXPIRED;
    } else if (certificates.stream()
        .anyMatch(one -> one.renewsUntil().filter(at()::isAfter).isPresent())) {
      health = Health.RENEWAL_LATE;
    } else if (findings.stream().anyMatch(finding -> !finding.isUnreachable())) {
      health = Health.FINDING;
    } else if (serving.isEmpty()) {
      health = Health.NOT_SEEN;
    }
    return new Row(node, serving, findings, health);
  }

  /** Who owns each name or address that is on record and owned. */
  public Map<String, String> owners() {
    Map<String, String> owners = new HashMap<>();
    addresses
        .orElse(List.of())
        .forEach(
            record -> record.owner().ifPresent(owner -> owners.put(record.address().key(), owner)));
    return owners;
  }

  /** Those that a Node claims and does not hold. */
  public List<AddressRecord> contests() {
    return addresses.orElse(List.of()).stream().filter(AddressRecord::isContested).toList();
  }

  /** The requests that have no certificate. */
  public List<RequestView> openRequests() {
    return snapshot.requests().stream()
        .filter(request -> request.state() != RequestState.ISSUED)
        .toList();
  }

  /** Why a request has no certificate; empty where nothing is known. */
  public Optional<String> reason(RequestView request) {
    return request.state() == RequestState.PENDING
        ? Optional.ofNullable(against.get(request.name()))
        : request.reason();
  }

  /** How many requests in a state have each reason; {@code -} where none is known. */
  public Map<String, Integer> reasons(RequestState state) {
    Map<String, Integer> reasons = new TreeMap<>();
    for (RequestView request : openRequests()) {
      if (request.state() == state) {
        reasons.merge(reason(request).orElse("-"), 1, Integer::sum);
      }
    }
    return reasons;
  }
}
