package dev.countersign.image.assemble;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The list of what is in one architecture's image, as SPDX 2.3 JSON. A function of the lock and of
 * the packages and files it names.
 */
final class Sbom {
  private static final String IMAGE = "SPDXRef-image";
  private static final String UNKNOWN = "NOASSERTION";

  private final ImageLock lock;
  private final Architecture architecture;
  private final ImageLock.Platform platform;
  private final AssembledTree assembled;
  private final SortedMap<String, SpdxLicence> licences;

  Sbom(
      ImageLock lock,
      Architecture architecture,
      ImageLock.Platform platform,
      AssembledTree assembled)
      throws IOException {
    this.lock = lock;
    this.architecture = architecture;
    this.platform = platform;
    this.assembled = assembled;
    this.licences = assembled.licences();
  }

  /** The SPDX expressions of all that is in the image, as far as it says. */
  SortedSet<String> licences() {
    var all = new TreeSet<String>();
    licences.values().forEach(each -> all.addAll(each.expressions()));
    lock.spec().upstream().forEach(each -> each.license().ifPresent(all::add));
    assembled.libraries().values().forEach(each -> each.licence().ifPresent(all::add));
    return Collections.unmodifiableSortedSet(all);
  }

  /** The document, for the image of this manifest. */
  ObjectNode document(Digest manifest) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    String name = lock.spec().name() + "-" + lock.spec().version() + "-" + architecture;
    document.put("spdxVersion", "SPDX-2.3");
    document.put("dataLicense", "CC0-1.0");
    document.put("SPDXID", "SPDXRef-DOCUMENT");
    document.put("name", name);
    document.put("documentNamespace", "urn:countersign:sbom:" + name + ":" + manifest.hex());
    ObjectNode creation = document.putObject("creationInfo");
    creation.put("created", lock.epoch().toString());
    creation.putArray("creators").add("Tool: countersign");
    var content = new Content(document.putArray("packages"), document.putArray("relationships"));
    ObjectNode image =
        content.add(IMAGE, lock.spec().name(), lock.spec().version(), UNKNOWN, "DESCRIBES");
    image.put("primaryPackagePurpose", "CONTAINER");
    checksum(image, manifest);
    reference(
        image, "PACKAGE-MANAGER", "purl", Purl.image(lock.spec().name(), manifest, architecture));
    packages(content);
    upstream(content);
    files(content);
    var texts = new TreeMap<String, String>();
    licences.values().forEach(each -> texts.putAll(each.texts()));
    if (!texts.isEmpty()) {
      ArrayNode extracted = document.putArray("hasExtractedLicensingInfos");
      texts.forEach(
          (id, text) -> extracted.addObject().put("licenseId", id).put("extractedText", text));
    }
    return document;
  }

  private void packages(Content content) {
    Map<String, Unpacker.Unpacked> unpacked = new TreeMap<>();
    assembled.packages().forEach(each -> unpacked.put(each.locked().name().word(), each));
    Optional<String> suite = lock.releases().stream().map(ImageLock.Release::suite).findFirst();
    for (ImageLock.LockedPackage each : platform.packages()) {
      String name = each.name().word();
      ObjectNode node =
          content.add(id("deb", name), name, each.version().toString(), UNKNOWN, "CONTAINS");
      node.put("supplier", "Organization: Debian");
      Optional<Unpacker.Unpacked> found = Optional.ofNullable(unpacked.get(name));
      found
          .flatMap(unpackedPackage -> unpackedPackage.stanza().field("Homepage"))
          .filter(url -> url.matches("https?://\\S+"))
          .ifPresent(url -> node.put("homepage", url));
      Optional<String> source =
          found.flatMap(unpackedPackage -> unpackedPackage.stanza().field("Source"));
      node.put("sourceInfo", "built from source package " + source.orElse(name));
      checksum(node, each.sha256());
      Optional.ofNullable(licences.get(name))
          .ifPresent(known -> node.put("licenseDeclared", known.expression()));
      reference(
          node,
          "PACKAGE-MANAGER",
          "purl",
          Purl.deb(each, suite, source.map(text -> text.split(" ", 2)[0])));
    }
  }

  private void upstream(Content content) {
    for (ImageLock.LockedUpstream each : platform.upstream()) {
      String id = id("upstream", each.name());
      ObjectNode node = content.add(id, each.name(), lock.spec().version(), each.url(), "CONTAINS");
      checksum(node, each.sha512());
      reference(
          node,
          "PACKAGE-MANAGER",
          "purl",
          Purl.download(each.name(), lock.spec().version(), each.url()));
      lock.spec().upstream().stream()
          .filter(wanted -> wanted.name().equals(each.name()))
          .forEach(wanted -> programs(content, node, each, wanted));
    }
  }

  /** The files out of a release that scanners know by a name of their own. */
  private void programs(
      Content content,
      ObjectNode release,
      ImageLock.LockedUpstream locked,
      ImageSpec.Upstream wanted) {
    wanted.license().ifPresent(known -> release.put("licenseDeclared", known));
    String version = lock.spec().version();
    for (ImageSpec.Extract each : wanted.extract()) {
      if (each.purl().isEmpty() && each.cpe().isEmpty()) {
        continue;
      }
      String program = each.to().substring(each.to().lastIndexOf('/') + 1);
      ObjectNode node =
          content.add(id("program", each.to()), program, version, locked.url(), "CONTAINS");
      node.put("packageFileName", each.to());
      wanted.license().ifPresent(known -> node.put("licenseDeclared", known));
      each.purl()
          .ifPresent(
              purl ->
                  reference(
                      node,
                      "PACKAGE-MANAGER",
                      "purl",
                      Purl.parse("extract.purl", purl.replace("{version}", version))));
      each.cpe()
          .ifPresent(
              cpe ->
                  reference(
                      node,
                      "SECURITY",
                      "cpe23Type",
                      cpe.replace("{version}", version.replaceFirst("^v", ""))));
    }
  }

  private void files(Content content) {
    for (ImageLock.LockedFile each : platform.files()) {
      Optional<JavaLibrary> library = Optional.ofNullable(assembled.libraries().get(each.to()));
      ObjectNode node =
          content.add(
              id("file", each.to()),
              library.map(JavaLibrary::artifact).orElse(each.to()),
              library
                  .map(JavaLibrary::version)
                  .orElseGet(() -> each.sha256().hex().substring(0, 12)),
              UNKNOWN,
              "CONTAINS");
      checksum(node, each.sha256());
      if (library.isPresent()) {
        node.put("packageFileName", each.to());
        library.get().licence().ifPresent(known -> node.put("licenseDeclared", known));
        reference(node, "PACKAGE-MANAGER", "purl", library.get().purl());
      }
    }
  }

  /** The document's lists. */
  private record Content(ArrayNode packages, ArrayNode relationships) {
    ObjectNode add(String id, String name, String version, String location, String relation) {
      ObjectNode node = packages.addObject();
      node.put("SPDXID", id);
      node.put("name", name);
      node.put("versionInfo", version);
      node.put("downloadLocation", location);
      node.put("filesAnalyzed", false);
      node.put("licenseConcluded", UNKNOWN);
      node.put("licenseDeclared", UNKNOWN);
      node.put("copyrightText", UNKNOWN);
      relationships
          .addObject()
          .put("spdxElementId", id.equals(IMAGE) ? "SPDXRef-DOCUMENT" : IMAGE)
          .put("relationshipType", relation)
          .put("relatedSpdxElement", id);
      return node;
    }
  }

  private static void checksum(ObjectNode node, Digest checksum) {
    ObjectNode inner = node.putArray("checksums").addObject();
    inner.put("algorithm", checksum.algorithm().word().toUpperCase(Locale.ROOT));
    inner.put("checksumValue", checksum.hex());
  }

  private static void reference(ObjectNode node, String category, String type, String locator) {
    node.withArrayProperty("externalRefs")
        .addObject()
        .put("referenceCategory", category)
        .put("referenceType", type)
        .put("referenceLocator", locator);
  }

  /** SPDX identifiers have letters, digits, dots and hyphens; a digest keeps the rest apart. */
  private static String id(String kind, String name) {
    String plain = name.replaceAll("[^A-Za-z0-9.-]", "-").replaceAll("^-+", "");
    String suffix =
        plain.equals(name)
            ? ""
            : "-" + Digest.ofSha256(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 8);
    return "SPDXRef-" + kind + "-" + plain + suffix;
  }
}
