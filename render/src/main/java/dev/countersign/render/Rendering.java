package dev.countersign.render;

import dev.countersign.common.ParseError;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The outcome of rendering. */
public sealed interface Rendering {

  /**
   * The files.
   *
   * @param tree every file
   * @param notes what the operator should know, such as a certificate that has expired
   */
  record Rendered(AssetTree tree, List<String> notes) implements Rendering {
    public Rendered {
      Objects.requireNonNull(tree, "tree");
      notes = List.copyOf(notes);
    }
  }

  /**
   * Nothing was rendered, as what exists cannot be kept and must not be replaced.
   *
   * @param problems at least one; paths are those of files
   */
  record Refused(List<ParseError> problems) implements Rendering {
    public Refused {
      problems = List.copyOf(problems);
      if (problems.isEmpty()) {
        throw new IllegalArgumentException("problems: must not be empty");
      }
    }
  }

  /**
   * The files.
   *
   * @throws IllegalStateException with one problem a line where nothing was rendered
   */
  default AssetTree orThrow() {
    return switch (this) {
      case Rendered(AssetTree tree, List<String> notes) -> tree;
      case Refused(List<ParseError> problems) ->
          throw new IllegalStateException(
              problems.stream().map(ParseError::message).collect(Collectors.joining("\n")));
    };
  }
}
