package dev.countersign.render.approver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The ways out of the approver's pod, as rules of its NetworkPolicy. */
final class ApproverEgress {
  private static final int DNS_PORT = 53;

  private ApproverEgress() {}

  static List<String> rules(ApproverDeployment deployment) {
    PolicyNeeds needs = deployment.needs();
    PodSettings pod = deployment.pod();
    Set<List<String>> rules = new LinkedHashSet<>();
    rules.add(
        ports(
            pod.allApiServerPorts().stream()
                .flatMap(port -> Stream.<Object>of("TCP", port))
                .toArray()));
    needs.kubeletPort().ifPresent(port -> rules.add(ports("TCP", port)));
    if (needs.dns() || pod.asksDns()) {
      rules.add(ports("UDP", DNS_PORT, "TCP", DNS_PORT));
    }
    for (PolicyNeeds.Destination webhook : needs.webhooks()) {
      rules.add(
          switch (webhook) {
            case PolicyNeeds.Destination.Anywhere(int port) -> ports("TCP", port);
            case PolicyNeeds.Destination.Address(String cidr, int port) -> {
              List<String> rule =
                  new ArrayList<>(List.of("- to:", "  - ipBlock:", "      cidr: \"" + cidr + "\""));
              ports("TCP", port).forEach(line -> rule.add(line.replaceFirst("^- ", "  ")));
              yield rule;
            }
            case PolicyNeeds.Destination.ServiceOf(String namespace) ->
                List.of(
                    "- to:",
                    "  - namespaceSelector:",
                    "      matchLabels:",
                    "        kubernetes.io/metadata.name: " + namespace);
          });
    }
    return rules.stream().flatMap(List::stream).toList();
  }

  private static List<String> ports(Object... protocolsAndPorts) {
    List<String> lines = new ArrayList<>();
    lines.add("- ports:");
    for (int i = 0; i < protocolsAndPorts.length; i += 2) {
      lines.add("  - protocol: " + protocolsAndPorts[i]);
      lines.add("    port: " + protocolsAndPorts[i + 1]);
    }
    return lines;
  }
}
