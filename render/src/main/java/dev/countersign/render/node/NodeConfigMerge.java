package dev.countersign.render.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Merges configurations by Ignition's rules (coreos.github.io/ignition/operator-notes, "Config
 * Merging"): what has the same name or path becomes one, in which the child's fields take
 * precedence; of files, directories and links at one path the child's kind stays.
 */
final class NodeConfigMerge {
  private NodeConfigMerge() {}

  /** Merges a child into a parent. */
  static NodeConfig merge(NodeConfig parent, NodeConfig child) {
    Set<String> files = paths(child.files(), NodeFile::path);
    Set<String> directories = paths(child.directories(), NodeDirectory::path);
    Set<String> links = paths(child.links(), NodeLink::path);
    return new NodeConfig(
        merged(parent.units(), child.units(), Unit::name, Unit::over),
        merged(
            without(parent.directories(), NodeDirectory::path, files, links),
            child.directories(),
            NodeDirectory::path,
            NodeDirectory::over),
        merged(
            without(parent.files(), NodeFile::path, directories, links),
            child.files(),
            NodeFile::path,
            NodeFile::over),
        merged(
            without(parent.links(), NodeLink::path, files, directories),
            child.links(),
            NodeLink::path,
            NodeLink::over),
        merged(parent.users(), child.users(), NodeUser::name, NodeUser::over));
  }

  private static <T> Set<String> paths(List<T> items, Function<T, String> path) {
    return items.stream().map(path).collect(Collectors.toUnmodifiableSet());
  }

  private static <T> List<T> without(
      List<T> items, Function<T, String> path, Set<String> some, Set<String> others) {
    return items.stream()
        .filter(item -> !some.contains(path.apply(item)) && !others.contains(path.apply(item)))
        .toList();
  }

  /**
   * Merges lists: the parent's items in their order, then the child's other ones.
   *
   * @param over puts an item of the child over one of the parent
   */
  static <T> List<T> merged(
      List<T> parent, List<T> child, Function<T, String> key, BinaryOperator<T> over) {
    Map<String, T> items = new LinkedHashMap<>();
    Stream.concat(parent.stream(), child.stream())
        .forEach(
            item -> items.merge(key.apply(item), item, (below, above) -> over.apply(above, below)));
    return new ArrayList<>(items.values());
  }
}
