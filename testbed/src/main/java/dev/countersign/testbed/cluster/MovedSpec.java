package dev.countersign.testbed.cluster;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * The files of anyone's spec, with its servers moved to this machine: the API server and every etcd
 * server get a loopback address, and the version is that of the programs that run; all else is
 * rendered as the spec has it.
 */
public final class MovedSpec implements ClusterFiles {
  private final Map<String, Object> fields;

  private MovedSpec(Map<String, Object> fields) {
    this.fields = fields;
  }

  /** Moves a spec, which must be valid as it is. */
  public static MovedSpec of(String yaml) throws ControlPlaneFailure {
    if (ClusterSpec.parse(yaml)
        instanceof ParseResult.Refused<ClusterSpec>(List<ParseError> problems)) {
      throw RenderedFiles.refused(problems);
    }
    try {
      if (new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml) instanceof Map<?, ?> map) {
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((key, value) -> fields.put(String.valueOf(key), value));
        return new MovedSpec(fields);
      }
    } catch (YAMLException e) {
      throw new ControlPlaneFailure("the cluster's spec: got something else; want YAML", e);
    }
    throw new ControlPlaneFailure("the cluster's spec: got no mapping; want kind: ClusterSpec");
  }

  /** The spec, moved to a placement. The API server keeps its own names beside its new address. */
  public ClusterSpec at(LoopbackAllocator placement, int apiServerPort, KubernetesVersion version)
      throws ControlPlaneFailure {
    Map<String, Object> moved = new LinkedHashMap<>(fields);
    List<Object> apiServers = new ArrayList<>(List.of(placement.loopback()));
    if (fields.get("apiServers") instanceof List<?> own) {
      apiServers.addAll(own);
    }
    moved.put("apiServers", apiServers);
    moved.put("externalApiserverPort", apiServerPort);
    moved.put("kubernetesVersion", version.toString());
    List<String> etcdServers = new ArrayList<>();
    if (fields.get("etcdServers") instanceof List<?> own) {
      for (int i = 0; i < own.size(); i++) {
        etcdServers.add(placement.loopback(i + 1));
      }
    }
    moved.put("etcdServers", etcdServers);
    return switch (ClusterSpec.parse(new Yaml().dump(moved))) {
      case ParseResult.Parsed<ClusterSpec>(ClusterSpec valid) -> valid;
      case ParseResult.Refused<ClusterSpec>(List<ParseError> problems) ->
          throw RenderedFiles.refused(problems);
    };
  }

  @Override
  public void write(
      Layout layout, LoopbackAllocator placement, int apiServerPort, KubernetesVersion version)
      throws IOException, ControlPlaneFailure {
    RenderedFiles.write(
        at(placement, apiServerPort, version), layout, new SecureRandom(), InstantSource.system());
  }
}
