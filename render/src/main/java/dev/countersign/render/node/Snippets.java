package dev.countersign.render.node;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.os.Butane;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.NodesSpec;
import dev.countersign.render.spec.NodesSpec.NodeSpec;
import dev.countersign.render.spec.NodesSpec.SnippetFile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the operator adds to the machines' configuration: Butane or Ignition, read and compared with
 * what countersign writes. Immutable; shown without its content.
 */
public final class Snippets {
  private final Map<String, NodeConfig> parts;

  private Snippets(Map<String, NodeConfig> parts) {
    this.parts = Map.copyOf(parts);
  }

  /** No snippets. */
  public static Snippets none() {
    return new Snippets(Map.of());
  }

  /** Returns the files that a spec names, each once, as it names them. */
  public static Set<String> files(ClusterSpec spec) {
    return spec.nodes().stream()
        .flatMap(NodesSpec::machines)
        .flatMap(machine -> machine.snippets().stream())
        .map(SnippetFile::file)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * Reads snippets. Refused are what is not carried over into a machine, and what would replace
   * something that countersign writes.
   *
   * @param texts of all {@link #files}
   */
  public static ParseResult<Snippets> parse(ClusterSpec spec, Map<String, String> texts) {
    Set<String> files = files(spec);
    if (!texts.keySet().containsAll(files)) {
      throw new IllegalArgumentException("texts: must be those of " + files);
    }
    if (files.isEmpty()) {
      return ParseResult.parsed(none());
    }
    NodesSpec nodes = spec.nodes().orElseThrow();
    Butane butane = NodeOs.of(nodes.os()).butane().orElseThrow();
    Map<String, NodeConfig> parts = new TreeMap<>();
    Set<ParseError> problems = new LinkedHashSet<>();
    for (String file : files) {
      switch (SnippetParser.parse(texts.getOrDefault(file, ""), butane)) {
        case ParseResult.Parsed<NodeConfig>(NodeConfig part) -> parts.put(file, part);
        case ParseResult.Refused<NodeConfig>(List<ParseError> errors) ->
            errors.forEach(error -> problems.add(error.at(file + ": " + error.path())));
      }
    }
    for (NodeRole role : NodeRole.values()) {
      conflicts(spec, nodes, role, parts, problems);
    }
    return problems.isEmpty()
        ? ParseResult.parsed(new Snippets(parts))
        : new ParseResult.Refused<>(List.copyOf(problems));
  }

  private static void conflicts(
      ClusterSpec spec,
      NodesSpec nodes,
      NodeRole role,
      Map<String, NodeConfig> parts,
      Set<ParseError> problems) {
    List<NodeSpec> machines = nodes.machines(role);
    for (int i = 0; i < machines.size(); i++) {
      if (machines.get(i).snippets().isEmpty()) {
        continue;
      }
      // Only that there is a kubeconfig matters here, not what it holds.
      Optional<SecretText> kubeconfig = Optional.of(SecretText.of("kind: Config\n"));
      NodeConfig machine = new NodeConfigBuilder(spec, nodes, role, i, kubeconfig).build();
      for (SnippetFile snippet : machines.get(i).snippets()) {
        NodeConfig part = parts.get(snippet.file());
        if (part != null) {
          problems.addAll(SnippetConflicts.between(snippet.file(), part, machine));
        }
      }
    }
  }

  /** Merges a machine's snippets into its configuration, in their order. */
  NodeConfig mergedInto(NodeConfig config, NodeSpec machine) {
    NodeConfig merged = config;
    for (SnippetFile snippet : machine.snippets()) {
      NodeConfig part = parts.get(snippet.file());
      if (part == null) {
        throw new IllegalArgumentException(snippet.field() + ": must have been read");
      }
      merged = NodeConfigMerge.merge(merged, part);
    }
    return merged;
  }

  @Override
  public String toString() {
    return "Snippets" + parts.keySet();
  }
}
