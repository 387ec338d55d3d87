package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.Bytes;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a layout or a registry has of an image: digests, platforms, packages by its own SBOM. */
public record Inspection(
    Descriptor image, SortedMap<String, String> annotations, List<Platform> platforms) {
  private static final int LARGEST_SBOM = 64 << 20;

  /**
   * The image of one architecture.
   *
   * @param compressedSize of its layers, in bytes as they are sent
   * @param sbom the manifest of its list of contents
   * @param contents that list, in SPDX's JSON
   */
  public record Platform(
      Architecture architecture,
      Descriptor manifest,
      long compressedSize,
      Optional<Descriptor> sbom,
      Optional<Bytes> contents,
      List<Item> packages) {
    public Platform {
      packages = List.copyOf(packages);
    }
  }

  /** A line of the SBOM. */
  public record Item(String name, String version, String digest) {}

  public Inspection {
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    platforms = List.copyOf(platforms);
  }

  private interface Store {
    JsonNode manifest(Descriptor descriptor) throws IOException;

    List<Descriptor> referrers(Descriptor subject) throws IOException;

    byte[] blob(Descriptor descriptor) throws IOException;
  }

  /** Inspects a layout. */
  public static Inspection of(Layout layout) throws IOException {
    return of(
        layout.image(),
        new Store() {
          @Override
          public JsonNode manifest(Descriptor descriptor) throws IOException {
            return layout.readJson(descriptor);
          }

          @Override
          public List<Descriptor> referrers(Descriptor subject) throws IOException {
            var all = new ArrayList<Descriptor>();
            for (Descriptor each : layout.entries()) {
              if (layout
                  .readJson(each)
                  .path("subject")
                  .path("digest")
                  .asText()
                  .equals(subject.digest().toString())) {
                all.add(each);
              }
            }
            return all;
          }

          @Override
          public byte[] blob(Descriptor descriptor) throws IOException {
            return layout.readSmall(descriptor);
          }
        });
  }

  /**
   * Inspects what a registry serves under a tag or digest.
   *
   * @throws ImageException where there is nothing
   */
  public static Inspection of(RegistryClient registry, String reference) throws IOException {
    ManifestResponse served = registry.requiredManifest(reference);
    return of(
        served.descriptor(),
        new Store() {
          @Override
          public JsonNode manifest(Descriptor descriptor) throws IOException {
            return registry.requiredManifest(descriptor.digest().toString()).json();
          }

          @Override
          public List<Descriptor> referrers(Descriptor subject) throws IOException {
            return registry.referrers(subject.digest());
          }

          @Override
          public byte[] blob(Descriptor descriptor) throws IOException {
            if (descriptor.size() > LARGEST_SBOM) {
              throw new ImageException(
                  "SBOM", descriptor.size() + " bytes", "at most " + LARGEST_SBOM);
            }
            var bytes = new ByteArrayOutputStream();
            registry.pullBlob(descriptor, bytes);
            return bytes.toByteArray();
          }
        });
  }

  private static Inspection of(Descriptor image, Store store) throws IOException {
    JsonNode index = store.manifest(image);
    var annotations = new TreeMap<String, String>();
    index
        .path("annotations")
        .properties()
        .forEach(each -> annotations.put(each.getKey(), each.getValue().asText()));
    var platforms = new ArrayList<Platform>();
    if (!index.has("manifests")) {
      throw new ImageException(
          image.digest().toString(), "the image of one architecture", "an image index");
    }
    for (Descriptor each : Layout.references(image.digest().toString(), index)) {
      if (each.platform().isPresent()) {
        platforms.add(platform(each.platform().get(), each, store));
      }
    }
    return new Inspection(image, annotations, platforms);
  }

  private static Platform platform(Architecture architecture, Descriptor manifest, Store store)
      throws IOException {
    long size = 0;
    for (Descriptor each :
        Layout.references(manifest.digest().toString(), store.manifest(manifest))) {
      size += each.size();
    }
    Optional<Descriptor> sbom =
        store.referrers(manifest).stream()
            .filter(each -> each.artifactType().filter(MediaTypes.SPDX::equals).isPresent())
            .findFirst();
    Optional<Bytes> contents = Optional.empty();
    List<Item> packages = new ArrayList<>();
    if (sbom.isPresent()) {
      List<Descriptor> parts =
          Layout.references(sbom.get().digest().toString(), store.manifest(sbom.get()));
      for (Descriptor each : parts) {
        if (each.mediaType().equals(MediaTypes.SPDX)) {
          byte[] document = store.blob(each);
          contents = Optional.of(Bytes.copyOf(document));
          packages = items(Layout.parse(each.digest().toString(), document));
        }
      }
    }
    return new Platform(architecture, manifest, size, sbom, contents, packages);
  }

  private static List<Item> items(JsonNode document) {
    var items = new ArrayList<Item>();
    for (JsonNode each : document.path("packages")) {
      if (!each.path("SPDXID").asText().equals("SPDXRef-image")) {
        JsonNode checksum = each.path("checksums").path(0);
        items.add(
            new Item(
                each.path("name").asText(),
                each.path("versionInfo").asText(),
                checksum.path("algorithm").asText().toLowerCase(java.util.Locale.ROOT)
                    + ":"
                    + checksum.path("checksumValue").asText()));
      }
    }
    return items;
  }
}
