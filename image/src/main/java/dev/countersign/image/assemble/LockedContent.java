package dev.countersign.image.assemble;

import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.fetch.Source;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a lock names, fetched and verified.
 *
 * @param packages by name
 * @param tarballs in the order of the lock's upstream releases
 */
record LockedContent(SortedMap<ImageLock.LockedPackage, Path> packages, List<Path> tarballs) {
  private static final int DOWNLOADS = 8;

  static final Comparator<ImageLock.LockedPackage> BY_NAME =
      Comparator.comparing(ImageLock.LockedPackage::name);

  LockedContent {
    tarballs = List.copyOf(tarballs);
  }

  /** Fetches side by side what is not in the cache. */
  static LockedContent fetch(
      Architecture architecture,
      ImageLock.Platform platform,
      ContentCache cache,
      Locations locations,
      Progress progress)
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
          files.add(ImageBuilder.join(each));
        }
      } catch (IOException | RuntimeException failure) {
        downloads.shutdownNow();
        throw failure;
      }
    }
    progress.finish("download");
    var packages = new TreeMap<ImageLock.LockedPackage, Path>(BY_NAME);
    int at = 0;
    for (ImageLock.LockedPackage each : platform.packages()) {
      packages.put(each, files.get(at++));
    }
    return new LockedContent(packages, files.subList(at, files.size()));
  }
}
