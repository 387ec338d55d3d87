package dev.countersign.testbed.cluster;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.AssetTree;
import dev.countersign.render.ExistingSecrets;
import dev.countersign.render.Renderer;
import dev.countersign.render.Rendering;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The files of a small cluster, rendered by the project's own renderer: no add-ons, everything else
 * by default.
 */
public final class RenderedFiles implements ClusterFiles {
  private final String moreOfSpec;
  private final SecureRandom random;
  private final InstantSource clock;

  /**
   * Renders with more lines in the spec.
   *
   * @param moreOfSpec YAML of top-level fields of {@link ClusterSpec}, other than its name, its
   *     version, its servers and its components
   */
  public RenderedFiles(String moreOfSpec, SecureRandom random, InstantSource clock) {
    this.moreOfSpec = moreOfSpec;
    this.random = random;
    this.clock = clock;
  }

  /** The defaults. */
  public static RenderedFiles small() {
    return new RenderedFiles("", new SecureRandom(), InstantSource.system());
  }

  /** The spec of the cluster that stands at a placement. */
  public String spec(LoopbackAllocator placement, int apiServerPort, KubernetesVersion version) {
    return """
    apiVersion: countersign.dev/v1alpha1
    kind: ClusterSpec
    clusterName: disposable
    kubernetesVersion: %3$s
    apiServers: [%1$s]
    externalApiserverPort: %2$d
    etcdServers: [%1$s]
    networking: none
    components:
      enable: false
    """
            .formatted(placement.loopback(), apiServerPort, version)
        + moreOfSpec;
  }

  @Override
  public void write(
      Layout layout, LoopbackAllocator placement, int apiServerPort, KubernetesVersion version)
      throws IOException, ControlPlaneFailure {
    ClusterSpec spec =
        switch (ClusterSpec.parse(spec(placement, apiServerPort, version))) {
          case ParseResult.Parsed<ClusterSpec>(ClusterSpec valid) -> valid;
          case ParseResult.Refused<ClusterSpec>(List<ParseError> problems) ->
              throw refused(problems);
        };
    write(spec, layout, random, clock);
  }

  /**
   * Writes the tree of anyone's spec into a directory, as {@code countersign render} does.
   *
   * @param yaml the spec, as it is in its file
   * @throws ControlPlaneFailure where the spec is refused, with every problem
   */
  public static void render(String yaml, Path directory, SecureRandom random, InstantSource clock)
      throws IOException, ControlPlaneFailure {
    ClusterSpec spec =
        switch (ClusterSpec.parse(yaml)) {
          case ParseResult.Parsed<ClusterSpec>(ClusterSpec valid) -> valid;
          case ParseResult.Refused<ClusterSpec>(List<ParseError> problems) ->
              throw refused(problems);
        };
    write(spec, directory, random, clock);
  }

  static void write(ClusterSpec spec, Layout layout, SecureRandom random, InstantSource clock)
      throws IOException, ControlPlaneFailure {
    write(spec, layout.assets(), random, clock);
  }

  private static void write(
      ClusterSpec spec, Path directory, SecureRandom random, InstantSource clock)
      throws IOException, ControlPlaneFailure {
    AssetTree tree =
        switch (Renderer.render(spec, ExistingSecrets.none(), random, clock.instant())) {
          case Rendering.Rendered(AssetTree rendered, List<String> notes) -> rendered;
          case Rendering.Refused(List<ParseError> problems) -> throw refused(problems);
        };
    tree.batch(directory, tree.assets().keySet()).write();
  }

  static ControlPlaneFailure refused(List<ParseError> problems) {
    return new ControlPlaneFailure(
        "the cluster's spec was refused: "
            + problems.stream().map(ParseError::message).collect(Collectors.joining("; ")));
  }
}
