package dev.countersign.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.ParseResult;
import dev.countersign.image.TestArchive.Item;
import dev.countersign.image.assemble.ImageBuilder;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.fetch.Fetcher;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.lock.LockfileGenerator;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks and builds from a signed archive on loopback; no network, no Debian tools. */
final class BuildTest {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tiny
      version: v1.2.3
      debian:
        suites: [{suite: stable}]
        packages: [tool]
        exclude: [/usr/share/doc/*]
        keep: [/usr/share/doc/*/copyright]
      upstream:
        - name: node
          url: https://releases.invalid/{version}/node-{arch}.tar.gz
          extract: [{from: node/bin/agent, to: /usr/local/bin/agent}]
      alternatives:
        - name: tool
          link: /usr/bin/t
          choices:
            - {path: /usr/bin/tool-a, priority: 10}
            - {path: /usr/bin/tool-b, priority: 20}
      users: [{name: agent, uid: 100, gid: 100}]
      groups: [{name: agent, gid: 100}]
      config: {entrypoint: [/usr/local/bin/agent], user: "100"}
      """;

  @TempDir Path directory;
  private TestArchive archive;
  private Locale locale;
  private TimeZone zone;

  @BeforeEach
  void start() throws IOException {
    locale = Locale.getDefault();
    zone = TimeZone.getDefault();
    archive = new TestArchive();
    for (String architecture : List.of("amd64", "arm64")) {
      archive.add(
          architecture,
          "base",
          "1",
          "Essential: yes",
          new Item.Directory("./", 0755),
          new Item.Directory("./etc", 0755),
          new Item.File("./etc/base.conf", 0600, "a=1\n"),
          new Item.File("./bin/sh", 0755, "shell\n"),
          new Item.Directory("./tmp", 01777));
      archive.upstream(
          "/v1.2.3/node-" + architecture + ".tar.gz",
          Map.of("node/bin/agent", "agent for " + architecture, "node/LICENSES", "free"));
    }
    archive.add(
        "all",
        "tool",
        "1:2.0-1",
        "Depends: base (>= 1)",
        new Item.File("./usr/bin/tool-b", 04755, "b\n"),
        new Item.File("./usr/bin/tool-a", 0755, "a\n"),
        new Item.HardLink("./usr/bin/another", "./usr/bin/tool-b"),
        new Item.Link("./usr/bin/link", "tool-a"),
        new Item.File("./usr/share/doc/tool/copyright", 0644, "free\n"),
        new Item.File("./usr/share/doc/tool/README", 0644, "long\n"));
    archive.release("stable");
  }

  @AfterEach
  void stop() {
    archive.close();
    Locale.setDefault(locale);
    TimeZone.setDefault(zone);
  }

  private ContentCache cache() {
    return new ContentCache(directory.resolve("cache"), fetcher());
  }

  private static Fetcher fetcher() {
    return new Fetcher(2, Duration.ofMillis(1), HttpProxies.none());
  }

  private ImageLock lock() throws IOException {
    return lock(SPEC, Optional.empty());
  }

  private ImageLock lock(String spec, Optional<ImageLock> previous) throws IOException {
    if (!(ImageSpec.parseYaml(spec)
        instanceof ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document parsed))) {
      throw new AssertionError(ImageSpec.parseYaml(spec));
    }
    return new LockfileGenerator(
            fetcher(),
            cache(),
            archive.locations(),
            Optional.of(archive.keyring()),
            InstantSource.fixed(TestArchive.NOW))
        .lock(parsed, LockfileGenerator.Options.usual().withPrevious(previous), Progress.silent());
  }

  private Layout build(ImageLock lock, String name) throws IOException {
    return build(lock, lock.platforms().keySet(), name);
  }

  private Layout build(ImageLock lock, Set<Architecture> architectures, String name)
      throws IOException {
    Path out = directory.resolve(name);
    ImageOutput.write(
        out,
        layout ->
            new ImageBuilder(cache(), archive.locations(), Optional.empty(), Progress.silent())
                .build(lock, architectures, layout));
    return Layout.open(out);
  }

  private static Map<String, TarArchiveEntry> files(Layout layout, Architecture architecture)
      throws IOException {
    var files = new TreeMap<String, TarArchiveEntry>();
    for (Descriptor layer : layers(layout, architecture)) {
      try (var tar = new TarArchiveInputStream(new GZIPInputStream(layout.open(layer)))) {
        TarArchiveEntry entry = tar.getNextEntry();
        while (entry != null) {
          files.put(entry.getName(), entry);
          entry = tar.getNextEntry();
        }
      }
    }
    return files;
  }

  private static TarArchiveEntry entry(Map<String, TarArchiveEntry> files, String path) {
    return Objects.requireNonNull(files.get(path), path);
  }

  /** The package "tool", second to "base" in the order of names. */
  private static ImageLock.LockedPackage tool(ImageLock lock) {
    return Objects.requireNonNull(lock.platforms().get(Architecture.AMD64)).packages().get(1);
  }

  private static List<Descriptor> layers(Layout layout, Architecture architecture)
      throws IOException {
    Descriptor image = layout.image();
    for (Descriptor each : Layout.references("index", layout.readJson(image))) {
      if (each.platform().equals(Optional.of(architecture))) {
        List<Descriptor> parts = Layout.references("manifest", layout.readJson(each));
        return parts.subList(1, parts.size());
      }
    }
    throw new AssertionError("no image for " + architecture);
  }

  private String text(Layout layout, String path) throws IOException {
    for (Descriptor layer : layers(layout, Architecture.AMD64)) {
      try (var tar = new TarArchiveInputStream(new GZIPInputStream(layout.open(layer)))) {
        TarArchiveEntry entry = tar.getNextEntry();
        while (entry != null) {
          if (entry.getName().equals(path)) {
            return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
          }
          entry = tar.getNextEntry();
        }
      }
    }
    throw new AssertionError("no file " + path);
  }

  private List<Path> cached() throws IOException {
    try (var walk = Files.walk(directory.resolve("cache"))) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void image_twiceInOtherDirectoryLocaleAndZone_hasTheSameDigest() throws IOException {
    ImageLock lock = lock();
    Descriptor first = build(lock, "one").image();
    Locale.setDefault(Locale.forLanguageTag("tr-TR-u-nu-thai"));
    TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
    Descriptor second = build(ImageLock.parse("lock", lock.toText()), "two/deeper/there").image();
    assertThat(second.digest()).isEqualTo(first.digest());
  }

  @Test
  void image_ofAFixedLock_hasThePinnedDiffIds() throws IOException {
    Layout layout = build(lock(), "one");
    Descriptor manifest = Layout.references("index", layout.readJson(layout.image())).getFirst();
    Descriptor config = Layout.references("manifest", layout.readJson(manifest)).getFirst();
    var diffIds = new ArrayList<String>();
    layout.readJson(config).path("rootfs").path("diff_ids").forEach(id -> diffIds.add(id.asText()));
    // The first layer has the control files, which name no digest of a package: it may be pinned.
    // A change here means that published images can no longer be rebuilt: a breaking change.
    assertThat(diffIds)
        .containsExactly(
            "sha256:916aae9025fe8931168c51af483f892e1149a5aaa6014c838cab1da6792d499c",
            "sha256:5b09e7577ab3f3f4d857dfc927e1b8c02aa1260431f373de4aea1122552c90cf");
  }

  @Test
  void image_hasWhatDpkgWouldHaveUnpacked() throws IOException {
    Map<String, TarArchiveEntry> files = files(build(lock(), "one"), Architecture.AMD64);
    assertThat(entry(files, "usr/bin/tool-b").getMode()).isEqualTo(04755);
    assertThat(entry(files, "tmp/").getMode()).isEqualTo(01777);
    assertThat(entry(files, "etc/base.conf").getMode()).isEqualTo(0600);
    assertThat(entry(files, "bin").getLinkName()).isEqualTo("usr/bin");
    assertThat(files).containsKey("usr/bin/sh").doesNotContainKey("bin/sh");
    assertThat(entry(files, "usr/bin/link").getLinkName()).isEqualTo("tool-a");
    assertThat(entry(files, "usr/bin/tool-b").isLink()).isTrue();
    assertThat(entry(files, "usr/bin/tool-b").getLinkName()).isEqualTo("usr/bin/another");
    assertThat(files).containsKey("usr/share/doc/tool/copyright");
    assertThat(files).doesNotContainKey("usr/share/doc/tool/README");
    assertThat(files.values())
        .allSatisfy(
            entry -> {
              assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(TestArchive.DATE);
              assertThat(entry.getUserName()).isEmpty();
            });
  }

  @Test
  void image_hasWhatScriptsWouldHaveDone() throws IOException {
    Layout layout = build(lock(), "one");
    Map<String, TarArchiveEntry> files = files(layout, Architecture.AMD64);
    assertThat(entry(files, "usr/bin/t").getLinkName()).isEqualTo("/etc/alternatives/tool");
    assertThat(entry(files, "etc/alternatives/tool").getLinkName()).isEqualTo("/usr/bin/tool-b");
    assertThat(text(layout, "etc/passwd"))
        .contains("root:x:0:0:")
        .contains("agent:x:100:100::/nonexistent:/usr/sbin/nologin");
    assertThat(text(layout, "var/lib/dpkg/status"))
        .contains("Package: tool\nStatus: install ok installed\nVersion: 1:2.0-1\n");
    assertThat(text(layout, "usr/local/bin/agent")).isEqualTo("agent for amd64");
  }

  @Test
  void sbom_isAReferrerOfItsImage() throws IOException {
    Layout layout = build(lock(), "one");
    Descriptor amd64 = Layout.references("index", layout.readJson(layout.image())).getFirst();
    List<Descriptor> referrers =
        layout.entries().stream().filter(each -> each.artifactType().isPresent()).toList();
    // One for each architecture, and one of both for the index.
    assertThat(referrers).hasSize(3);
    assertThat(layout.readJson(referrers.getFirst()).path("subject").path("digest").asText())
        .isEqualTo(amd64.digest().toString());
    Descriptor document =
        Layout.references("sbom", layout.readJson(referrers.getFirst())).getLast();
    assertThat(new String(layout.readSmall(document), StandardCharsets.UTF_8))
        .contains("pkg:deb/debian/tool@1:2.0-1?arch=all&distro=stable");
  }

  @Test
  void image_ofInputsWithTheSameBytes_hasThemOnceAndStartsWhatItIsNamedAfter() throws IOException {
    Path inputs = Files.createDirectories(directory.resolve("inputs"));
    Path program = Files.writeString(directory.resolve("program"), "all in one");
    Files.createSymbolicLink(inputs.resolve("one"), program);
    Files.createSymbolicLink(inputs.resolve("two"), program);
    Files.writeString(inputs.resolve("other"), "another");
    ParseResult<ImageSpec.Document> reading =
        ImageSpec.parseYaml(
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ImageSpec
            name: one
            version: v1.2.3
            files:
              - {from: one, to: /opt/one, mode: "0755"}
              - {from: other, to: /opt/other, mode: "0755"}
              - {from: two, to: /opt/two, mode: "0755"}
            config: {entrypoint: ["/opt/{name}"]}
            """,
            new ImageSpec.Changes(
                Map.of("name", "two"), List.of("arm64"), Map.of(), Optional.empty()));
    if (!(reading instanceof ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document parsed))) {
      throw new AssertionError(reading);
    }
    ImageLock lock =
        new LockfileGenerator(
                fetcher(),
                cache(),
                Locations.none(),
                Optional.empty(),
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
    assertThat(lock.platforms()).containsOnlyKeys(Architecture.ARM64);
    assertThat(lock.spec().config().entrypoint()).containsExactly("/opt/two");
    Path out = directory.resolve("image");
    ImageOutput.write(
        out,
        layout ->
            new ImageBuilder(cache(), Locations.none(), Optional.of(inputs), Progress.silent())
                .build(lock, lock.platforms().keySet(), layout));
    Map<String, TarArchiveEntry> files = files(Layout.open(out), Architecture.ARM64);
    assertThat(entry(files, "opt/one").getSize()).isEqualTo(10);
    assertThat(entry(files, "opt/two").getLinkName()).isEqualTo("opt/one");
    assertThat(entry(files, "opt/other").isFile()).isTrue();
  }

  @Test
  void build_fromTheCacheAlone_needsNoNetwork() throws IOException {
    ImageLock lock = lock();
    Descriptor first = build(lock, "one").image();
    archive.close();
    Path out = directory.resolve("offline");
    ImageOutput.write(
        out,
        layout ->
            new ImageBuilder(cache(), Locations.none(), Optional.empty(), Progress.silent())
                .build(lock, lock.platforms().keySet(), layout));
    assertThat(Layout.open(out).image().digest()).isEqualTo(first.digest());
  }

  @Test
  void package_tampered_isRefusedAndNothingOfItStays() throws IOException {
    ImageLock lock = lock();
    String path = archive.paths("tool_1_2.0-1_all.deb").getFirst();
    byte[] altered = archive.served(path).clone();
    altered[altered.length / 2] ^= 1;
    archive.serve(path, altered);
    List<Path> before = cached();
    // Of one architecture: the other's download of the same package may be cut short in the middle,
    // and what is cut short is kept, to be taken up and verified as a whole.
    assertThatThrownBy(() -> build(lock, Set.of(Architecture.AMD64), "one"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("want " + tool(lock).sha256())
        .hasMessageContaining("got sha256:");
    assertThat(cached()).allMatch(file -> !file.toString().contains(tool(lock).sha256().hex()));
    assertThat(cached().size()).isLessThanOrEqualTo(before.size() + 2);
    assertThat(directory.resolve("one")).doesNotExist();
  }

  @Test
  void package_alteredInTheCache_isFetchedAgain() throws IOException {
    ImageLock lock = lock();
    Descriptor first = build(lock, "one").image();
    Path rotten = cache().location(tool(lock).sha256());
    Files.writeString(rotten, "rot");
    assertThat(build(lock, "two").image().digest()).isEqualTo(first.digest());
  }

  @Test
  void tarball_tampered_isRefused() throws IOException {
    archive.serve("/v1.2.3/node-amd64.tar.gz", "something else".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::lock)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("node amd64")
        .hasMessageContaining("got sha512:");
    assertThat(cached()).noneMatch(file -> file.toString().contains("partial"));
  }

  @Test
  void inRelease_tampered_isRefused() throws IOException {
    String path = "/debian/dists/stable/InRelease";
    String altered =
        new String(archive.served(path), StandardCharsets.UTF_8)
            .replace("Origin: Test", "Origin: Tess");
    archive.serve(path, altered.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::lock)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("does not match the text");
  }

  @Test
  void index_tampered_isRefused() throws IOException {
    String path =
        archive.paths("").stream()
            .filter(each -> each.contains("binary-amd64/by-hash"))
            .findFirst()
            .orElseThrow();
    archive.serve(path, new byte[archive.served(path).length]);
    assertThatThrownBy(this::lock)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("Packages.xz")
        .hasMessageContaining("got sha256:");
  }

  @Test
  void lock_tampered_isRefused() throws IOException {
    String text = lock().toText().replace("1:2.0-1", "1:2.0-2");
    assertThatThrownBy(() -> ImageLock.parse("kubelet.lock.json", text))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("kubelet.lock.json: got content of checksum sha256:")
        .hasMessageContaining("want sha256:");
  }

  private static ImageSpec.Document parsed(String spec) {
    if (ImageSpec.parseYaml(spec)
        instanceof ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document parsed)) {
      return parsed;
    }
    throw new AssertionError(ImageSpec.parseYaml(spec));
  }

  private LockfileGenerator locker(Locations locations) throws IOException {
    return new LockfileGenerator(
        fetcher(),
        cache(),
        locations,
        Optional.of(archive.keyring()),
        InstantSource.fixed(TestArchive.NOW));
  }

  @Test
  void lock_ofPackagesOnly_isNotBuiltFrom_andCompletedIsTheWholeLock() throws IOException {
    ImageLock whole = lock();
    ImageLock packages =
        locker(archive.locations())
            .lock(
                parsed(SPEC),
                LockfileGenerator.Options.usual().withPackagesOnly(),
                Progress.silent());
    assertThat(packages.toText()).doesNotContain("sha512:");
    assertThatThrownBy(() -> build(packages, "one"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("lock for amd64: got no upstream node")
        .hasMessageContaining("--packages-from");
    assertThat(directory.resolve("one")).doesNotExist();
    // No mirror is known any more: the packages come from the lock alone.
    ImageLock completed =
        locker(new Locations(Map.of(), Optional.of(archive.base())))
            .lock(
                parsed(SPEC),
                LockfileGenerator.Options.usual()
                    .withPackagesFrom(ImageLock.parse("lock", packages.toText())),
                Progress.silent());
    assertThat(completed.toText()).isEqualTo(whole.toText());
  }

  @Test
  void lock_ofPackagesOnly_takesAnotherEntrypoint_andKeepsItsPackages() throws IOException {
    ImageLock before =
        locker(archive.locations())
            .lock(
                parsed(SPEC),
                LockfileGenerator.Options.usual().withPackagesOnly(),
                Progress.silent());
    String other = SPEC.replace("/usr/local/bin/agent]", "/usr/local/bin/agent, --quiet]");
    // Nothing is reachable any more: all there is to learn is in the spec.
    ImageLock after =
        locker(new Locations(Map.of(), Optional.empty()))
            .lock(
                parsed(other),
                LockfileGenerator.Options.usual()
                    .withPackagesOnly()
                    .withPackagesFrom(ImageLock.parse("lock", before.toText())),
                Progress.silent());

    assertThat(after.spec().config().entrypoint())
        .containsExactly("/usr/local/bin/agent", "--quiet");
    assertThat(after.platforms()).isEqualTo(before.platforms());
    assertThat(after.releases()).isEqualTo(before.releases());
    assertThat(after.epoch()).isEqualTo(before.epoch());
    assertThat(after.toText()).isNotEqualTo(before.toText()).doesNotContain("sha512:");
  }

  @Test
  void lock_completedForOtherPackages_isRefused() throws IOException {
    ImageLock packages =
        locker(archive.locations())
            .lock(
                parsed(SPEC),
                LockfileGenerator.Options.usual().withPackagesOnly(),
                Progress.silent());
    String other = SPEC.replace("packages: [tool]", "packages: [base]");
    assertThatThrownBy(
            () ->
                locker(archive.locations())
                    .lock(
                        parsed(other),
                        LockfileGenerator.Options.usual().withPackagesFrom(packages),
                        Progress.silent()))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("spec.debian: got other suites or packages");
  }

  @Test
  void lock_twice_isTheSameText() throws IOException {
    assertThat(lock().toText()).isEqualTo(lock().toText());
  }

  @Test
  void release_olderThanThatOfTheReplacedLock_isRefused() throws IOException {
    ImageLock lock = lock();
    ImageLock.Release known = lock.releases().getFirst();
    var later =
        new ImageLock(
            lock.spec(),
            lock.specDocument(),
            lock.epoch(),
            List.of(
                new ImageLock.Release(
                    known.archive(),
                    known.suite(),
                    known.date().plusSeconds(1),
                    known.inRelease(),
                    known.signedBy())),
            lock.platforms());
    assertThatThrownBy(() -> lock(SPEC, Optional.of(later)))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("got 2026-09-12T07:55:41Z; want not before 2026-09-12T07:55:42Z");
  }

  @Test
  void release_pastItsValidUntil_isRefused() throws IOException {
    archive.release("stable", "Valid-Until: Sat, 12 Sep 2026 08:00:00 UTC\n");
    assertThatThrownBy(this::lock)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("Valid-Until: got 2026-09-12T08:00:00Z");
  }

  @Test
  void release_ofAnotherSuite_isRefused() throws IOException {
    archive.release("testing");
    archive.serve(
        "/debian/dists/stable/InRelease", archive.served("/debian/dists/testing/InRelease"));
    assertThatThrownBy(this::lock)
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("got suite testing, codename testing; want stable");
  }

  @Test
  void package_withADevice_isRefused() throws IOException {
    archive.add("all", "devices", "1", "", new Item.Device("./dev/mem")).release("stable");
    ImageLock lock = lock(SPEC.replace("[tool]", "[tool, devices]"), Optional.empty());
    assertThatThrownBy(() -> build(lock, "one"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("got a device or fifo");
  }

  @Test
  void package_withAFileOfAnother_isRefused() throws IOException {
    archive
        .add("all", "greedy", "1", "", new Item.File("./usr/bin/tool-a", 0755, "mine"))
        .release("stable");
    ImageLock lock = lock(SPEC.replace("[tool]", "[tool, greedy]"), Optional.empty());
    assertThatThrownBy(() -> build(lock, "one"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("/usr/bin/tool-a: got a file of greedy and one of tool");
  }

  @Test
  void package_thatReplacesAnother_hasItsFile() throws IOException {
    archive
        .add(
            "all",
            "successor",
            "1",
            "Replaces: tool",
            new Item.File("./usr/bin/tool-a", 0755, "successor's"))
        .release("stable");
    ImageLock lock = lock(SPEC.replace("[tool]", "[tool, successor]"), Optional.empty());
    assertThat(text(build(lock, "one"), "usr/bin/tool-a")).isEqualTo("successor's");
  }

  @Test
  void package_thatLeavesTheRoot_isRefused() throws IOException {
    archive
        .add("all", "escape", "1", "", new Item.File("./../../etc/passwd", 0644, "x"))
        .release("stable");
    ImageLock lock = lock(SPEC.replace("[tool]", "[tool, escape]"), Optional.empty());
    assertThatThrownBy(() -> build(lock, "one"))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("want a path without ..");
  }

  @Test
  void download_cutOff_isTakenUpWhereItEnded() throws IOException {
    ImageLock lock = lock();
    ImageLock.LockedPackage tool = tool(lock);
    byte[] whole = archive.served("/debian/" + tool.path());
    Path partial = directory.resolve("cache/partial/sha256-" + tool.sha256().hex());
    Files.createDirectories(partial.getParent());
    Files.write(partial, java.util.Arrays.copyOf(whole, 100));
    build(lock, "one");
    assertThat(archive.requests()).contains("/debian/" + tool.path() + " bytes=100-");
    assertThat(Files.readAllBytes(cache().location(tool.sha256()))).isEqualTo(whole);
  }
}
