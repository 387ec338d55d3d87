package dev.countersign.image.assemble;

import dev.countersign.common.file.Directories;
import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Builds an image from its lock into an OCI layout. The result is a function of the lock:
 * directory, locale, time zone, umask, number of processors and the runtime's zlib do not change a
 * bit of it.
 */
public final class ImageBuilder {
  private final ContentCache cache;
  private final Locations locations;
  private final Optional<Path> inputs;
  private final Progress progress;
  private final Compression compression;

  /**
   * What was built for an architecture.
   *
   * @param sbom the manifest by which the SBOM is found
   * @param licences SPDX expressions of all that is in it
   */
  public record Built(
      Architecture architecture,
      Descriptor manifest,
      Descriptor sbom,
      Descriptor sbomDocument,
      SortedSet<String> licences,
      int files,
      int elfFiles) {}

  /** All that was built: the image index and what is in it. */
  public record Result(Descriptor index, List<Built> images) {
    public Result {
      images = List.copyOf(images);
    }
  }

  /** A builder of layers for every runtime. */
  public ImageBuilder(
      ContentCache cache, Locations locations, Optional<Path> inputs, Progress progress) {
    this(cache, locations, inputs, progress, Compression.GZIP);
  }

  /**
   * A builder.
   *
   * @param inputs the directory that the lock's files are relative to
   */
  public ImageBuilder(
      ContentCache cache,
      Locations locations,
      Optional<Path> inputs,
      Progress progress,
      Compression compression) {
    this.compression = compression;
    this.cache = cache;
    this.locations = locations;
    this.inputs = inputs;
    this.progress = progress;
  }

  /**
   * Builds into an empty layout.
   *
   * @throws ImageException where content is not what the lock says, or the image would not work
   * @throws IOException where content cannot be had or written
   */
  public Result build(ImageLock lock, Set<Architecture> architectures, Layout layout)
      throws IOException {
    for (Architecture each : architectures) {
      if (!lock.platforms().containsKey(each)) {
        throw new ImageException(
            "lock.platforms", lock.platforms().keySet().toString(), each.toString());
      }
    }
    for (Architecture each : architectures) {
      List<String> missing = lock.missing(each);
      if (!missing.isEmpty()) {
        throw new ImageException(
            "lock for " + each,
            "no " + String.join(", no ", missing),
            "a digest for everything the spec names",
            "this lock has packages only; complete it with image lock --packages-from");
      }
    }
    Path work = Files.createTempDirectory(layout.directory(), "work");
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
      return new Result(new ImageDocuments(lock, layout).writeIndex(images), images);
    } finally {
      Directories.delete(work);
    }
  }

  static <T> T join(Future<T> future) throws IOException {
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

  private Built buildPlatform(
      ImageLock lock, Architecture architecture, Layout layout, Path work, ExecutorService workers)
      throws IOException {
    ImageLock.Platform platform = lock.platforms().get(architecture);
    if (platform == null) {
      throw new ImageException("lock.platforms", "none", architecture.toString());
    }
    LockedContent content = LockedContent.fetch(architecture, platform, cache, locations, progress);
    try (var assembler = new TreeAssembler(lock, architecture, work, workers, progress)) {
      AssembledTree assembled = assembler.assemble(platform, content, inputs);
      var documents = new ImageDocuments(lock, layout);
      List<LayerWriter.Layer> layers =
          new LayerWriter(compression, lock.epoch(), workers, progress)
              .write(assembled.tree(), layout, "layers " + architecture);
      var sbom = new Sbom(lock, architecture, platform, assembled);
      Descriptor manifest = documents.writeManifest(architecture, layers, sbom.licences());
      Descriptor document =
          documents.writeSbomDocument(architecture, sbom.document(manifest.digest()));
      return new Built(
          architecture,
          manifest,
          documents.writeSbomReferrer(manifest, List.of(document)),
          document,
          sbom.licences(),
          assembled.tree().nodes().size(),
          assembled.elfFiles());
    }
  }
}
