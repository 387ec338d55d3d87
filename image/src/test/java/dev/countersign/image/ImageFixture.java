package dev.countersign.image;

import dev.countersign.common.ParseResult;
import dev.countersign.image.assemble.Compression;
import dev.countersign.image.assemble.ImageBuilder;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.lock.LockfileGenerator;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Locks and builds from a {@link TestArchive}, with a directory of inputs. */
public final class ImageFixture implements AutoCloseable {
  public final TestArchive archive;
  private final Path inputs;
  private final Fetcher fetcher = new Fetcher(2, Duration.ofMillis(1), HttpProxies.none());
  private final ContentCache cache;

  public ImageFixture(Path directory) throws IOException {
    archive = new TestArchive();
    inputs = Files.createDirectories(directory.resolve("inputs"));
    cache = new ContentCache(directory.resolve("cache"), fetcher);
  }

  public Path inputs() {
    return inputs;
  }

  public ImageLock lock(String spec) throws IOException {
    if (!(ImageSpec.parseYaml(spec)
        instanceof ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document parsed))) {
      throw new AssertionError(ImageSpec.parseYaml(spec));
    }
    return new LockfileGenerator(
            fetcher,
            cache,
            archive.locations(),
            Optional.of(archive.keyring()),
            InstantSource.fixed(TestArchive.NOW))
        .lock(
            parsed,
            new LockfileGenerator.Options(
                Optional.of(inputs),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                Optional.empty()),
            Progress.silent());
  }

  public ImageBuilder builder(Compression compression) {
    return new ImageBuilder(
        cache, archive.locations(), Optional.of(inputs), Progress.silent(), compression);
  }

  @Override
  public void close() {
    archive.close();
  }
}
