package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.HttpProxies;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * One repository of a registry, over the OCI distribution specification 1.1. Credentials go to the
 * registry and to the token server it names, never to where a redirect leads. Thread-safe.
 */
public final class RegistryClient {
  private static final int LARGEST_MANIFEST = 8 << 20;
  private static final String ACCEPTED =
      String.join(
          ", ",
          MediaTypes.INDEX,
          MediaTypes.MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.DOCKER_MANIFEST);

  private final Repository repository;
  private final RegistryTransport transport;

  public RegistryClient(
      Repository repository,
      Optional<Credentials> credentials,
      HttpProxies.Client client,
      RetryPolicy retries) {
    this.repository = repository;
    this.transport =
        new RegistryTransport(
            repository, new RegistryAuthorization(repository, credentials), client, retries);
  }

  public Repository repository() {
    return repository;
  }

  /** Whether the registry has the blob. */
  public boolean hasBlob(Digest digest) throws IOException {
    HttpResponse<byte[]> response =
        transport.send(
            () ->
                HttpRequest.newBuilder(repository.resolve("blobs/" + digest))
                    .header("Accept", "*/*")
                    .method("HEAD", HttpRequest.BodyPublishers.noBody()),
            "pull");
    return switch (response.statusCode()) {
      case 200, 301, 302, 303, 307, 308 -> true;
      case 404 -> false;
      default -> throw transport.unexpected(response, "200 or 404");
    };
  }

  /** Uploads a blob unless the registry has it. */
  public void pushBlob(Descriptor descriptor, Path file) throws IOException {
    new BlobUpload(repository, transport, descriptor, file).run(() -> hasBlob(descriptor.digest()));
  }

