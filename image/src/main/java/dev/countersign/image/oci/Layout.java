package dev.countersign.image.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.ContentCache;
import dev.countersign.image.plan.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory in the OCI image layout (image-layout.md 1.0.0): blobs by digest and {@code
 * index.json}. Writing is for one thread a blob; blobs may be written side by side.
 */
public final class Layout {
  /** The annotation that gives an entry of a layout its name. */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VERSION = "{\"imageLayoutVersion\":\"1.0.0\"}";

  private final Path directory;

  private Layout(Path directory) {
    this.directory = directory;
  }

  /** An empty layout in a directory that is made for it. */
  public static Layout create(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
    Files.writeString(directory.resolve("oci-layout"), VERSION);
    return new Layout(directory);
  }

  /**
   * The layout in a directory.
   *
   * @throws ImageException where there is none
   */
  public static Layout open(Path directory) {
    if (!Files.isRegularFile(directory.resolve("oci-layout"))
        || !Files.isRegularFile(directory.resolve("index.json"))) {
      throw new ImageException(
          directory.toString(),
          Files.exists(directory) ? "no OCI layout" : "nothing",
          "a directory with oci-layout and index.json",
          "make one with image build");
    }
    return new Layout(directory);
  }

  public Path directory() {
    return directory;
  }

  /** Where a blob is or would be. */
  public Path blob(Digest digest) {
    return directory.resolve("blobs").resolve(digest.algorithm().word()).resolve(digest.hex());
  }

  /** Something that writes a blob's bytes. */
  public interface BlobWriter {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes a blob; it gets its name only once it is complete. */
  public Descriptor writeBlob(String mediaType, BlobWriter writer) throws IOException {
    Path partial = Files.createTempFile(directory, "blob", ".part");
    try {
      MessageDigest digest = Digest.Algorithm.SHA256.start();
      try (var out = new DigestOutputStream(Files.newOutputStream(partial), digest)) {
        writer.writeTo(out);
      }
      Digest checksum = Digest.finish(Digest.Algorithm.SHA256, digest);
      long size = Files.size(partial);
      PublicFiles.readable(partial);
      // Two architectures may write the same blob at once: neither must see it gone in between.
      Files.move(partial, blob(checksum), StandardCopyOption.ATOMIC_MOVE);
      return Descriptor.of(mediaType, checksum, size);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Writes JSON without insignificant whitespace. */
  public Descriptor writeJson(String mediaType, JsonNode node) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(node);
    return writeBlob(mediaType, out -> out.write(bytes));
  }

  /** Writes {@code index.json}: what the layout holds. */
  public void writeIndex(List<Descriptor> entries) throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    var array = index.putArray("manifests");
    entries.forEach(each -> array.add(each.toJson()));
    Files.write(directory.resolve("index.json"), JSON.writeValueAsBytes(index));
  }

  /** The entries of {@code index.json}. */
  public List<Descriptor> entries() throws IOException {
    var entries = new ArrayList<Descriptor>();
    String name = directory.resolve("index.json").toString();
    for (JsonNode each :
        parse(name, Files.readAllBytes(directory.resolve("index.json"))).path("manifests")) {
      entries.add(Descriptor.parse(name, each));
    }
    return entries;
  }

  /**
   * The image, or the manifest list of images, that the layout was made for.
   *
   * @throws ImageException where there is not exactly one
   */
  public Descriptor image() throws IOException {
    List<Descriptor> named =
        entries().stream().filter(each -> each.annotations().containsKey(REF_NAME)).toList();
    if (named.size() != 1) {
      throw new ImageException(
          directory.resolve("index.json").toString(),
          named.size() + " named entries",
          "one entry with " + REF_NAME);
    }
    return named.getFirst();
  }

  /** A manifest or other JSON blob, verified. */
  public JsonNode readJson(Descriptor descriptor) throws IOException {
    return parse(descriptor.digest().toString(), readSmall(descriptor));
  }

  /** A small blob, verified. */
  public byte[] readSmall(Descriptor descriptor) throws IOException {
    Path file = blob(descriptor.digest());
    if (!Files.isRegularFile(file)) {
      throw new ImageException(file.toString(), "nothing", "the blob " + descriptor.digest());
    }
    byte[] bytes = Files.readAllBytes(file);
    Digest found = Digest.ofSha256(bytes);
    if (!found.equals(descriptor.digest())) {
      throw new ImageException(file.toString(), found.toString(), descriptor.digest().toString());
    }
    return bytes;
  }

  /** Checks size and digest of a blob of any size. */
  public void check(Descriptor descriptor) throws IOException {
    Path file = blob(descriptor.digest());
    if (!Files.isRegularFile(file)) {
      throw new ImageException(file.toString(), "nothing", "the blob " + descriptor.digest());
    }
    if (Files.size(file) != descriptor.size()) {
      throw new ImageException(
          file.toString(), Files.size(file) + " bytes", descriptor.size() + " bytes");
    }
    Digest found = ContentCache.hash(file, descriptor.digest().algorithm());
    if (!found.equals(descriptor.digest())) {
      throw new ImageException(file.toString(), found.toString(), descriptor.digest().toString());
    }
  }

  /** A blob's bytes, not verified: {@link #check} it first. */
  public InputStream open(Descriptor descriptor) throws IOException {
    return Files.newInputStream(blob(descriptor.digest()));
  }

  /** What a manifest or index refers to, in order: config and layers, or manifests. */
  public static List<Descriptor> references(String name, JsonNode manifest) {
    var references = new ArrayList<Descriptor>();
    if (manifest.has("config")) {
      references.add(Descriptor.parse(name + ".config", manifest.path("config")));
    }
    for (JsonNode each : manifest.path("layers")) {
      references.add(Descriptor.parse(name + ".layers", each));
    }
    for (JsonNode each : manifest.path("manifests")) {
      references.add(Descriptor.parse(name + ".manifests", each));
    }
    return references;
  }

  /** Reads JSON of a name for messages. */
  public static JsonNode parse(String name, byte[] bytes) {
    try {
      return JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
    } catch (JsonProcessingException unreadable) {
      throw (ImageException)
          new ImageException(name, unreadable.getOriginalMessage(), "JSON").initCause(unreadable);
    }
  }
}
