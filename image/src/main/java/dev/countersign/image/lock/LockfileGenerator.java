package dev.countersign.image.lock;

import dev.countersign.image.ImageException;
import dev.countersign.image.debian.ClearSigned;
import dev.countersign.image.debian.Keyring;
import dev.countersign.image.debian.PackageRecord;
import dev.countersign.image.debian.ReleaseFile;
import dev.countersign.image.debian.Resolver;
import dev.countersign.image.debian.Stanza;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.fetch.Source;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.tukaani.xz.XZInputStream;

/**
 * Makes a lock: verifies the archives' signatures, chooses packages for each architecture, asks for
 * upstream checksums, hashes input files. The lock depends on the spec and on what the archives
 * signed, not on the mirror, the time or the machine.
 */
public final class LockfileGenerator {
  private static final int XZ_MEMORY_KIB = 256 * 1024;

  private final Fetcher fetcher;
  private final ContentCache cache;
  private final Locations locations;
  private final Optional<Keyring> keyring;
  private final InstantSource clock;

  /**
   * What one locking may differ in.
   *
   * @param inputs directory that the spec's files are relative to
   * @param previous the lock that is replaced: releases older than its are refused
   * @param epoch time of every file in the image; by default the newest release's date
   * @param allowExpired accept releases past their Valid-Until, for snapshots of the past
   * @param packagesOnly leave upstream releases and input files out; such a lock cannot be built
   *     from, only completed
   * @param packagesFrom a lock whose packages, releases and time are taken over instead of asking
   *     an archive; its spec must ask for the same packages. With {@code packagesOnly}, what is new
   *     is the rest of the spec
   */
  public record Options(
      Optional<Path> inputs,
      Optional<ImageLock> previous,
      Optional<Instant> epoch,
      boolean allowExpired,
      boolean packagesOnly,
      Optional<ImageLock> packagesFrom) {
    /** The usual: everything is decided anew, nothing is special. */
    public static Options usual() {
      return new Options(
          Optional.empty(), Optional.empty(), Optional.empty(), false, false, Optional.empty());
    }

    public Options withPrevious(Optional<ImageLock> lock) {
      return new Options(inputs, lock, epoch, allowExpired, packagesOnly, packagesFrom);
    }

    public Options withPackagesOnly() {
      return new Options(inputs, previous, epoch, allowExpired, true, packagesFrom);
    }

    public Options withPackagesFrom(ImageLock lock) {
      return new Options(inputs, previous, epoch, allowExpired, packagesOnly, Optional.of(lock));
    }
  }

  public LockfileGenerator(
      Fetcher fetcher,
      ContentCache cache,
      Locations locations,
      Optional<Keyring> keyring,
      InstantSource clock) {
    this.fetcher = fetcher;
    this.cache = cache;
    this.locations = locations;
    this.keyring = keyring;
    this.clock = clock;
  }

  /**
   * Makes the lock.
   *
   * @throws ImageException where something is not as it must be, with what was expected and found
   * @throws IOException where something cannot be reached or read
   */
  public ImageLock lock(ImageSpec.Document parsed, Options options, Progress progress)
      throws IOException {
    ImageSpec spec = parsed.spec();
    if (options.packagesFrom().isPresent()) {
      return complete(parsed, options.packagesFrom().get(), options, progress);
    }
    var releases = new ArrayList<ImageLock.Release>();
    var files = new ArrayList<ReleaseFile>();
    List<ImageSpec.Suite> suites = spec.debian().map(ImageSpec.Debian::suites).orElse(List.of());
    for (ImageSpec.Suite suite : suites) {
      readRelease(suite, options, releases, files);
    }
    var inputs = new InputFiles(spec, options.inputs());
    var platforms = new TreeMap<Architecture, ImageLock.Platform>();
    for (Architecture architecture : spec.architectures()) {
      var index = new ArrayList<PackageRecord>();
      for (int i = 0; i < suites.size(); i++) {
        readIndexes(suites.get(i), files.get(i), architecture, index, progress);
      }
      List<ImageLock.LockedPackage> packages = List.of();
      if (spec.debian().isPresent()) {
        packages = choose(spec.debian().get(), architecture, index);
      }
      platforms.put(
          architecture, platform(spec, architecture, packages, inputs, options, progress));
    }
    Instant epoch =
        options
            .epoch()
            .or(() -> releases.stream().map(ImageLock.Release::date).max(Instant::compareTo))
            .orElse(Instant.EPOCH)
            .truncatedTo(ChronoUnit.SECONDS);
    return new ImageLock(spec, parsed.json(), epoch, releases, platforms);
  }

