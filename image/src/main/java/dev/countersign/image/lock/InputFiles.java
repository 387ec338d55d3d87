package dev.countersign.image.lock;

import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The input files of a spec. Each is hashed once, whatever its names and architectures. */
final class InputFiles {
  private final List<ImageSpec.Input> wanted;
  private final Optional<Path> directory;
  private final Map<Path, Digest> known = new TreeMap<>();

  InputFiles(ImageSpec spec, Optional<Path> directory) {
    this.wanted = spec.files();
    this.directory = directory;
  }

  /** Those of an architecture. */
  List<ImageLock.LockedFile> lock(Architecture architecture) throws IOException {
    // A later line about a path replaces an earlier one: a directory first, then the modes of a
    // few.
    var all = new LinkedHashMap<String, ImageLock.LockedFile>();
    for (ImageSpec.Input each : wanted) {
      if (!each.architectures().contains(architecture)) {
        continue;
      }
      Path base =
          directory.orElseThrow(
              () ->
                  new ImageException(
                      "files",
                      "no inputs directory",
                      "the directory " + each.from() + " is in",
                      "give --inputs DIR"));
      Path from = base.resolve(each.from().replace("{arch}", architecture.word()));
      if (Files.isDirectory(from)) {
        List<Path> found;
        try (Stream<Path> walk = Files.walk(from)) {
          found =
              walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                  .sorted(Comparator.comparing(Path::toString))
                  .toList();
        }
        for (Path path : found) {
          String below = from.relativize(path).toString().replace('\\', '/');
          ImageLock.LockedFile file = lock(base, path, each.to() + "/" + below, each.mode());
          all.put(file.to(), file);
        }
      } else {
        all.put(each.to(), lock(base, from, each.to(), each.mode()));
      }
    }
    return List.copyOf(all.values());
  }

  private ImageLock.LockedFile lock(Path base, Path path, String to, int mode) throws IOException {
    Path real = path.toRealPath();
    Digest sha256 = known.get(real);
    if (sha256 == null) {
      sha256 = ContentCache.hash(real, Digest.Algorithm.SHA256);
      known.put(real, sha256);
    }
    return new ImageLock.LockedFile(
        base.relativize(path).toString().replace('\\', '/'), to, mode, Files.size(real), sha256);
  }
}
