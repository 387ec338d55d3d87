package dev.countersign.approver.metrics;

import java.util.List;

/**
 * Everything that is measured, with the text of {@code docs/reference/metrics.md}, which is
 * generated from here. Names are stable API: dashboards and alerts depend on them.
 */
public enum Metric {
  DECISIONS(
      "countersign_decisions_total",
      Kind.COUNTER,
      "Verdicts, by verdict and first reason.",
      "verdict: approved, denied, deferred (once per request that stays deferred for two seconds),"
          + " would-approve and would-deny (modes that do not write). reason: as in reasons.md;"
          + " empty for an approval without a notice.",
      "verdict",
      "reason"),
  IGNORED(
      "countersign_ignored_requests_total",
      Kind.COUNTER,
      "Requests left alone because their user is no node.",
      "requestors.others: Ignore, the default. Counted by every replica, once per request and list."
          + " Each is a line of the log at level debug."),
  APPROVAL_LATENCY(
      "countersign_approval_latency_seconds",
      Kind.HISTOGRAM,
      "From a request's creation to its approval being written.",
      "The API server writes creation times in whole seconds, so each value is up to one second"
          + " too long; a request that arrived before its Node counts its wait."),
  DECISION_DURATION(
      "countersign_decision_duration_seconds",
      Kind.HISTOGRAM,
      "From the moment a request was first seen here to its approval being written.",
      "What the approver itself adds. With a standby that takes over, what it saw as a standby"
          + " counts."),
  PENDING(
      "countersign_pending_requests",
      Kind.GAUGE,
      "Requests for kubelet-serving certificates without a verdict.",
      "Those deferred are among them."),
  DISPLACED(
      "countersign_displaced_requests_total",
      Kind.COUNTER,
      "Requests that wait and are not looked at, because more wait than are kept.",
      "bound: requestor (256 of one requestor; the newest are kept), all (10,000 in all; the oldest"
          + " of whoever has most makes room). They are looked at once half of the room is free.",
      "bound"),
  QUEUE_DEPTH(
      "countersign_queue_depth",
      Kind.GAUGE,
      "Requests that wait for their turn to be decided.",
      "Deferred requests do not wait here. A standby has none."),
  OLDEST_PENDING(
      "countersign_oldest_pending_seconds",
      Kind.GAUGE,
      "Age of the oldest request without a verdict; 0 without any.",
      "A deferred request counts. kube-controller-manager deletes pending requests after 24"
          + " hours."),
  DEFERRED(
      "countersign_deferred_requests",
      Kind.GAUGE,
      "Requests that wait for facts to change, by first reason.",
      "reason: as in reasons.md.",
      "reason"),
  LEADER(
      "countersign_leader",
      Kind.GAUGE,
      "1 where this replica decides, 0 where it stands by.",
      "Always 1 without leader election. The sum over replicas is 1, but for moments at a"
          + " hand-over."),
  LEADER_CHANGES(
      "countersign_leader_transitions_total",
      Kind.COUNTER,
      "How often this replica began or ceased to lead.",
      "to: leading, standby.",
      "to"),
  SYNCED(
      "countersign_caches_synced",
      Kind.GAUGE,
      "1 once every collection was listed completely.",
      "Nothing is decided before."),
  SERVICE_RANGE_UNKNOWN(
      "countersign_service_range_unknown",
      Kind.GAUGE,
      "1 while the range that Services get their addresses from is not known.",
      "Requests for addresses that may be in it are deferred then. Set protected.serviceCIDRs in"
          + " the policy."),
  NODES(
      "countersign_nodes",
      Kind.GAUGE,
      "Nodes known.",
      "Compare with the cluster's number to see that the watch is complete."),
  PROTECTED(
      "countersign_protected_names",
      Kind.GAUGE,
      "Names, addresses and ranges that are the cluster's own and hence no Node's, by kind.",
      "kind: service-address, service-range, service-name, api-server, pod-range, service-external,"
          + " service-short-name; the first of these that applies. Absent: 0.",
      "kind"),
  OWNED("countersign_owned_addresses", Kind.GAUGE, "Names and addresses on record.", "See ADR 20."),
  CONTESTED(
      "countersign_contested_addresses",
      Kind.GAUGE,
      "Names and addresses on record that several Nodes claim, or that a Node waits for.",
      "Other than zero for long: an address conflict or an attack. countersign node addresses"
          + " shows them."),
  CLAIMS_TURNED_AWAY(
      "countersign_address_nodes_turned_away",
      Kind.GAUGE,
      "Nodes some of whose names and addresses get nothing on record, by cause.",
      "cause: over-budget (ownership.perNode.recordBytes), record-full (a ConfigMap has no room),"
          + " changes-too-often (ownership.perNode.changeInterval). An honest cluster has none.",
      "cause"),
  RECORD_FULLEST(
      "countersign_address_record_fill_ratio",
      Kind.GAUGE,
      "How full the fullest of the 64 address records is, 1 being full.",
      "5,000 Nodes of four addresses come to 0.05."),
  ADDRESS_RECORD_WRITES(
      "countersign_address_record_writes_total",
      Kind.COUNTER,
      "Writes of address records, by what became of them.",
      "outcome: written, conflict (someone else wrote; read again), failed (tried again).",
      "outcome"),
  WATCH_RESTARTS(
      "countersign_watch_restarts_total",
      Kind.COUNTER,
      "Watches opened again, by collection and cause.",
      "cause: ended (about once a minute each, as it should be), broken.",
      "collection",
      "cause"),
  WATCH_SILENCE(
      "countersign_watch_silence_seconds",
      Kind.GAUGE,
      "Since the API server last said anything about a collection.",
      "Above 70 seconds the watch is being opened again; growing further means that the API server"
          + " cannot be reached.",
      "collection"),
  API_REQUESTS(
      "countersign_api_requests_total",
      Kind.COUNTER,
      "Requests to the API server, by method and status code.",
      "code: 0 where there was no answer.",
      "method",
      "code"),
  WRITE_ERRORS(
      "countersign_write_errors_total",
      Kind.COUNTER,
      "Verdicts that could not be written at once, by kind of problem.",
      "problem: conflict and not_found are harmless; forbidden means that RBAC rights are missing;"
          + " too_many_requests, unreachable and the like are tried again; bug is one of ours.",
      "problem"),
  LOOKUPS(
      "countersign_lookups_total",
      Kind.COUNTER,
      "Facts looked up over the network, by kind and outcome.",
      "fact: access, inventory, resolution, served. outcome: known, unknown.",
      "fact",
      "outcome"),
  EVENTS(
      "countersign_events_total",
      Kind.COUNTER,
      "Events by what became of them.",
      "outcome: written, left-out (over the budget of a requestor), dropped (queue full), failed.",
      "outcome"),
  POLICY_RELOADS(
      "countersign_policy_reloads_total",
      Kind.COUNTER,
      "New versions of the policy file, by whether they were taken.",
      "outcome: taken, refused.",
      "outcome"),
  POLICY_GOOD(
      "countersign_policy_last_reload_successful",
      Kind.GAUGE,
      "1 where the policy in force is the newest version of its file, 0 where that has errors.",
      "1 without a policy file."),
  JOIN_DECISIONS(
      "countersign_join_decisions_total",
      Kind.COUNTER,
      "Verdicts of strict join on client certificates, by verdict and first reason.",
      "verdict: admitted, renewed, denied, deferred. reason: as in the condition; empty for the"
          + " first two.",
      "verdict",
      "reason"),
  AUTOMATIC_APPROVAL(
      "countersign_join_automatic_approval",
      Kind.GAUGE,
      "1 where kube-controller-manager approves client certificates by itself, beside strict join.",
      "With strict join only; looked at every five minutes. subresource: nodeclient (whoever has a"
          + " bootstrap token joins as any node), selfnodeclient (nodes renew, also revoked ones)."
          + " Absent where it cannot be asked.",
      "subresource"),
  CERTIFICATE_EXPIRY(
      "countersign_node_certificate_expiry_timestamp_seconds",
      Kind.GAUGE,
      "When the newest serving certificate seen for a Node expires, in Unix time.",
      "Only with --node-certificate-metrics=MOST, for that many Nodes at most. Learnt from requests"
          + " as they are issued; after a start, from those that still exist"
          + " (kube-controller-manager keeps issued ones for an hour).",
      "node"),
  CERTIFICATES_UNTRACKED(
      "countersign_node_certificates_untracked",
      Kind.GAUGE,
      "Nodes without a value in the metric above.",
      "Over the bound, or none issued since the start. 0 where the option is off."),
  LOG_DROPPED(
      "countersign_log_lines_dropped_total",
      Kind.COUNTER,
      "Log lines that could not be written.",
      "A full disk or a blocked pipe. Work goes on."),
  BUILD_INFO(
      "countersign_build_info",
      Kind.GAUGE,
      "1, with the version as a label.",
      "version, java.",
      "version",
      "java"),
  START_TIME(
      "process_start_time_seconds",
      Kind.GAUGE,
      "When the process started, in Unix time.",
      "As in other exporters."),
  CPU("process_cpu_seconds_total", Kind.COUNTER, "CPU time used.", "User and system."),
  MEMORY(
      "process_resident_memory_bytes",
      Kind.GAUGE,
      "Resident memory.",
      "Read from /proc; 0 elsewhere."),
  DESCRIPTORS(
      "process_open_fds", Kind.GAUGE, "Open file descriptors.", "Read from /proc; 0 elsewhere.");

  /** The types of the Prometheus text format that are used. */
  public enum Kind {
    COUNTER("counter"),
    GAUGE("gauge"),
    HISTOGRAM("histogram");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** As in the text format. */
    public String text() {
      return text;
    }
  }

  private final String text;
  private final Kind kind;
  private final String help;
  private final String note;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
  private final List<String> labels;

  Metric(String text, Kind kind, String help, String note, String... labels) {
    this.text = text;
    this.kind = kind;
    this.help = help;
    this.note = note;
    this.labels = List.of(labels);
  }

  /** Its name in a scrape. */
  public String text() {
    return text;
  }

  /** Its type. */
  public Kind kind() {
    return kind;
  }

  /** One sentence. */
  public String help() {
    return help;
  }

  /** What its labels' values are, and how to read it. */
  public String note() {
    return note;
  }

  /** Its labels' names; their values come from closed sets. */
  public List<String> labels() {
    return labels;
  }

  String[] labelNames() {
    return labels.toArray(String[]::new);
  }
}
