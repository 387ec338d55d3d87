package dev.countersign.image.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.document.Documents;
import dev.countersign.image.ImageException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every byte an image is made of, by digest: a build reads nothing else. Immutable.
 *
 * <p>The lock has a checksum over itself. It catches edits, merges gone wrong and truncation; it is
 * not a signature: who may change the file may change the checksum, so review it like code.
 *
 * @param epoch the time of every file in the image
 */
public record ImageLock(
    ImageSpec spec,
    String specDocument,
    Instant epoch,
    List<Release> releases,
    SortedMap<Architecture, Platform> platforms) {

  private static final String KIND = "ImageLock";
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** An archive's release as it was when locking. */
  public record Release(
      String archive, String suite, Instant date, Digest inRelease, SortedSet<String> signedBy) {
    public Release {
      signedBy = Collections.unmodifiableSortedSet(new TreeSet<>(signedBy));
    }
  }

  /** What goes into the image of one architecture. */
  public record Platform(
      List<LockedPackage> packages, List<LockedUpstream> upstream, List<LockedFile> files) {
    public Platform {
      packages = List.copyOf(packages);
      upstream = List.copyOf(upstream);
      files = List.copyOf(files);
    }
  }

  /** A Debian package; the path is relative to its archive, the size in bytes. */
  public record LockedPackage(
      PackageName name,
      DebianVersion version,
      String architecture,
      String archive,
      String path,
      long size,
      Digest sha256) {}

  /** A tarball; {@code pinned} says whether the spec had the checksum or the server was asked. */
  public record LockedUpstream(String name, String url, long size, Digest sha512, boolean pinned) {}

  /** An input file; {@code from} is relative to the inputs directory. */
  public record LockedFile(String from, String to, int mode, long size, Digest sha256) {}

  public ImageLock {
    Objects.requireNonNull(spec, "spec");
    releases = List.copyOf(releases);
    platforms = Collections.unmodifiableSortedMap(new TreeMap<>(platforms));
  }

  /**
   * What the spec asks for and the lock does not have for an architecture, e.g. {@code upstream
   * kubernetes-node}; empty for a lock that can be built from.
   */
  public List<String> missing(Architecture architecture) {
    Platform platform = platforms.get(architecture);
    if (platform == null) {
      return List.of("platform " + architecture);
    }
    var missing = new ArrayList<String>();
    if (spec.debian().isPresent() && platform.packages().isEmpty()) {
      missing.add("packages");
    }
    for (ImageSpec.Upstream wanted : spec.upstream()) {
      if (platform.upstream().stream().noneMatch(each -> each.name().equals(wanted.name()))) {
        missing.add("upstream " + wanted.name());
      }
    }
    for (ImageSpec.Input wanted : spec.files()) {
      if (wanted.architectures().contains(architecture)
          && platform.files().stream()
              .noneMatch(
                  each ->
                      each.to().equals(wanted.to()) || each.to().startsWith(wanted.to() + "/"))) {
        missing.add("files " + wanted.from());
      }
    }
    return List.copyOf(missing);
  }

  /** The SHA-256 of {@link #toText()}: what an image is labelled with. */
  public Digest checksum() {
    return Digest.ofSha256(toText().getBytes(StandardCharsets.UTF_8));
  }

  /** The lock as its file, JSON with one line per fact so that a diff can be reviewed. */
  public String toText() {
    ObjectNode tree = tree();
    tree.put("checksum", seal(tree).toString());
    return print(tree) + "\n";
  }

  /**
   * Reads a lock.
   *
   * @param name the file, for messages
   * @throws ImageException where it was altered or is not a lock
   */
  public static ImageLock parse(String name, String text) {
    JsonNode read =
        switch (Documents.one(text)) {
          case ParseResult.Parsed<JsonNode>(JsonNode document) -> document;
          case ParseResult.Refused<JsonNode> refused ->
              throw new ImageException(name, refused.message(), "a lock file in JSON");
        };
    if (!(read instanceof ObjectNode tree)
        || !tree.path("kind").asText().equals(KIND)
        || !tree.path("apiVersion").asText().equals(ApiVersions.V1ALPHA1)) {
      throw new ImageException(
          name, "another document", ApiVersions.V1ALPHA1 + " " + KIND, "make one with image lock");
    }
    String claimed = tree.path("checksum").asText();
    tree.remove("checksum");
    String found = seal(tree).toString();
    if (!found.equals(claimed)) {
      throw new ImageException(
          name,
          "content of checksum " + found,
          claimed,
          "the lock was altered: restore it, or lock again");
    }
    ImageSpec.Document written =
        switch (ImageSpecFile.fromTree(tree.path("spec"))) {
          case ParseResult.Parsed<ImageSpec.Document>(ImageSpec.Document document) -> document;
          case ParseResult.Refused<ImageSpec.Document> refused ->
              throw new ImageException(
                  name + ".spec", refused.message(), "a spec without problems");
        };
    try {
      var platforms = new TreeMap<Architecture, Platform>();
      for (var each : tree.path("platforms").properties()) {
        Architecture architecture =
            Architecture.parse(each.getKey())
                .orElseThrow(() -> new ImageException(name, each.getKey(), "amd64 or arm64"));
        platforms.put(architecture, platform(each.getValue()));
      }
      var releases = new ArrayList<Release>();
      for (JsonNode each : tree.path("releases")) {
        var signers = new TreeSet<String>();
        each.path("signedBy").forEach(signer -> signers.add(signer.asText()));
        releases.add(
            new Release(
                text(each, "archive"),
                text(each, "suite"),
                Instant.parse(text(each, "date")),
                checksum(each, "inRelease"),
                signers));
      }
      return new ImageLock(
          written.spec(), written.json(), Instant.parse(text(tree, "epoch")), releases, platforms);
    } catch (DateTimeException unreadable) {
      throw (ImageException)
          new ImageException(
                  name, String.valueOf(unreadable.getMessage()), "times like 2026-09-12T07:55:41Z")
              .initCause(unreadable);
    }
  }

  private static Platform platform(JsonNode node) {
    var packages = new ArrayList<LockedPackage>();
    for (JsonNode each : node.path("packages")) {
      packages.add(
          new LockedPackage(
              new PackageName(text(each, "name")),
              DebianVersion.parse(text(each, "version")),
              text(each, "architecture"),
              text(each, "archive"),
              text(each, "path"),
              each.path("size").asLong(),
              checksum(each, "sha256")));
    }
    var upstream = new ArrayList<LockedUpstream>();
    for (JsonNode each : node.path("upstream")) {
      upstream.add(
          new LockedUpstream(
              text(each, "name"),
              text(each, "url"),
              each.path("size").asLong(),
              checksum(each, "sha512"),
              each.path("pinned").asBoolean()));
    }
    var files = new ArrayList<LockedFile>();
    for (JsonNode each : node.path("files")) {
      files.add(
          new LockedFile(
              text(each, "from"),
              text(each, "to"),
              Integer.parseInt(text(each, "mode"), 8),
              each.path("size").asLong(),
              checksum(each, "sha256")));
    }
    return new Platform(packages, upstream, files);
  }

  private static String text(JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw new ImageException("lock." + key, node.path(key).toString(), "a text");
    }
    return node.path(key).textValue();
  }

  private static Digest checksum(JsonNode node, String key) {
    String text = text(node, key);
    return Digest.parse(text)
        .orElseThrow(() -> new ImageException("lock." + key, text, "algorithm:hexadecimal digits"));
  }

  private ObjectNode tree() {
    ObjectNode tree = JSON.createObjectNode();
    tree.put("apiVersion", ApiVersions.V1ALPHA1);
    tree.put("kind", KIND);
    tree.put("epoch", epoch.toString());
    try {
      tree.set("spec", JSON.readTree(specDocument));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a document that was written can be read", impossible);
    }
    ArrayNode releasesNode = tree.putArray("releases");
    for (Release each : releases) {
      ObjectNode node = releasesNode.addObject();
      node.put("archive", each.archive());
      node.put("suite", each.suite());
      node.put("date", each.date().toString());
      node.put("inRelease", each.inRelease().toString());
      each.signedBy().forEach(node.putArray("signedBy")::add);
    }
    ObjectNode platformsNode = tree.putObject("platforms");
    platforms.forEach(
        (architecture, platform) -> platformsNode.set(architecture.word(), platformTree(platform)));
    return tree;
  }

  private static ObjectNode platformTree(Platform platform) {
    ObjectNode tree = JSON.createObjectNode();
    ArrayNode packages = tree.putArray("packages");
    for (LockedPackage each : platform.packages()) {
      packages
          .addObject()
          .put("name", each.name().word())
          .put("version", each.version().toString())
          .put("architecture", each.architecture())
          .put("archive", each.archive())
          .put("path", each.path())
          .put("size", each.size())
          .put("sha256", each.sha256().toString());
    }
    ArrayNode upstream = tree.putArray("upstream");
    for (LockedUpstream each : platform.upstream()) {
      upstream
          .addObject()
          .put("name", each.name())
          .put("url", each.url())
          .put("size", each.size())
          .put("sha512", each.sha512().toString())
          .put("pinned", each.pinned());
    }
    ArrayNode files = tree.putArray("files");
    for (LockedFile each : platform.files()) {
      files
          .addObject()
          .put("from", each.from())
          .put("to", each.to())
          .put("mode", String.format(java.util.Locale.ROOT, "%04o", each.mode()))
          .put("size", each.size())
          .put("sha256", each.sha256().toString());
    }
    return tree;
  }

  private static Digest seal(ObjectNode withoutChecksum) {
    return Digest.ofSha256(withoutChecksum.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String print(JsonNode tree) {
    var indenter = new DefaultIndenter("  ", "\n");
    var printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try {
      return JSON.writer(printer).writeValueAsString(tree);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree can be written", impossible);
    }
  }
}
