package dev.countersign.image.plan;

import dev.countersign.image.ImageException;
import java.util.Optional;
import java.util.regex.Pattern;

/** The name of a Debian package (Debian Policy 5.6.1). */
public record PackageName(String word) implements Comparable<PackageName> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9+.-]{1,199}");

  public PackageName {
    if (!FORM.matcher(word).matches()) {
      throw new ImageException("package", word, "a Debian package name: [a-z0-9][a-z0-9+.-]+");
    }
  }

  /** The name, or nothing where the text is not one. */
  public static Optional<PackageName> parse(String word) {
    return FORM.matcher(word).matches() ? Optional.of(new PackageName(word)) : Optional.empty();
  }

  @Override
  public int compareTo(PackageName other) {
    return word.compareTo(other.word);
  }

  @Override
  public String toString() {
    return word;
  }
}