  /** What of a spec decides which packages are chosen; paths left out do not. */
  private static Optional<ImageSpec.Debian> choice(ImageSpec spec) {
    return spec.debian()
        .map(
            each ->
                new ImageSpec.Debian(
                    each.suites(), each.essential(), each.packages(), List.of(), List.of()));
  }

  /** The packages of a lock that is there already, and the rest decided anew. */
  private ImageLock complete(
      ImageSpec.Document parsed, ImageLock from, Options options, Progress progress)
      throws IOException {
    ImageSpec spec = parsed.spec();
    if (!choice(spec).equals(choice(from.spec()))) {
      throw new ImageException(
          "spec.debian",
          "other suites or packages than those of the lock whose packages are to be kept",
          "the same",
          "lock without --packages-from");
    }
    var inputs = new InputFiles(spec, options.inputs());
    var platforms = new TreeMap<Architecture, ImageLock.Platform>();
    for (Architecture architecture : spec.architectures()) {
      ImageLock.Platform known = from.platforms().get(architecture);
      if (known == null) {
        throw new ImageException(
            "lock.platforms", from.platforms().keySet().toString(), architecture.toString());
      }
      platforms.put(
          architecture, platform(spec, architecture, known.packages(), inputs, options, progress));
    }
    return new ImageLock(
        spec,
        parsed.json(),
        options.epoch().orElse(from.epoch()).truncatedTo(ChronoUnit.SECONDS),
        from.releases(),
        platforms);
  }

  private ImageLock.Platform platform(
      ImageSpec spec,
      Architecture architecture,
      List<ImageLock.LockedPackage> packages,
      InputFiles inputs,
      Options options,
      Progress progress)
      throws IOException {
    if (options.packagesOnly()) {
      return new ImageLock.Platform(packages, List.of(), List.of());
    }
    return new ImageLock.Platform(
        packages, upstream(spec, architecture, progress), inputs.lock(architecture));
  }

  private void readRelease(
      ImageSpec.Suite suite,
      Options options,
      List<ImageLock.Release> releases,
      List<ReleaseFile> files)
      throws IOException {
    Instant now = clock.instant();
    Keyring keys =
        keyring.orElseThrow(
            () ->
                new ImageException(
                    "keyring",
                    "none",
                    "the archive's public keys",
                    "install the package debian-archive-keyring or give --keyring FILE"));
    String path = "dists/" + suite.suite() + "/InRelease";
    IOException unreachable = null;
    ImageException refused = null;
    for (URI location : locations.inArchive(suite.archive(), path)) {
      try {
        byte[] content = fetcher.fetchSmall(location);
        String name = location.toString();
        ClearSigned.Verified verified = ClearSigned.verify(name, content, keys, now);
        ReleaseFile file = ReleaseFile.parse(name, verified.text());
        Optional<Instant> notBefore =
            options.previous().stream()
                .flatMap(lock -> lock.releases().stream())
                .filter(
                    each ->
                        each.archive().equals(suite.archive())
                            && each.suite().equals(suite.suite()))
                .map(ImageLock.Release::date)
                .findFirst();
        file.check(name, suite.suite(), now, notBefore, options.allowExpired());
        files.add(file);
        releases.add(
            new ImageLock.Release(
                suite.archive(),
                suite.suite(),
                file.date(),
                Digest.ofSha256(content),
                new java.util.TreeSet<>(verified.fingerprints())));
        return;
      } catch (ImageException wrong) {
        refused = wrong;
      } catch (IOException failure) {
        unreachable = failure;
      }
    }
    if (refused != null) {
      throw refused;
    }
    throw unreachable == null ? new IOException(path + ": no location") : unreachable;
  }

