package dev.countersign.testbed.cluster;

import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The rendered flags, moved to this machine's directories and this placement's address. */
public final class Commands {
  private static final String ETCD_CLIENT_URL = "ETCD_ADVERTISE_CLIENT_URLS";

  private final Layout layout;
  private final LoopbackAllocator placement;
  private final int apiServerPort;

  /** Moves to these. */
  public Commands(Layout layout, LoopbackAllocator placement, int apiServerPort) {
    this.layout = layout;
    this.placement = placement;
    this.apiServerPort = apiServerPort;
  }

  /** The flags of a component other than etcd. */
  public List<String> flags(Component component, List<String> extra) throws ControlPlaneFailure {
    List<String> flags = new ArrayList<>();
    for (String flag : rendered(component)) {
      flags.add(move(flag));
    }
    for (String flag : moved(component)) {
      replace(flags, flag);
    }
    for (String flag : extra) {
      replace(flags, flag);
    }
    return flags;
  }

  /**
   * The environment of each etcd server, by the name of its process; the first is {@code etcd}.
   *
   * <p>They stand side by side on addresses of their own, those that they are rendered to be
   * reached by.
   */
  public SequencedMap<String, Map<String, String>> etcdServers(boolean durable)
      throws ControlPlaneFailure {
    List<Path> files = layout.etcdEnvironments();
    SequencedMap<String, Map<String, String>> servers = new LinkedHashMap<>();
    List<Map<String, String>> sorted = new ArrayList<>();
    for (Path file : files) {
      sorted.add(etcdEnvironment(file, files.size() > 1, durable));
    }
    sorted.sort(Comparator.comparing(each -> each.getOrDefault(ETCD_CLIENT_URL, "")));
    for (Map<String, String> environment : sorted) {
      String first = Component.ETCD.processName();
      servers.put(
          servers.isEmpty() ? first : first + "-" + environment.get("ETCD_NAME"), environment);
    }
    return servers;
  }

  private Map<String, String> etcdEnvironment(Path file, boolean oneOfSeveral, boolean durable)
      throws ControlPlaneFailure {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String line : read(file).lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.startsWith("#")) {
        environment.put(line.substring(0, equals), move(line.substring(equals + 1)));
      }
    }
    String own = environment.getOrDefault(ETCD_CLIENT_URL, "").replaceAll("^https://|:[0-9]+$", "");
    if (own.isEmpty()) {
      throw new ControlPlaneFailure(
          file + ": got no " + ETCD_CLIENT_URL + "; want the address of an etcd server");
    }
    // Rendered for a machine of its own, where it listens on every address.
    environment.replaceAll(
        (name, value) ->
            name.startsWith("ETCD_LISTEN_")
                ? value.replace("0.0.0.0", own).replace("[::]", own)
                : value);
    if (oneOfSeveral) {
      environment.compute(
          "ETCD_DATA_DIR", (name, value) -> value + "/" + environment.get("ETCD_NAME"));
    }
    if (!durable) {
      environment.put("ETCD_UNSAFE_NO_FSYNC", "true");
    }
    return environment;
  }

  /**
   * What differs because several control planes share this machine, and because they are tests'.
   */
  private List<String> moved(Component component) {
    return switch (component) {
      case ETCD -> List.of();
      case API_SERVER ->
          List.of(
              "--advertise-address=" + placement.advertised(),
              "--bind-address=" + placement.loopback(),
              "--secure-port=" + apiServerPort);
      // The signer is a client of the API server; its default of 20 requests a second would be the
      // measure of every test.
      case CONTROLLER_MANAGER ->
          List.of(
              "--bind-address=" + placement.loopback(),
              "--kube-api-qps=2000",
              "--kube-api-burst=4000");
      case SCHEDULER -> List.of("--bind-address=" + placement.loopback());
    };
  }

  private static void replace(List<String> flags, String flag) {
    String name = flag.contains("=") ? flag.substring(0, flag.indexOf('=') + 1) : flag;
    flags.removeIf(existing -> existing.startsWith(name));
    flags.add(flag);
  }

  private List<String> rendered(Component component) throws ControlPlaneFailure {
    Path file = layout.staticManifest(component);
    try {
      Object root = new Yaml(new SafeConstructor(new LoaderOptions())).load(read(file));
      if (root instanceof Map<?, ?> pod
          && pod.get("spec") instanceof Map<?, ?> spec
          && spec.get("containers") instanceof List<?> containers
          && containers.getFirst() instanceof Map<?, ?> container
          && container.get("command") instanceof List<?> command
          && command.size() > 1) {
        return command.subList(1, command.size()).stream().map(String::valueOf).toList();
      }
    } catch (YAMLException e) {
      throw new ControlPlaneFailure(file + ": got something else; want a static pod in YAML", e);
    }
    throw new ControlPlaneFailure(
        file + ": got no spec.containers[0].command; want a program and its flags");
  }

  private String move(String text) {
    String result = text.replace("$(POD_IP)", placement.advertised());
    for (Map.Entry<String, Path> mapping : layout.hostPaths().entrySet()) {
      result = result.replace(mapping.getKey(), mapping.getValue().toString());
    }
    return result;
  }

  private static String read(Path file) throws ControlPlaneFailure {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: got %s; want a rendered file".formatted(file, e.getClass().getSimpleName()), e);
    }
  }
}
