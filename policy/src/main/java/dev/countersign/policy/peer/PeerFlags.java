package dev.countersign.policy.peer;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.Suggestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the flags and the environment of a peer, as its own program does. */
final class PeerFlags {
  /** Flags that decide, and whether each is a switch. */
  private static final Map<String, Boolean> CSR_APPROVER =
      Map.of(
          "provider-regex", false,
          "provider-ip-prefixes", false,
          "max-expiration-sec", false,
          "allowed-dns-names", false,
          "bypass-dns-resolution", true,
          "bypass-hostname-check", true,
          "ignore-non-system-node", true,
          "skip-deny-step", true);

  /** Flags that have no say in a decision, and what takes their place. */
  private static final Map<String, String> CSR_APPROVER_OTHERS =
      Map.of(
          "level", "approver --log-level",
          "metrics-bind-address", "approver --metrics-bind-address",
          "health-probe-bind-address", "approver --health-probe-bind-address",
          "leader-election", "approver --leader-elect",
          "kubeconfig", "approver --kubeconfig");

  private static final Map<String, String> SERVING_CERT_APPROVER_OTHERS =
      Map.of(
          "debug", "approver --log-level=debug",
          "d", "approver --log-level=debug",
          "enable-leader-election", "approver --leader-elect",
          "namespace", "approver --namespace",
          "n", "approver --namespace");

  private static final Map<String, String> RUBBER_STAMP_OTHERS =
      Map.ofEntries(
          Map.entry("v", "approver --log-level"),
          Map.entry("vmodule", "approver --log-level"),
          Map.entry("logtostderr", "nothing: the log is on standard error"),
          Map.entry("alsologtostderr", "nothing: the log is on standard error"),
          Map.entry("stderrthreshold", "approver --log-level"),
          Map.entry("log_dir", "nothing: the log is on standard error"),
          Map.entry("log_file", "nothing: the log is on standard error"),
          Map.entry("log_file_max_size", "nothing: the log is on standard error"),
          Map.entry("log_backtrace_at", "nothing"),
          Map.entry("skip_headers", "approver --log-format"),
          Map.entry("skip_log_headers", "approver --log-format"),
          Map.entry("add_dir_header", "approver --log-format"),
          Map.entry("kubeconfig", "approver --kubeconfig"),
          Map.entry("master", "approver --kubeconfig"));

  private static final List<String> SWITCHES =
      List.of(
          "leader-election",
          "debug",
          "d",
          "enable-leader-election",
          "logtostderr",
          "alsologtostderr",
          "skip_headers",
          "skip_log_headers",
          "add_dir_header");

  private PeerFlags() {}

  private static Map<String, Boolean> deciding(Peer peer) {
    return peer == Peer.KUBELET_CSR_APPROVER ? CSR_APPROVER : Map.of();
  }

  private static Map<String, String> others(Peer peer) {
    return switch (peer) {
      case KUBELET_CSR_APPROVER -> CSR_APPROVER_OTHERS;
      case KUBELET_SERVING_CERT_APPROVER -> SERVING_CERT_APPROVER_OTHERS;
      case KUBELET_RUBBER_STAMP -> RUBBER_STAMP_OTHERS;
    };
  }

  /** Reads a command line, with or without the name of the program. */
  static ParseResult<PeerSettings> ofArguments(Peer peer, List<String> arguments) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> notes = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (!argument.startsWith("-")) {
        if ((i == 0 && argument.contains(peer.text())) || argument.equals("serve")) {
          continue;
        }
        return refused(argument, "flags of " + peer.text(), Optional.empty());
      }
      String bare = argument.replaceFirst("^--?", "");
      int equals = bare.indexOf('=');
      String name = equals < 0 ? bare : bare.substring(0, equals);
      Boolean isSwitch = deciding(peer).get(name);
      String note = others(peer).get(name);
      if (isSwitch == null && note == null) {
        return refused(
            argument,
            "flags of " + peer.text(),
            Suggestion.nearest(name, deciding(peer).keySet()).map(near -> "--" + near));
      }
      boolean takesValue = equals < 0 && !(isSwitch != null ? isSwitch : SWITCHES.contains(name));
      if (takesValue && ++i == arguments.size()) {
        return ParseResult.refused("--" + name, "no value", "one");
      }
      String value =
          equals >= 0 ? bare.substring(equals + 1) : takesValue ? arguments.get(i) : "true";
      if (note == null) {
        values.put(name, value);
      } else {
        notes.put("--" + name, note);
      }
    }
    return ParseResult.parsed(new PeerSettings(peer, values, notes));
  }

  /** Reads environment variables; those of other programs are passed over. */
  static PeerSettings ofEnvironment(Peer peer, Map<String, String> environment) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> notes = new LinkedHashMap<>();
    environment.forEach(
        (variable, value) -> {
          String flag = flagOf(variable);
          if (deciding(peer).containsKey(flag)) {
            values.put(flag, value);
          } else if (others(peer).containsKey(flag)) {
            notes.put(variable, others(peer).get(flag));
          }
        });
    return new PeerSettings(peer, values, notes);
  }

  /** Whether a variable of the environment decides. */
  static boolean decides(Peer peer, String variable) {
    return deciding(peer).containsKey(flagOf(variable));
  }

  private static String flagOf(String variable) {
    return variable.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static ParseResult<PeerSettings> refused(
      String got, String want, Optional<String> suggestion) {
    return ParseResult.refused(
        new ParseError(
            "flags",
            OptionalInt.empty(),
            SafeText.quote(got),
            want,
            suggestion.map(near -> "did you mean " + near + "?")));
  }
}