  /** Puts a manifest under a digest or tag; says whether the registry keeps referrers by itself. */
  public boolean pushManifest(String reference, String mediaType, byte[] bytes) throws IOException {
    HttpResponse<byte[]> response =
        transport.send(
            () ->
                HttpRequest.newBuilder(repository.resolve("manifests/" + reference))
                    .header("Content-Type", mediaType)
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)),
            "pull,push");
    transport.expect(response, 201);
    return response.headers().firstValue("OCI-Subject").isPresent();
  }

  /**
   * A manifest by tag or digest.
   *
   * @throws ImageException where there is none, or another one is served under a digest
   */
  public ManifestResponse requiredManifest(String reference) throws IOException {
    return manifest(reference)
        .orElseThrow(
            () ->
                new ImageException(
                    repository + (reference.indexOf(':') < 0 ? ":" : "@") + reference,
                    "nothing",
                    "an image"));
  }

  /**
   * A manifest by tag or digest; nothing where there is none.
   *
   * @throws ImageException where another one is served under a digest
   */
  public Optional<ManifestResponse> manifest(String reference) throws IOException {
    HttpResponse<byte[]> response =
        transport.send(
            () ->
                HttpRequest.newBuilder(repository.resolve("manifests/" + reference))
                    .header("Accept", ACCEPTED)
                    .GET(),
            "pull");
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    transport.expect(response, 200);
    if (response.body().length > LARGEST_MANIFEST) {
      throw new ImageException(
          repository + " " + reference, response.body().length + " bytes", "a manifest");
    }
    Digest found = Digest.ofSha256(response.body());
    if (Digest.parse(reference).filter(wanted -> !wanted.equals(found)).isPresent()) {
      throw new ImageException(
          repository + "@" + reference, found.toString(), reference, "the registry altered it");
    }
    String mediaType =
        response.headers().firstValue("Content-Type").orElse(MediaTypes.MANIFEST).split(";", 2)[0];
    return Optional.of(
        new ManifestResponse(
            Descriptor.of(mediaType, found, response.body().length), response.body()));
  }

  /**
   * What refers to a manifest, e.g. its SBOM: by the registry's own interface, else by the tag that
   * takes its place (distribution specification 1.1, referrers tag schema).
   */
  public List<Descriptor> referrers(Digest digest) throws IOException {
    HttpResponse<byte[]> response =
        transport.send(
            () ->
                HttpRequest.newBuilder(repository.resolve("referrers/" + digest))
                    .header("Accept", MediaTypes.INDEX)
                    .GET(),
            "pull");
    JsonNode index;
    if (response.statusCode() == 200) {
      index = Layout.parse("referrers of " + digest, response.body());
    } else {
      index = taggedReferrers(digest).orElse(null);
      if (index == null) {
        return List.of();
      }
    }
    var all = new ArrayList<Descriptor>();
    for (JsonNode each : index.path("manifests")) {
      all.add(Descriptor.parse("referrers of " + digest, each));
    }
    return all;
  }

  /**
   * The index under the tag that stands for the referrers interface. Some registries read {@code
   * sha256-…} as the digest itself and serve the subject: that is no list of referrers.
   */
  Optional<JsonNode> taggedReferrers(Digest digest) throws IOException {
    return manifest(fallbackTag(digest))
        .filter(each -> !each.descriptor().digest().equals(digest))
        .map(ManifestResponse::json);
  }

  /**
   * Puts a manifest that has a subject, and where the registry does not keep referrers by itself,
   * adds it to the tag that takes that interface's place.
   */
  public void pushReferrer(Descriptor referrer, byte[] manifest) throws IOException {
    JsonNode json = Layout.parse(referrer.digest().toString(), manifest);
    Descriptor subject = Descriptor.parse("subject of " + referrer.digest(), json.path("subject"));
    if (pushManifest(referrer.digest().toString(), referrer.mediaType(), manifest)) {
      return;
    }
    var entries = new LinkedHashMap<String, Descriptor>();
    Optional<JsonNode> there = taggedReferrers(subject.digest());
    if (there.isPresent()) {
      for (JsonNode each : there.get().path("manifests")) {
        Descriptor known = Descriptor.parse(fallbackTag(subject.digest()), each);
        entries.put(known.digest().toString(), known);
      }
    }
    Descriptor entry = Descriptor.ofReferrer(referrer, json);
    if (entries.putIfAbsent(referrer.digest().toString(), entry) != null) {
      return;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    ArrayNode manifests = index.putArray("manifests");
    entries.values().forEach(each -> manifests.add(each.toJson()));
    pushManifest(
        fallbackTag(subject.digest()),
        MediaTypes.INDEX,
        index.toString().getBytes(StandardCharsets.UTF_8));
  }

  static String fallbackTag(Digest digest) {
    return digest.algorithm().word() + "-" + digest.hex();
  }

  /** Reads a blob into a stream and verifies it; nothing of it may be used before this returns. */
  public void pullBlob(Descriptor descriptor, OutputStream out) throws IOException {
    HttpResponse<InputStream> response =
        transport.sendOnce(
            HttpRequest.newBuilder(repository.resolve("blobs/" + descriptor.digest())).GET(),
            "pull",
            HttpResponse.BodyHandlers.ofInputStream());
    MessageDigest digest = descriptor.digest().algorithm().start();
    long size = 0;
    try (InputStream in = response.body()) {
      if (response.statusCode() != 200) {
        throw new RegistryException(
            response.statusCode(),
            repository
                + " blob "
                + descriptor.digest()
                + ": got status "
                + response.statusCode()
                + "; want 200");
      }
      byte[] buffer = new byte[1 << 16];
      int count = in.read(buffer);
      while (count >= 0 && size <= descriptor.size()) {
        size += count;
        digest.update(buffer, 0, count);
        out.write(buffer, 0, count);
        count = in.read(buffer);
      }
    }
    Digest found = Digest.finish(descriptor.digest().algorithm(), digest);
    if (size != descriptor.size() || !found.equals(descriptor.digest())) {
      throw new ImageException(
          repository + " blob",
          found + " of " + size + " bytes",
          descriptor.digest() + " of " + descriptor.size() + " bytes");
    }
  }
}
