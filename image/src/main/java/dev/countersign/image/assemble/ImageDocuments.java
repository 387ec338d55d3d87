package dev.countersign.image.assemble;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The JSON documents of an image: config, manifests, index, and its SBOM as a referrer. */
final class ImageDocuments {
  private static final String LICENSES = "org.opencontainers.image.licenses";
  private static final String CREATED = "org.opencontainers.image.created";
  private static final String TITLE = "org.opencontainers.image.title";

  /** In the label of an image's licences: what SPDX has no identifier for is in the SBOM. */
  private static final String OTHERS = "LicenseRef-others-in-SBOM";

  private final ImageLock lock;
  private final Layout layout;

  ImageDocuments(ImageLock lock, Layout layout) {
    this.lock = lock;
    this.layout = layout;
  }

  /** Writes config and manifest of one architecture. */
  Descriptor writeManifest(
      Architecture architecture, List<LayerWriter.Layer> layers, SortedSet<String> licences)
      throws IOException {
    Descriptor config = layout.writeJson(MediaTypes.CONFIG, config(architecture, layers, licences));
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.MANIFEST);
    manifest.set("config", config.toJson());
    ArrayNode layerNodes = manifest.putArray("layers");
    layers.forEach(each -> layerNodes.add(each.blob().toJson()));
    annotate(manifest, licences);
    return layout.writeJson(MediaTypes.MANIFEST, manifest).withPlatform(architecture);
  }

  /** Writes the index and the layout's list of what it holds. */
  Descriptor writeIndex(List<ImageBuilder.Built> images) throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    ArrayNode manifests = index.putArray("manifests");
    images.forEach(each -> manifests.add(each.manifest().toJson()));
    var licences = new TreeSet<String>();
    images.forEach(each -> licences.addAll(each.licences()));
    annotate(index, licences);
    Descriptor descriptor = layout.writeJson(MediaTypes.INDEX, index);
    var entries = new ArrayList<Descriptor>();
    entries.add(descriptor.withAnnotation(Layout.REF_NAME, lock.spec().version()));
    images.forEach(each -> entries.add(each.sbom()));
    entries.add(
        writeSbomReferrer(
            descriptor, images.stream().map(ImageBuilder.Built::sbomDocument).toList()));
    layout.writeIndex(entries);
    return descriptor;
  }

  /** Writes an SBOM; its annotation says which architecture it is of. */
  Descriptor writeSbomDocument(Architecture architecture, ObjectNode document) throws IOException {
    return layout
        .writeJson(MediaTypes.SPDX, document)
        .withAnnotation(
            TITLE,
            lock.spec().name() + "-" + lock.spec().version() + "-" + architecture + ".spdx.json");
  }

  /** Writes the manifest by which registries find the SBOM of an image or index. */
  Descriptor writeSbomReferrer(Descriptor subject, List<Descriptor> documents) throws IOException {
    Descriptor empty =
        layout.writeBlob(
            MediaTypes.EMPTY, out -> out.write("{}".getBytes(StandardCharsets.US_ASCII)));
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.MANIFEST);
    manifest.put("artifactType", MediaTypes.SPDX);
    manifest.set("config", empty.toJson());
    ArrayNode layers = manifest.putArray("layers");
    documents.forEach(each -> layers.add(each.toJson()));
    manifest.set(
        "subject", Descriptor.of(subject.mediaType(), subject.digest(), subject.size()).toJson());
    manifest.putObject("annotations").put(CREATED, lock.epoch().toString());
    return layout
        .writeJson(MediaTypes.MANIFEST, manifest)
        .withArtifactType(MediaTypes.SPDX)
        .withAnnotation(CREATED, lock.epoch().toString());
  }

  private void annotate(ObjectNode manifest, SortedSet<String> licences) {
    ObjectNode node = manifest.putObject("annotations");
    labels(licences).forEach(node::put);
  }

  /** Labels of the image and annotations of its manifests: org.opencontainers.image.*. */
  private Map<String, String> labels(SortedSet<String> licences) {
    var labels = new TreeMap<>(lock.spec().labels());
    var all = new TreeSet<String>();
    for (String each : licences) {
      all.add(each.startsWith("LicenseRef-") ? OTHERS : each);
    }
    // What the spec says is the licence of its own files.
    String own = labels.get(LICENSES);
    if (own != null) {
      all.add(own);
    }
    if (!all.isEmpty()) {
      labels.put(LICENSES, SpdxLicence.join(all));
    }
    labels.putIfAbsent(TITLE, lock.spec().name());
    labels.putIfAbsent("org.opencontainers.image.description", lock.spec().description());
    labels.putIfAbsent("org.opencontainers.image.version", lock.spec().version());
    labels.put(CREATED, lock.epoch().toString());
    labels.put("dev.countersign.lock", lock.checksum().toString());
    labels.put("dev.countersign.tags", lock.spec().tags().name().toLowerCase(Locale.ROOT));
    labels.put(
        "dev.countersign.architectures",
        String.join(",", lock.platforms().keySet().stream().map(Architecture::word).toList()));
    return labels;
  }

  private ObjectNode config(
      Architecture architecture, List<LayerWriter.Layer> layers, SortedSet<String> licences) {
    ImageSpec.Config wanted = lock.spec().config();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    String created = lock.epoch().toString();
    config.put("created", created);
    config.put("architecture", architecture.word());
    architecture.ociVariant().ifPresent(variant -> config.put("variant", variant));
    config.put("os", "linux");
    ObjectNode inner = config.putObject("config");
    inner.put("User", wanted.user());
    ArrayNode environment = inner.putArray("Env");
    if (wanted.environment().stream().noneMatch(each -> each.startsWith("PATH="))) {
      environment.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    wanted.environment().forEach(environment::add);
    if (!wanted.entrypoint().isEmpty()) {
      wanted.entrypoint().forEach(inner.putArray("Entrypoint")::add);
    }
    if (!wanted.command().isEmpty()) {
      wanted.command().forEach(inner.putArray("Cmd")::add);
    }
    inner.put("WorkingDir", wanted.workingDirectory());
    ObjectNode labels = inner.putObject("Labels");
    labels(licences).forEach(labels::put);
    ObjectNode rootfs = config.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode diffs = rootfs.putArray("diff_ids");
    layers.forEach(each -> diffs.add(each.diffId().toString()));
    ArrayNode steps = config.putArray("history");
    for (LayerWriter.Layer each : layers) {
      ObjectNode step = steps.addObject();
      step.put("created", created);
      step.put("created_by", "countersign image build: " + each.name());
    }
    return config;
  }
}
