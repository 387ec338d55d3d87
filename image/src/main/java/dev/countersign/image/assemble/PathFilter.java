package dev.countersign.image.assemble;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which of the packages' paths are left out: those that a pattern of {@code exclude} matches and no
 * pattern of {@code keep} does. In a pattern, {@code *} stands for any text, slashes too, as in
 * dpkg's path-exclude.
 */
final class PathFilter {
  private final List<Pattern> exclude;
  private final List<Pattern> keep;

  PathFilter(List<String> exclude, List<String> keep) {
    this.exclude = exclude.stream().map(PathFilter::pattern).toList();
    this.keep = keep.stream().map(PathFilter::pattern).toList();
  }

  /** Whether the name, as it is in an archive, goes into the image. */
  boolean keeps(String name) {
    String path = "/" + name.replaceFirst("^(\\./|/)+", "").replaceFirst("/+$", "");
    return exclude.stream().noneMatch(each -> each.matcher(path).matches())
        || keep.stream().anyMatch(each -> each.matcher(path).matches());
  }

  private static Pattern pattern(String glob) {
    var regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
