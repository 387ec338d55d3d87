package dev.countersign.cli.demo.machine;

import dev.countersign.cli.image.ImageSources;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.image.assemble.ImageBuilder;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.debian.DebFile;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.Source;
import dev.countersign.image.lock.LockfileGenerator;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What a machine runs that this host has not: the project's own images, built by its own image
 * commands from signed Debian packages, and containerd. Made once and kept in the user's cache, by
 * the digest of what they are made of.
 */
public final class LocalImages {
  /** The first containerd that the newest kubelets work with; older ones have no RuntimeConfig. */
  private static final int OLDEST_CONTAINERD = 2;

  /** The packages that the project has locked, by the image's name. */
  private static final Map<String, String> LOCKS =
      Map.of("kubelet", "kubelet.lock.json", "approver", "approver.lock.json");

  private static final String TOOLS =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tools
      version: 1.0.0
      tags: semver
      description: A shell and a process that sleeps, for sandboxes and try-outs
      architectures: [amd64]
      debian:
        suites:
          - {archive: debian, suite: trixie}
        essential: false
        packages: [busybox-static]
        exclude: ["/usr/share/*"]
      links:
        - {path: /bin, to: usr/bin}
        - {path: /usr/bin/sh, to: busybox}
        - {path: /usr/bin/sleep, to: busybox}
      config:
        entrypoint: [/usr/bin/sleep, infinity]
      """;

  private static final String CONTAINERD =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: containerd
      version: 1.0.0
      tags: semver
      architectures: [amd64]
      debian:
        suites:
          - {archive: debian, suite: unstable}
        essential: false
        packages: [containerd]
      config: {}
      """;

  /**
   * Whether an archive's release may be past its Valid-Until. Unstable's are after a week, and
   * mirrors lag; it is signed all the same, and only the demo runs what is taken from it.
   */
  private enum Freshness {
    VALID,
    ANY
  }

  private final Console console;
  private final Path home;
  private final Path cache;
  private final KubernetesBinaries binaries;
  private final Architecture architecture;
  private final Map<Path, Digest> hashes = new HashMap<>();

  /**
   * The images for this host's architecture.
   *
   * @param home of the checkout, with the image specs
   * @param cache directory for what was made
   */
  public LocalImages(
      Console console,
      Path home,
      Path cache,
      KubernetesBinaries binaries,
      Architecture architecture) {
    this.console = console;
    this.home = home;
    this.cache = cache;
    this.binaries = binaries;
    this.architecture = architecture;
  }

  /** An OCI layout in a tarball, with the kubelet image of {@code examples/kubelet-image.yaml}. */
  public Path kubelet() throws CliException, IOException {
    Path spec = home.resolve("examples/kubelet-image.yaml");
    Map<String, Object> tree = tree(Files.readString(spec));
    tree.remove("upstream");
    tree.put("version", binaries.version());
    Path kubelet = binaries.file(Program.KUBELET).toRealPath();
    Path kubectl = binaries.file(Program.KUBECTL).toRealPath();
    List<Object> files = new ArrayList<>(list(tree.get("files")));
    files.add(input(kubelet, "/usr/local/bin/kubelet"));
    List<Object> links = new ArrayList<>(list(tree.get("links")));
    if (kubelet.equals(kubectl)) {
      links.add(new TreeMap<>(Map.of("path", "/usr/local/bin/kubectl", "to", "kubelet")));
    } else {
      files.add(input(kubectl, "/usr/local/bin/kubectl"));
    }
    tree.put("files", files);
    tree.put("links", links);
    return image(tree, Optional.ofNullable(kubelet.getParent()), List.of(kubelet, kubectl));
  }

