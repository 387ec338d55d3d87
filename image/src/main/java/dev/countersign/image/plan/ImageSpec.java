package dev.countersign.image.plan;

import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesRelease;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an image is to be made of, as people write it; {@code examples/kubelet-image.yaml} shows it.
 * Immutable. Paths in the image are absolute and normal.
 */
public record ImageSpec(
    String name,
    String version,
    TagScheme tags,
    String description,
    SortedMap<String, String> labels,
    List<Architecture> architectures,
    Optional<Debian> debian,
    List<Upstream> upstream,
    List<Input> files,
    List<Alternative> alternatives,
    List<User> users,
    List<Group> groups,
    List<Directory> directories,
    List<Link> links,
    Config config) {

  /**
   * A version in a spec that follows the Kubernetes release which is locked for: that of
   * Kubernetes, and for an image named etcd that of the etcd which belongs to it.
   */
  public static final String KUBERNETES = "{kubernetes}";

  /** How a published image is named. */
  public enum TagScheme {
    /** {@code vX.Y.Z}, {@code vX.Y.Z-<arch>}, {@code build-<short sha>}, {@code build-<tag>}. */
    KUBELET,
    /** {@code x.y.z}, {@code x.y}, {@code latest}, and the build tags. */
    SEMVER
  }

  /** Packages of Debian archives. */
  public record Debian(
      List<Suite> suites,
      boolean essential,
      List<PackageName> packages,
      List<String> exclude,
      List<String> keep) {
    public Debian {
      suites = List.copyOf(suites);
      packages = List.copyOf(packages);
      exclude = List.copyOf(exclude);
      keep = List.copyOf(keep);
    }
  }

  /** A suite of an archive; the archive's address is given when locking. */
  public record Suite(String archive, String suite, List<String> components) {
    public Suite {
      components = List.copyOf(components);
    }
  }

  /**
   * A tarball somebody else releases; {@code {version}} and {@code {arch}} stand in addresses.
   *
   * @param license an SPDX licence expression
   */
  public record Upstream(
      String name,
      String url,
      Optional<String> checksumUrl,
      SortedMap<Architecture, Digest> pins,
      Optional<String> license,
      List<Extract> extract) {
    public Upstream {
      pins = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(pins));
      extract = List.copyOf(extract);
    }
  }

  /**
   * One file out of a tarball.
   *
   * @param purl the package URL that scanners know it by; {@code {version}} stands in it
   * @param cpe the same for CPE 2.3; {@code {version}} is without its v there
   */
  public record Extract(
      String from, String to, int mode, Optional<String> purl, Optional<String> cpe) {}

  /** A file, or the files of a directory, that whoever locks and builds has at hand. */
  public record Input(String from, String to, int mode, List<Architecture> architectures) {
    public Input {
      architectures = List.copyOf(architectures);
    }
  }

  /** A name with several providers, as update-alternatives(1) keeps it. */
  public record Alternative(String name, String link, List<Choice> choices) {
    public Alternative {
      choices = List.copyOf(choices);
    }
  }

  /** A provider of an alternative; the one of highest priority is taken. Slaves: link to target. */
  public record Choice(String path, int priority, SortedMap<String, String> slaves) {
    public Choice {
      slaves = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(slaves));
    }
  }

  /** A line of /etc/passwd. */
  public record User(String name, int uid, int gid, String home, String shell) {}

  /** A line of /etc/group. */
  public record Group(String name, int gid) {}

  /** A directory, or the owner and mode of a path that a package brought. */
  public record Directory(String path, int mode, int uid, int gid) {}

  /** A symbolic link. */
  public record Link(String path, String to) {}

  /** What an engine runs; in the spec, {@code {name}} in the entrypoint is the image's name. */
  public record Config(
      List<String> entrypoint,
      List<String> command,
      List<String> environment,
      String user,
      String workingDirectory) {
    public Config {
      entrypoint = List.copyOf(entrypoint);
      command = List.copyOf(command);
      environment = List.copyOf(environment);
    }
  }

  public ImageSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    labels = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    architectures = List.copyOf(architectures);
    upstream = List.copyOf(upstream);
    files = List.copyOf(files);
    alternatives = List.copyOf(alternatives);
    users = List.copyOf(users);
    groups = List.copyOf(groups);
    directories = List.copyOf(directories);
    links = List.copyOf(links);
  }

  /**
   * What is read in place of what the spec has, as {@code --version-is v1.2.3} does.
   *
   * @param texts of the top level, by key
   * @param architectures instead of the spec's, unless there are none
   * @param labels beside the spec's
   * @param kubernetes what {@value #KUBERNETES} as the version stands for; the default release
   *     where none is chosen
   */
  public record Changes(
      Map<String, String> texts,
      List<String> architectures,
      Map<String, String> labels,
      Optional<KubernetesRelease> kubernetes) {
    public Changes {
      Objects.requireNonNull(kubernetes, "kubernetes");
      texts = Map.copyOf(texts);
      architectures = List.copyOf(architectures);
      labels = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    public static Changes none() {
      return new Changes(Map.of(), List.of(), Map.of(), Optional.empty());
    }
  }

  /**
   * A good spec as it was written.
   *
   * @param json the same as a JSON tree in canonical text, to be kept in the lock
   */
  public record Document(ImageSpec spec, String json) {}

  /** Reads a spec written in YAML (or JSON, which is YAML). */
  public static ParseResult<Document> parseYaml(String text) {
    return parseYaml(text, Changes.none());
  }

  /** The same, with some of it replaced. */
  public static ParseResult<Document> parseYaml(String text, Changes changes) {
    return ImageSpecFile.parse(text, changes);
  }

  /** The spec's file times, where the environment sets them for all builds on a machine. */
  public static Optional<Instant> sourceDateEpoch(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("SOURCE_DATE_EPOCH"))
        .filter(text -> text.matches("[0-9]{1,11}"))
        .map(Long::parseLong)
        .map(Instant::ofEpochSecond);
  }
}
