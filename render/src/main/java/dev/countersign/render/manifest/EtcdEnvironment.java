package dev.countersign.render.manifest;

import dev.countersign.common.name.IpFamily;
import dev.countersign.render.network.Host;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodesSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The environment of each etcd server, as etcd-member.service hands it to the container. */
public final class EtcdEnvironment {
  private EtcdEnvironment() {}

  /**
   * The names of the members, in the order of {@code etcdServers}: the controllers', or etcd0 ….
   */
  public static List<String> members(ClusterSpec spec) {
    List<NodesSpec.NodeSpec> controllers =
        spec.nodes().map(NodesSpec::controllers).orElse(List.of());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < spec.etcdServers().size(); i++) {
      names.add(controllers.isEmpty() ? "etcd" + i : controllers.get(i).name());
    }
    return names;
  }

  /** The content of {@code /etc/etcd/etcd.env} for one member. */
  public static String render(ClusterSpec spec, int index) {
    List<String> members = members(spec);
    Host own = spec.etcdServers().get(index);
    List<String> initial = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      initial.add(members.get(i) + "=https://" + spec.etcdServers().get(i).inUrl() + ":2380");
    }
    boolean v4 = spec.serviceCidrs().stream().allMatch(range -> range.family() == IpFamily.IPV4);
    String any = v4 ? "0.0.0.0" : "[::]";
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("ETCD_NAME", members.get(index));
    environment.put("ETCD_DATA_DIR", "/var/lib/etcd");
    environment.put("ETCD_ADVERTISE_CLIENT_URLS", "https://" + own.inUrl() + ":2379");
    environment.put("ETCD_INITIAL_ADVERTISE_PEER_URLS", "https://" + own.inUrl() + ":2380");
    environment.put("ETCD_LISTEN_CLIENT_URLS", "https://" + any + ":2379");
    environment.put("ETCD_LISTEN_PEER_URLS", "https://" + any + ":2380");
    environment.put("ETCD_LISTEN_METRICS_URLS", "http://" + any + ":2381");
    environment.put("ETCD_INITIAL_CLUSTER", String.join(",", initial));
    environment.put("ETCD_STRICT_RECONFIG_CHECK", "true");
    environment.put("ETCD_TRUSTED_CA_FILE", "/etc/ssl/certs/etcd/server-ca.crt");
    environment.put("ETCD_CERT_FILE", "/etc/ssl/certs/etcd/server.crt");
    environment.put("ETCD_KEY_FILE", "/etc/ssl/certs/etcd/server.key");
    environment.put("ETCD_CLIENT_CERT_AUTH", "true");
    environment.put("ETCD_PEER_TRUSTED_CA_FILE", "/etc/ssl/certs/etcd/peer-ca.crt");
    environment.put("ETCD_PEER_CERT_FILE", "/etc/ssl/certs/etcd/peer.crt");
    environment.put("ETCD_PEER_KEY_FILE", "/etc/ssl/certs/etcd/peer.key");
    environment.put("ETCD_PEER_CLIENT_CERT_AUTH", "true");
    return environment.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }
}