  /** The approver's image of {@code examples/approver-image.yaml}, with this build's jars. */
  public Path approver() throws CliException, IOException, InterruptedException {
    Path app = home.resolve("approver/target/app");
    List<Path> jars = new ArrayList<>();
    try (Stream<Path> list = Files.list(app)) {
      list.filter(path -> path.toString().endsWith(".jar")).sorted().forEach(jars::add);
    }
    Map<String, Object> tree = tree(Files.readString(home.resolve("examples/approver-image.yaml")));
    Path file = file(tree, jars);
    if (Files.isRegularFile(file)) {
      return file;
    }
    Path inputs = cache.resolve("approver-inputs");
    try (var progress =
        new ImageSources(console)
            .progress("Cutting a Java runtime and making its class data archive")) {
      Process process =
          new ProcessBuilder(
                  home.resolve("images/approver-inputs").toString(),
                  inputs.toString(),
                  "--arch",
                  architecture.word())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw CliException.environment(
            "images/approver-inputs: it ended with status "
                + process.exitValue()
                + ": "
                + said.substring(Math.max(0, said.length() - 300)));
      }
      progress.done("");
    }
    return image(tree, Optional.of(inputs), jars);
  }

  /**
   * An OCI layout in a tarball with the image of {@code examples/control-plane-image.yaml} for one
   * of the control plane's programs. {@code ctr images import --local --base-name=REPOSITORY} gives
   * it the name {@code REPOSITORY:version}.
   */
  public Path controlPlane(Program program, String version) throws CliException, IOException {
    Map<String, Object> tree =
        tree(Files.readString(home.resolve("examples/control-plane-image.yaml")));
    tree.put("name", program.fileName());
    tree.put("version", version);
    Path inputs = cache.resolve("control-plane-inputs");
    Path directory = Files.createDirectories(inputs.resolve(architecture.word()));
    Set<Path> contents = new TreeSet<>();
    for (Program each : EnumSet.range(Program.ETCD, Program.KUBE_SCHEDULER)) {
      Path file = binaries.file(each).toRealPath();
      contents.add(file);
      Path link = directory.resolve(each.fileName());
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, file);
    }
    return image(tree, Optional.of(inputs), List.copyOf(contents));
  }

  /** A shell, and a process that only waits: what sandboxes and the demo's own pod need. */
  public Path tools() throws CliException, IOException {
    return image(tree(TOOLS), Optional.empty(), List.of());
  }

  /** A directory with containerd, its shim and ctr: this host's, else from Debian's unstable. */
  public Path containerd() throws CliException, IOException, InterruptedException {
    for (String directory : List.of("/usr/bin", "/usr/local/bin")) {
      Path program = Path.of(directory, "containerd");
      if (Files.isExecutable(program) && major(program) >= OLDEST_CONTAINERD) {
        return Path.of(directory);
      }
    }
    Path directory = cache.resolve("containerd");
    if (Files.isExecutable(directory.resolve("containerd"))) {
      return directory;
    }
    ImageSources sources = new ImageSources(console);
    ImageLock.LockedPackage locked =
        lock(sources, tree(CONTAINERD), Optional.empty(), Freshness.ANY)
            .platforms()
            .values()
            .stream()
            .flatMap(platform -> platform.packages().stream())
            .filter(each -> each.name().toString().equals("containerd"))
            .findFirst()
            .orElseThrow(() -> new IOException("unstable: got no package containerd"));
    Fetcher fetcher = sources.fetcher();
    Path deb =
        sources
            .cache(fetcher)
            .get(
                new Source(
                    "containerd",
                    locked.sha256(),
                    OptionalLong.of(locked.size()),
                    sources.locations().inArchive(locked.archive(), locked.path())),
                dev.countersign.image.fetch.Progress.silent());
    Path partial = Files.createDirectories(cache.resolve("containerd.partial"));
    DebFile.read(
        deb,
        (entry, content) -> {
          String path = entry.getName().replaceFirst("^\\./", "");
          if (entry.isFile() && path.startsWith("usr/bin/")) {
            Path file = partial.resolve(path.substring("usr/bin/".length()));
            Files.copy(content, file, StandardCopyOption.REPLACE_EXISTING);
            if (!file.toFile().setExecutable(true)) {
              throw new IOException(file + ": it can't be made executable");
            }
          }
        });
    Files.move(partial, directory, StandardCopyOption.ATOMIC_MOVE);
    return directory;
  }

  private static int major(Path containerd) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(containerd.toString(), "--version").redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    var matcher = java.util.regex.Pattern.compile("\\bv?(\\d+)\\.\\d+\\.\\d+").matcher(text);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private Path image(Map<String, Object> tree, Optional<Path> inputs, List<Path> contents)
      throws CliException, IOException {
    Path file = file(tree, contents);
    if (Files.isRegularFile(file)) {
      return file;
    }
    Files.createDirectories(cache);
    ImageSources sources = new ImageSources(console);
    ImageLock lock = lock(sources, tree, inputs, Freshness.VALID);
    try (var progress = sources.progress("Building the image " + lock.spec().name())) {
      var builder =
          new ImageBuilder(sources.cache(sources.fetcher()), sources.locations(), inputs, progress);
      ImageOutput.write(file, layout -> builder.build(lock, Set.of(architecture), layout));
      progress.done("");
    }
    return file;
  }

  /** Where an image is kept, by the digest of what it is made of. */
  private Path file(Map<String, Object> tree, List<Path> contents) throws IOException {
    tree.put("architectures", List.of(architecture.word()));
    StringBuilder made = new StringBuilder(new Yaml().dump(tree));
    for (Path each : contents) {
      made.append(hash(each)).append('\n');
    }
    String key =
        Digest.ofSha256(made.toString().getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12);
    return cache.resolve(tree.get("name") + "-" + key + ".tar");
  }

  /** Of a file that does not change while this runs. */
  private Digest hash(Path file) throws IOException {
    Digest known = hashes.get(file);
    if (known == null) {
      known = ContentCache.hash(file, Digest.Algorithm.SHA256);
      hashes.put(file, known);
    }
    return known;
  }

  private ImageLock lock(
      ImageSources sources, Map<String, Object> tree, Optional<Path> inputs, Freshness freshness)
      throws CliException, IOException {
    tree.put("architectures", List.of(architecture.word()));
    ImageSpec.Document parsed =
        switch (ImageSpec.parseYaml(new Yaml().dump(tree))) {
          case ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document spec) -> spec;
          case ParseResult.Refused<ImageSpec.Document> refused ->
              throw new IllegalStateException(refused.message());
        };
    Path lockFile = home.resolve("images/" + LOCKS.get(String.valueOf(tree.get("name"))));
    Optional<ImageLock> committed =
        Files.isRegularFile(lockFile)
            ? Optional.of(ImageLock.parse(lockFile.toString(), Files.readString(lockFile)))
            : Optional.empty();
    Fetcher fetcher = sources.fetcher();
    try (var progress =
        sources.progress("Choosing packages for the image " + parsed.spec().name())) {
      ImageLock lock =
          new LockfileGenerator(
                  fetcher,
                  sources.cache(fetcher),
                  sources.locations(),
                  sources.keyring(),
                  InstantSource.system())
              .lock(
                  parsed,
                  new LockfileGenerator.Options(
                      inputs,
                      Optional.empty(),
                      Optional.empty(),
                      freshness == Freshness.ANY,
                      false,
                      committed),
                  progress);
      progress.done("");
      return lock;
    }
  }

  private static Map<String, Object> tree(String yaml) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> tree.put(String.valueOf(key), value));
    }
    return tree;
  }

  private static List<?> list(@org.jspecify.annotations.Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  /** In one order, as the image's file is found again by the digest of the text. */
  private static Map<String, String> input(Path file, String to) {
    return new TreeMap<>(Map.of("from", name(file), "to", to, "mode", "0755"));
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