  private void readIndexes(
      ImageSpec.Suite suite,
      ReleaseFile release,
      Architecture architecture,
      List<PackageRecord> into,
      Progress progress)
      throws IOException {
    for (String component : suite.components()) {
      String directory = component + "/binary-" + architecture.word();
      String path = directory + "/Packages.xz";
      ReleaseFile.Index index = release.index(suite.suite() + " Release", path);
      String served =
          "dists/"
              + suite.suite()
              + "/"
              + (release.byHash() ? directory + "/by-hash/SHA256/" + index.checksum().hex() : path);
      Path file =
          cache.get(
              new Source(
                  suite.suite() + " " + path,
                  index.checksum(),
                  OptionalLong.of(index.size()),
                  locations.inArchive(suite.archive(), served)),
              progress);
      try (InputStream in = Files.newInputStream(file);
          var reader =
              new BufferedReader(
                  new InputStreamReader(
                      new XZInputStream(in, XZ_MEMORY_KIB), StandardCharsets.UTF_8))) {
        Stanza.each(
            reader, stanza -> PackageRecord.of(stanza, suite.archive()).ifPresent(into::add));
      }
    }
  }

  private static List<ImageLock.LockedPackage> choose(
      ImageSpec.Debian debian, Architecture architecture, List<PackageRecord> index) {
    Resolver.Resolution resolution =
        new Resolver(architecture, index).resolve(debian.packages(), debian.essential());
    return switch (resolution) {
      case Resolver.Resolution.Resolved(List<PackageRecord> packages) ->
          packages.stream()
              .map(
                  each ->
                      new ImageLock.LockedPackage(
                          each.name(),
                          each.version(),
                          each.architecture(),
                          each.archive(),
                          each.path(),
                          each.size(),
                          each.sha256()))
              .toList();
      case Resolver.Resolution.Unsatisfiable(List<String> problems) ->
          throw new ImageException(
              "debian.packages for " + architecture,
              String.join("; ", problems),
              "packages that can be installed together");
    };
  }

  private List<ImageLock.LockedUpstream> upstream(
      ImageSpec spec, Architecture architecture, Progress progress) throws IOException {
    var all = new ArrayList<ImageLock.LockedUpstream>();
    for (ImageSpec.Upstream each : spec.upstream()) {
      String url = fill(each.url(), spec.version(), architecture);
      Digest pin = each.pins().get(architecture);
      Digest checksum =
          pin != null
              ? pin
              : publishedChecksum(
                  fill(
                      each.checksumUrl().orElse(each.url() + ".sha512"),
                      spec.version(),
                      architecture));
      Path file =
          cache.get(
              new Source(
                  each.name() + " " + architecture,
                  checksum,
                  OptionalLong.empty(),
                  List.of(locations.upstream(url))),
              progress);
      all.add(
          new ImageLock.LockedUpstream(each.name(), url, Files.size(file), checksum, pin != null));
    }
    return all;
  }

  private Digest publishedChecksum(String url) throws IOException {
    String text =
        new String(fetcher.fetchSmall(locations.upstream(url)), StandardCharsets.UTF_8).strip();
    String word = text.split("\\s+", 2)[0];
    return Digest.parse("sha512:" + word)
        .orElseThrow(() -> new ImageException(url, word, "a SHA-512 in hexadecimal digits"));
  }

  private static String fill(String template, String version, Architecture architecture) {
    return template.replace("{version}", version).replace("{arch}", architecture.word());
  }
}
