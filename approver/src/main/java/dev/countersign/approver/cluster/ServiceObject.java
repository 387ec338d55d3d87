package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A Service's names and addresses.
 *
 * @param clusterAddresses {@code spec.clusterIP} and {@code spec.clusterIPs}
 * @param externalAddresses {@code spec.externalIPs}, {@code spec.loadBalancerIP} and {@code
 *     status.loadBalancer.ingress[].ip}
 * @param externalNames {@code status.loadBalancer.ingress[].hostname}
 * @param headless whether its cluster IP is {@code None}, so that cluster DNS publishes its Pods
 */
record ServiceObject(
    String namespace,
    String name,
    String resourceVersion,
    List<IpAddress> clusterAddresses,
    List<IpAddress> externalAddresses,
    List<DnsName> externalNames,
    boolean headless)
    implements Versioned {
  /** What must change for the protected space to change. */
  record Content(
      List<IpAddress> clusterAddresses,
      List<IpAddress> externalAddresses,
      List<DnsName> externalNames,
      boolean headless) {}

  Content content() {
    return new Content(clusterAddresses, externalAddresses, externalNames, headless);
  }

  String key() {
    return namespace + "/" + name;
  }

  static ServiceObject decode(JsonParser parser) throws IOException {
    Set<String> clusterIps = new LinkedHashSet<>();
    Set<IpAddress> external = new LinkedHashSet<>();
    List<DnsName> names = new ArrayList<>();
    ObjectMeta meta =
        ObjectMeta.of(
            parser,
            section -> {
              switch (section) {
                case "spec" ->
                    JsonReading.object(
                        parser,
                        field -> {
                          switch (field) {
                            case "clusterIP" -> clusterIps.add(JsonReading.string(parser));
                            case "clusterIPs" -> clusterIps.addAll(JsonReading.strings(parser));
                            case "externalIPs" ->
                                JsonReading.strings(parser).forEach(ip -> add(external, ip));
                            case "loadBalancerIP" -> add(external, JsonReading.string(parser));
                            default -> {}
                          }
                        });
                case "status" ->
                    JsonReading.object(
                        parser,
                        field -> {
                          if (field.equals("loadBalancer")) {
                            JsonReading.object(
                                parser,
                                inner -> {
                                  if (inner.equals("ingress")) {
                                    JsonReading.array(
                                        parser, () -> ingress(parser, external, names));
                                  }
                                });
                          }
                        });
                default -> {}
              }
            });
    Set<IpAddress> cluster = new LinkedHashSet<>();
    clusterIps.forEach(ip -> add(cluster, ip));
    return new ServiceObject(
        meta.namespace(),
        meta.name(),
        meta.resourceVersion(),
        List.copyOf(cluster),
        List.copyOf(external),
        List.copyOf(names),
        clusterIps.contains("None"));
  }

  private static void ingress(JsonParser parser, Set<IpAddress> external, List<DnsName> names)
      throws IOException {
    JsonReading.object(
        parser,
        field -> {
          switch (field) {
            case "ip" -> add(external, JsonReading.string(parser));
            case "hostname" -> {
              String host = JsonReading.string(parser);
              if (!host.isEmpty()) {
                names.add(DnsName.of(host));
              }
            }
            default -> {}
          }
        });
  }

  /** "None" and "" are no addresses and left out. */
  private static void add(Set<IpAddress> all, String text) {
    IpAddress.parse(text).ifPresent(all::add);
  }
}
