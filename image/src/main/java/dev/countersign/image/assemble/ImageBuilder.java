package dev.countersign.image.assemble;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageRefusal;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.fetch.Source;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Checksum;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Builds an image from its lock into an OCI layout. The result is a function of the lock: folder,
 * locale, time zone, umask, number of processors and the runtime's zlib do not change a bit of it.
 */
public final class ImageBuilder {
  private static final int DOWNLOADS = 8;
  private static final int DISTRIBUTION_LAYER = 0;
  private static final int UPSTREAM_LAYER = 1;
  private static final int FILES_LAYER = 2;
  private static final String UPSTREAM_OWNER = "upstream:";
  private static final String FILES_OWNER = "input:";

  private final ContentCache cache;
  private final Locations locations;
  private final Optional<Path> inputs;
  private final Progress progress;

  /** What was built for an architecture. */
  public record Built(
      Architecture architecture, Descriptor manifest, Descriptor sbom, int files, int elfFiles) {}

  /** All that was built: the manifest list and what is in it. */
  public record Result(Descriptor index, List<Built> images) {
    public Result {
      images = List.copyOf(images);
    }
  }

  /**
   * A builder.
   *
   * @param inputs the folder that the lock's files are relative to
   */
  public ImageBuilder(
      ContentCache cache, Locations locations, Optional<Path> inputs, Progress progress) {
    this.cache = cache;
    this.locations = locations;
    this.inputs = inputs;
    this.progress = progress;
  }

  /**
   * Builds into an empty layout.
   *
   * @throws ImageRefusal where content is not what the lock says, or the image would not work
   * @throws IOException where content cannot be had or written
   */
  public Result build(ImageLock lock, Set<Architecture> architectures, Layout layout)
      throws IOException {
    for (Architecture each : architectures) {
      if (!lock.platforms().containsKey(each)) {
        throw new ImageRefusal(
            "lock.platforms", lock.platforms().keySet().toString(), each.toString());
      }
    }
    for (Architecture each : architectures) {
      List<String> missing = lock.missing(each);
      if (!missing.isEmpty()) {
        throw new ImageRefusal(
            "lock for " + each,
            "no " + String.join(", no ", missing),
            "a digest for everything the spec names",
            "this lock has packages only; complete it with image lock --packages-from");
      }
    }
    Path work = Files.createTempDirectory(layout.folder(), "work");
    try (ExecutorService workers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        ExecutorService platforms = Executors.newVirtualThreadPerTaskExecutor()) {
      var building = new ArrayList<Future<Built>>();
      for (Architecture each : new TreeSet<>(architectures)) {
        building.add(platforms.submit(() -> buildPlatform(lock, each, layout, work, workers)));
      }
      var images = new ArrayList<Built>();
      try {
        for (Future<Built> each : building) {
          images.add(join(each));
        }
      } catch (IOException | RuntimeException failure) {
        workers.shutdownNow();
        platforms.shutdownNow();
        throw failure;
      }
      return new Result(writeIndex(lock, images, layout), images);
    } finally {
      deleteTree(work);
    }
  }

