package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Puts together the files of one architecture's image. */
final class TreeAssembler implements AutoCloseable {
  /** Owners of what is not from a package begin so. */
  static final String UPSTREAM_OWNER = "upstream:";

  static final String FILES_OWNER = "input:";

  private final ImageLock lock;
  private final Architecture architecture;
  private final Path work;
  private final ExecutorService workers;
  private final Progress progress;
  private final List<Spool> spools = new ArrayList<>();

  /**
   * An assembler.
   *
   * @param work an empty directory for content until the image is written
   */
  TreeAssembler(
      ImageLock lock,
      Architecture architecture,
      Path work,
      ExecutorService workers,
      Progress progress) {
    this.lock = lock;
    this.architecture = architecture;
    this.work = work;
    this.workers = workers;
    this.progress = progress;
  }

  /** Puts the tree together; its content can be read until this is closed. */
  AssembledTree assemble(ImageLock.Platform platform, LockedContent content, Optional<Path> inputs)
      throws IOException {
    String stage = "unpack " + architecture;
    progress.start(stage, content.packages().size());
    List<Unpacker.Unpacked> unpacked = unpack(content.packages(), stage);
    progress.finish(stage);
    var tree = new RootFilesystem();
    if (!unpacked.isEmpty()) {
      PostInstallSteps.prepare(tree);
    }
    // base-files brings the directories that others only put files into.
    List<Unpacker.Unpacked> order =
        unpacked.stream()
            .sorted(
                Comparator.comparing(
                        (Unpacker.Unpacked each) ->
                            !each.locked().name().word().equals("base-files"))
                    .thenComparing(each -> each.locked().name()))
            .toList();
    Unpacker.place(tree, order, filter(lock.spec()));
    if (!unpacked.isEmpty()) {
      new DpkgDatabase(tree).write(unpacked);
    }
    placeUpstream(tree, lock.spec(), platform, content.tarballs(), spool("own-" + architecture));
    Map<String, JavaLibrary> libraries = placeFiles(tree, platform, inputs);
    new PostInstallSteps(tree, lock.spec(), architecture, lock.epoch()).run();
    int elfFiles = new Libraries(tree, architecture).check();
    return new AssembledTree(tree, unpacked, libraries, elfFiles);
  }

  private Spool spool(String name) throws IOException {
    var spool = new Spool(work.resolve(name));
    spools.add(spool);
    return spool;
  }

  private List<Unpacker.Unpacked> unpack(Map<ImageLock.LockedPackage, Path> files, String stage)
      throws IOException {
    int parallel = Runtime.getRuntime().availableProcessors();
    BlockingQueue<Spool> idle = new LinkedBlockingQueue<>();
    for (int i = 0; i < parallel; i++) {
      idle.add(spool("spool-" + architecture + "-" + i));
    }
    PathFilter filter = filter(lock.spec());
    // The largest first, so that no processor waits for a big one at the end.
    var running =
        new TreeMap<ImageLock.LockedPackage, Future<Unpacker.Unpacked>>(LockedContent.BY_NAME);
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
      unpacked.add(ImageBuilder.join(each));
    }
    return unpacked;
  }

  private static PathFilter filter(ImageSpec spec) {
    return new PathFilter(
        spec.debian().map(ImageSpec.Debian::exclude).orElse(List.of()),
        spec.debian().map(ImageSpec.Debian::keep).orElse(List.of()));
  }

  private static void placeUpstream(
      RootFilesystem tree,
      ImageSpec spec,
      ImageLock.Platform platform,
      List<Path> tarballs,
      Spool spool)
      throws IOException {
    for (int i = 0; i < tarballs.size(); i++) {
      ImageLock.LockedUpstream locked = platform.upstream().get(i);
      ImageSpec.Upstream wanted =
          spec.upstream().stream()
              .filter(each -> each.name().equals(locked.name()))
              .findFirst()
              .orElseThrow(
                  () -> new ImageException("lock.upstream", locked.name(), "a name in the spec"));
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
              throw new ImageException(locked.url(), entry.getName() + " is no file", "a file");
            }
            tree.add(
                extract.to(),
                new RootFilesystem.Node.Regular(
                    extract.mode(), 0, 0, new RootFilesystem.Inode(spool.append(tar))),
                UPSTREAM_OWNER + locked.name(),
                Set.of());
          }
          entry = tar.getNextEntry();
        }
      }
      if (!missing.isEmpty()) {
        throw new ImageException(
            locked.url(), "no " + missing.keySet(), "these files in the tarball");
      }
    }
  }

  /**
   * Input files; those with the same bytes and mode become one file with several names. Returns
   * what the jars among them say of themselves, by path in the image.
   */
  private static Map<String, JavaLibrary> placeFiles(
      RootFilesystem tree, ImageLock.Platform platform, Optional<Path> inputs) throws IOException {
    var libraries = new TreeMap<String, JavaLibrary>();
    var inodes = new TreeMap<String, RootFilesystem.Inode>();
    var known = new TreeMap<Path, Digest>();
    for (ImageLock.LockedFile each : platform.files()) {
      Path directory =
          inputs.orElseThrow(
              () ->
                  new ImageException(
                      "lock.files",
                      "no inputs directory",
                      "the directory " + each.from() + " is in",
                      "give --inputs DIR"));
      Path file = directory.resolve(each.from()).toRealPath();
      Digest found = known.get(file);
      if (found == null) {
        found = ContentCache.hash(file, Digest.Algorithm.SHA256);
        known.put(file, found);
      }
      if (!found.equals(each.sha256())) {
        throw new ImageException(
            file.toString(), found.toString(), each.sha256().toString(), "lock again");
      }
      JavaLibrary.read(each.to(), file).ifPresent(library -> libraries.put(each.to(), library));
      tree.add(
          each.to(),
          new RootFilesystem.Node.Regular(
              each.mode(),
              0,
              0,
              inodes.computeIfAbsent(
                  each.sha256() + " " + each.mode(),
                  unseen -> new RootFilesystem.Inode(new FileContent(file)))),
          FILES_OWNER + each.from(),
          Set.of());
    }
    return libraries;
  }

  private record FileContent(Path file) implements RootFilesystem.Content {
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

  @Override
  public void close() throws IOException {
    for (Spool each : spools) {
      each.close();
    }
  }
}
