package dev.countersign.render;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The place of a file in the rendered tree.
 *
 * @param value relative, with slashes, no step of it hidden or leading upwards
 */
public record AssetPath(String value) implements Comparable<AssetPath> {
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*");

  public AssetPath {
    Objects.requireNonNull(value, "value");
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "value: must be a relative path without hidden or upward steps");
    }
  }

  /** Takes a path apart from its form. */
  public static AssetPath of(String value) {
    return new AssetPath(value);
  }

  @Override
  public int compareTo(AssetPath other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