  private static <T> T join(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } catch (ExecutionException failure) {
      switch (failure.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IOException(failure);
      }
    }
  }

  private Descriptor writeIndex(ImageLock lock, List<Built> images, Layout layout)
      throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    ArrayNode manifests = index.putArray("manifests");
    images.forEach(each -> manifests.add(each.manifest().toJson()));
    annotations(index, lock);
    Descriptor descriptor = layout.writeJson(MediaTypes.INDEX, index);
    var entries = new ArrayList<Descriptor>();
    entries.add(descriptor.withAnnotation(Layout.REF_NAME, lock.spec().version()));
    images.forEach(each -> entries.add(each.sbom()));
    layout.writeIndex(entries);
    return descriptor;
  }

  private static void annotations(ObjectNode manifest, ImageLock lock) {
    ObjectNode node = manifest.putObject("annotations");
    labels(lock).forEach(node::put);
  }

  /** Labels of the image and annotations of its manifests: org.opencontainers.image.*. */
  private static Map<String, String> labels(ImageLock lock) {
    var labels = new TreeMap<>(lock.spec().labels());
    labels.putIfAbsent("org.opencontainers.image.title", lock.spec().name());
    labels.putIfAbsent("org.opencontainers.image.description", lock.spec().description());
    labels.putIfAbsent("org.opencontainers.image.version", lock.spec().version());
    labels.put("org.opencontainers.image.created", lock.epoch().toString());
    labels.put("dev.countersign.lock", lock.checksum().toString());
    labels.put(
        "dev.countersign.tags", lock.spec().tags().name().toLowerCase(java.util.Locale.ROOT));
    labels.put(
        "dev.countersign.architectures",
        String.join(",", lock.platforms().keySet().stream().map(Architecture::word).toList()));
    return labels;
  }

  private Built buildPlatform(
      ImageLock lock, Architecture architecture, Layout layout, Path work, ExecutorService workers)
      throws IOException {
    ImageLock.Platform platform = lock.platforms().get(architecture);
    if (platform == null) {
      throw new ImageRefusal("lock.platforms", "none", architecture.toString());
    }
    Map<ImageLock.LockedPackage, Path> packageFiles = new TreeMap<>(BY_NAME);
    List<Path> tarballs = new ArrayList<>();
    fetch(platform, packageFiles, tarballs, architecture);
    var spools = new ArrayList<Spool>();
    try {
      String stage = "unpack " + architecture;
      progress.start(stage, packageFiles.size());
      List<Unpacker.Unpacked> unpacked =
          unpack(lock, packageFiles, work, architecture, workers, spools, stage);
      progress.finish(stage);
      var tree = new FileTree();
      if (!unpacked.isEmpty()) {
        Setup.prepare(tree);
      }
      PathFilter filter = filter(lock.spec());
      // base-files brings the folders that others only put files into.
      List<Unpacker.Unpacked> order =
          unpacked.stream()
              .sorted(
                  Comparator.comparing(
                          (Unpacker.Unpacked each) ->
                              !each.locked().name().word().equals("base-files"))
                      .thenComparing(each -> each.locked().name()))
              .toList();
      Unpacker.place(tree, order, filter);
      if (!unpacked.isEmpty()) {
        new DpkgDatabase(tree).write(unpacked);
      }
      var own = new Spool(work.resolve("own-" + architecture));
      spools.add(own);
      placeUpstream(tree, lock.spec(), platform, tarballs, own);
      placeFiles(tree, platform);
      new Setup(tree, lock.spec(), architecture, lock.epoch()).run();
      int elfFiles = new Libraries(tree, architecture).check();
      return write(lock, architecture, tree, unpacked, layout, workers, elfFiles);
    } finally {
      for (Spool each : spools) {
        each.close();
      }
    }
  }

  private static final Comparator<ImageLock.LockedPackage> BY_NAME =
      Comparator.comparing(ImageLock.LockedPackage::name);

  private void fetch(
      ImageLock.Platform platform,
      Map<ImageLock.LockedPackage, Path> packages,
      List<Path> tarballs,
      Architecture architecture)
      throws IOException {
    var sources = new ArrayList<Source>();
    for (ImageLock.LockedPackage each : platform.packages()) {
      sources.add(
          new Source(
              each.name() + " " + each.version() + " " + each.architecture(),
              each.sha256(),
              OptionalLong.of(each.size()),
              locations.inArchiveIfKnown(each.archive(), each.path())));
    }
    for (ImageLock.LockedUpstream each : platform.upstream()) {
      sources.add(
          new Source(
              each.name() + " " + architecture,
              each.sha512(),
              OptionalLong.of(each.size()),
              List.of(locations.upstream(each.url()))));
    }
    progress.start("download", sources.stream().mapToLong(each -> each.size().orElse(0)).sum());
    List<Path> files;
    try (ExecutorService downloads = Executors.newFixedThreadPool(DOWNLOADS)) {
      var running = new ArrayList<Future<Path>>();
      for (Source each : sources) {
        Callable<Path> task = () -> cache.get(each, progress);
        running.add(downloads.submit(task));
      }
      files = new ArrayList<>();
      try {
        for (Future<Path> each : running) {
          files.add(join(each));
        }
      } catch (IOException | RuntimeException failure) {
        downloads.shutdownNow();
        throw failure;
      }
    }
    progress.finish("download");
    int at = 0;
    for (ImageLock.LockedPackage each : platform.packages()) {
      packages.put(each, files.get(at++));
    }
    tarballs.addAll(files.subList(at, files.size()));
  }

  private List<Unpacker.Unpacked> unpack(
      ImageLock lock,
      Map<ImageLock.LockedPackage, Path> files,
      Path work,
      Architecture architecture,
      ExecutorService workers,
      List<Spool> spools,
      String stage)
      throws IOException {
    int parallel = Runtime.getRuntime().availableProcessors();
    BlockingQueue<Spool> idle = new LinkedBlockingQueue<>();
    for (int i = 0; i < parallel; i++) {
      var spool = new Spool(work.resolve("spool-" + architecture + "-" + i));
      spools.add(spool);
      idle.add(spool);
    }
    PathFilter filter = filter(lock.spec());
    // The largest first, so that no processor waits for a big one at the end.
    var running = new TreeMap<ImageLock.LockedPackage, Future<Unpacker.Unpacked>>(BY_NAME);
    files.entrySet().stream()
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<ImageLock.LockedPackage, Path> each) -> -each.getKey().size())
                .thenComparing(each -> each.getKey().name()))
        .forEach(
            each ->
                running.put(
                    each.getKey(),
                    workers.submit(
                        () -> {
                          Spool spool = idle.take();
                          try {
                            return Unpacker.unpack(each.getKey(), each.getValue(), spool, filter);
                          } finally {
                            idle.add(spool);
                            progress.advance(stage, 1);
                          }
                        })));
    var unpacked = new ArrayList<Unpacker.Unpacked>();
    for (Future<Unpacker.Unpacked> each : running.values()) {
      unpacked.add(join(each));
    }
    return unpacked;
  }

  private static PathFilter filter(ImageSpec spec) {
    return new PathFilter(
        spec.debian().map(ImageSpec.Debian::exclude).orElse(List.of()),
        spec.debian().map(ImageSpec.Debian::keep).orElse(List.of()));
  }

  private static void placeUpstream(
      FileTree tree, ImageSpec spec, ImageLock.Platform platform, List<Path> tarballs, Spool spool)
      throws IOException {
    for (int i = 0; i < tarballs.size(); i++) {
      ImageLock.LockedUpstream locked = platform.upstream().get(i);
      ImageSpec.Upstream wanted =
          spec.upstream().stream()
              .filter(each -> each.name().equals(locked.name()))
              .findFirst()
              .orElseThrow(
                  () -> new ImageRefusal("lock.upstream", locked.name(), "a name in the spec"));
      var missing = new TreeMap<String, ImageSpec.Extract>();
      wanted.extract().forEach(each -> missing.put(each.from(), each));
      try (var tar =
          new TarArchiveInputStream(
              new GZIPInputStream(
                  new BufferedInputStream(Files.newInputStream(tarballs.get(i))), 1 << 16),
              "UTF-8")) {
        TarArchiveEntry entry = tar.getNextEntry();
        while (entry != null && !missing.isEmpty()) {
          ImageSpec.Extract extract = missing.remove(entry.getName().replaceFirst("^(\\./)+", ""));
          if (extract != null) {
            if (!entry.isFile()) {
              throw new ImageRefusal(locked.url(), entry.getName() + " is no file", "a file");
            }
            tree.add(
                extract.to(),
                new FileTree.Node.Regular(
                    extract.mode(), 0, 0, new FileTree.Inode(spool.append(tar))),
                UPSTREAM_OWNER + locked.name(),
                Set.of());
          }
          entry = tar.getNextEntry();
        }
      }
      if (!missing.isEmpty()) {
        throw new ImageRefusal(
            locked.url(), "no " + missing.keySet(), "these files in the tarball");
      }
    }
  }

  /** Input files; those with the same bytes and mode become one file with several names. */
  private void placeFiles(FileTree tree, ImageLock.Platform platform) throws IOException {
    var inodes = new TreeMap<String, FileTree.Inode>();
    var known = new TreeMap<Path, Checksum>();
    for (ImageLock.LockedFile each : platform.files()) {
      Path folder =
          inputs.orElseThrow(
              () ->
                  new ImageRefusal(
                      "lock.files",
                      "no inputs folder",
                      "the folder " + each.from() + " is in",
                      "give --inputs DIR"));
      Path file = folder.resolve(each.from()).toRealPath();
      Checksum found = known.get(file);
      if (found == null) {
        found = ContentCache.hash(file, Checksum.Algorithm.SHA256);
        known.put(file, found);
      }
      if (!found.equals(each.sha256())) {
        throw new ImageRefusal(
            file.toString(), found.toString(), each.sha256().toString(), "lock again");
      }
      tree.add(
          each.to(),
          new FileTree.Node.Regular(
              each.mode(),
              0,
              0,
              inodes.computeIfAbsent(
                  each.sha256() + " " + each.mode(),
                  unseen -> new FileTree.Inode(new FileContent(file)))),
          FILES_OWNER + each.from(),
          Set.of());
    }
  }

  private record FileContent(Path file) implements FileTree.Content {
    @Override
    public long size() {
      try {
        return Files.size(file);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }

  private Built write(
      ImageLock lock,
      Architecture architecture,
      FileTree tree,
      List<Unpacker.Unpacked> unpacked,
      Layout layout,
      ExecutorService workers,
      int elfFiles)
      throws IOException {
    var layers = new ArrayList<Descriptor>();
    var diffIds = new ArrayList<Checksum>();
    var history = new ArrayList<String>();
    List<String> names = List.of("Debian packages", "upstream releases", "own files");
    String stage = "layers " + architecture;
    progress.start(
        stage,
        tree.nodes().values().stream()
            .mapToLong(
                node ->
                    node instanceof FileTree.Node.Regular file ? file.inode().content().size() : 0)
            .sum());
    for (int layer = DISTRIBUTION_LAYER; layer <= FILES_LAYER; layer++) {
      Set<String> paths = paths(tree, layer);
      if (paths.isEmpty()) {
        continue;
      }
      MessageDigest diffId = Checksum.Algorithm.SHA256.start();
      layers.add(
          layout.writeBlob(
              MediaTypes.LAYER,
              out -> {
                try (var gzip = new ParallelGzip(new BufferedOutputStream(out, 1 << 16), workers);
                    var digesting =
                        new BufferedOutputStream(new DigestOutputStream(gzip, diffId), 1 << 16);
                    var tar = new TarWriter(digesting, lock.epoch().getEpochSecond())) {
                  writeTar(tree, paths, tar, stage);
                }
              }));
      diffIds.add(Checksum.finish(Checksum.Algorithm.SHA256, diffId));
      history.add(names.get(layer));
    }
    progress.finish(stage);
    Descriptor config =
        layout.writeJson(MediaTypes.CONFIG, config(lock, architecture, diffIds, history));
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.MANIFEST);
    manifest.set("config", config.toJson());
    ArrayNode layerNodes = manifest.putArray("layers");
    layers.forEach(each -> layerNodes.add(each.toJson()));
    annotations(manifest, lock);
    Descriptor image = layout.writeJson(MediaTypes.MANIFEST, manifest).withPlatform(architecture);
    Descriptor sbom = writeSbom(lock, architecture, image, unpacked, layout);
    return new Built(architecture, image, sbom, tree.nodes().size(), elfFiles);
  }

  /** The paths of a layer: what belongs to it, and the folders that lead there. */
  private static Set<String> paths(FileTree tree, int layer) {
    var paths = new TreeSet<String>();
    for (String path : tree.nodes().keySet()) {
      String owner = tree.owner(path).orElse("");
      int its =
          owner.startsWith(UPSTREAM_OWNER)
              ? UPSTREAM_LAYER
              : owner.startsWith(FILES_OWNER) ? FILES_LAYER : DISTRIBUTION_LAYER;
      if (its != layer) {
        continue;
      }
      paths.add(path);
      for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        paths.add(path.substring(0, slash));
      }
    }
    return paths;
  }

  private void writeTar(FileTree tree, Set<String> paths, TarWriter tar, String stage)
      throws IOException {
    var written = new IdentityHashMap<FileTree.Inode, String>();
    for (String path : paths) {
      switch (tree.get(path).orElse(null)) {
        case FileTree.Node.Folder folder ->
            tar.folder(path, folder.mode(), folder.uid(), folder.gid());
        case FileTree.Node.Symlink link -> tar.symlink(path, link.target(), link.uid(), link.gid());
        case FileTree.Node.Regular file -> {
          String first = written.putIfAbsent(file.inode(), path);
          if (first != null) {
            tar.hardLink(path, first, file.mode(), file.uid(), file.gid());
          } else {
            tar.file(path, file.mode(), file.uid(), file.gid(), file.inode().content());
            progress.advance(stage, file.inode().content().size());
          }
        }
        case null -> throw new IllegalStateException("a path of the tree must be in it: " + path);
      }
    }
  }

  private static ObjectNode config(
      ImageLock lock, Architecture architecture, List<Checksum> diffIds, List<String> history) {
    ImageSpec.Config wanted = lock.spec().config();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    String created = lock.epoch().toString();
    config.put("created", created);
    config.put("architecture", architecture.word());
    architecture.ociVariant().ifPresent(variant -> config.put("variant", variant));
    config.put("os", "linux");
    ObjectNode inner = config.putObject("config");
    inner.put("User", wanted.user());
    ArrayNode environment = inner.putArray("Env");
    if (wanted.environment().stream().noneMatch(each -> each.startsWith("PATH="))) {
      environment.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    wanted.environment().forEach(environment::add);
    if (!wanted.entrypoint().isEmpty()) {
      wanted.entrypoint().forEach(inner.putArray("Entrypoint")::add);
    }
    if (!wanted.command().isEmpty()) {
      wanted.command().forEach(inner.putArray("Cmd")::add);
    }
    inner.put("WorkingDir", wanted.workingDirectory());
    ObjectNode labels = inner.putObject("Labels");
    labels(lock).forEach(labels::put);
    ObjectNode rootfs = config.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode diffs = rootfs.putArray("diff_ids");
    diffIds.forEach(each -> diffs.add(each.toString()));
    ArrayNode steps = config.putArray("history");
    for (String each : history) {
      ObjectNode step = steps.addObject();
      step.put("created", created);
      step.put("created_by", "countersign image build: " + each);
    }
    return config;
  }

  private static Descriptor writeSbom(
      ImageLock lock,
      Architecture architecture,
      Descriptor image,
      List<Unpacker.Unpacked> unpacked,
      Layout layout)
      throws IOException {
    var byName = new TreeMap<String, Unpacker.Unpacked>();
    unpacked.forEach(each -> byName.put(each.locked().name().word(), each));
    Descriptor document =
        layout.writeJson(MediaTypes.SPDX, Sbom.of(lock, architecture, image.digest(), byName));
    Descriptor empty =
        layout.writeBlob(
            MediaTypes.EMPTY,
            out -> out.write("{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.MANIFEST);
    manifest.put("artifactType", MediaTypes.SPDX);
    manifest.set("config", empty.toJson());
    manifest.putArray("layers").add(document.toJson());
    manifest.set(
        "subject", Descriptor.of(image.mediaType(), image.digest(), image.size()).toJson());
    manifest
        .putObject("annotations")
        .put("org.opencontainers.image.created", lock.epoch().toString());
    return layout
        .writeJson(MediaTypes.MANIFEST, manifest)
        .withArtifactType(MediaTypes.SPDX)
        .withAnnotation("org.opencontainers.image.created", lock.epoch().toString());
  }

  static void deleteTree(Path folder) throws IOException {
    List<Path> all;
    try (var walk = Files.walk(folder)) {
      all = walk.sorted(Collections.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }
}
