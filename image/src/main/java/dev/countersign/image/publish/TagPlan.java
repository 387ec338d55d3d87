package dev.countersign.image.publish;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The tags an image is published under.
 *
 * @param platformTags a tag for the image of one architecture
 * @param indexTags tags for the image index, in the order they are set: exact ones before moving
 *     ones
 */
public record TagPlan(SequencedMap<String, Architecture> platformTags, List<String> indexTags) {
  private static final Pattern SEMVER =
      Pattern.compile("v?(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)([-+].*)?");
  private static final int SHORT_SHA = 7;

  /**
   * What is built, as far as tags tell.
   *
   * @param sha the commit, for {@code build-<short sha>}
   * @param tag the branch or tag, for {@code build-<tag>}
   * @param release whether the version's own tags are set; not on builds of a branch
   * @param more tags of the user's own
   */
  public record Build(
      Optional<String> sha, Optional<String> tag, boolean release, List<String> more) {
    public Build {
      more = List.copyOf(more);
    }

    public Build(Optional<String> sha, Optional<String> tag, boolean release) {
      this(sha, tag, release, List.of());
    }
  }

  public TagPlan {
    platformTags =
        java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(platformTags));
    indexTags = List.copyOf(indexTags);
  }

  /** Every tag that is set. */
  public List<String> all() {
    return Stream.concat(platformTags.keySet().stream(), indexTags.stream()).toList();
  }

  /**
   * Tags by a scheme.
   *
   * @throws ImageException where the version does not fit the scheme or nothing would be tagged
   */
  public static TagPlan of(
      TagScheme scheme, String version, Set<Architecture> architectures, Build build) {
    var platforms = new LinkedHashMap<String, Architecture>();
    var index = new ArrayList<String>();
    build
        .sha()
        .ifPresent(
            sha -> {
              if (!sha.matches("[0-9a-f]{7,64}")) {
                throw new ImageException("build sha", sha, "a commit in hexadecimal digits");
              }
              index.add("build-" + sha.substring(0, SHORT_SHA));
            });
    build.tag().ifPresent(tag -> index.add("build-" + tag.replace('/', '-')));
    build.more().stream().filter(each -> !index.contains(each)).forEach(index::add);
    if (build.release()) {
      switch (scheme) {
        case KUBELET -> {
          for (Architecture each : architectures) {
            platforms.put(version + "-" + each.word(), each);
          }
          index.add(version);
        }
        case SEMVER -> {
          Matcher matcher = SEMVER.matcher(version);
          if (!matcher.matches()) {
            throw new ImageException("version", version, "x.y.z");
          }
          index.add(version.replaceFirst("^v", "").replace('+', '-'));
          if (matcher.group(4) == null) {
            index.add(matcher.group(1) + "." + matcher.group(2));
            index.add("latest");
          }
        }
      }
    }
    index.forEach(Repository::requireTag);
    platforms.keySet().forEach(Repository::requireTag);
    if (index.isEmpty()) {
      throw new ImageException(
          "tags",
          "none",
          "at least one",
          "give --tag, --build-sha or --build-tag with --no-release-tags");
    }
    return new TagPlan(platforms, index);
  }
}
