package dev.countersign.image.assemble;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Checksum;
import dev.countersign.image.plan.ImageLock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The list of what is in an image, as SPDX 2.3 JSON. A function of the lock and the packages. */
final class Sbom {
  private Sbom() {}

  /** The document for one architecture's image. */
  static ObjectNode of(
      ImageLock lock,
      Architecture architecture,
      Checksum manifest,
      Map<String, Unpacker.Unpacked> unpacked) {
    ImageLock.Platform platform = lock.platforms().get(architecture);
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
    ArrayNode packages = document.putArray("packages");
    ArrayNode relationships = document.putArray("relationships");
    ObjectNode image =
        add(packages, "SPDXRef-image", lock.spec().name(), lock.spec().version(), "NOASSERTION");
    image.put("primaryPackagePurpose", "CONTAINER");
    checksum(image, manifest);
    purl(
        image,
        "pkg:oci/"
            + lock.spec().name()
            + "@"
            + encode(manifest.toString())
            + "?arch="
            + architecture);
    relate(relationships, "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image");
    String distribution = distribution(lock);
    if (platform == null) {
      return document;
    }
    for (ImageLock.LockedPackage each : platform.packages()) {
      String id = id("deb", each.name().word());
      ObjectNode node =
          add(packages, id, each.name().word(), each.version().toString(), "NOASSERTION");
      node.put("supplier", "Organization: Debian");
      node.put("filesAnalyzed", false);
      Optional.ofNullable(unpacked.get(each.name().word()))
          .ifPresent(
              found -> {
                found
                    .stanza()
                    .field("Homepage")
                    .filter(url -> url.matches("https?://\\S+"))
                    .ifPresent(url -> node.put("homepage", url));
                node.put(
                    "sourceInfo",
                    "built from source package "
                        + found.stanza().field("Source").orElse(each.name().word()));
              });
      checksum(node, each.sha256());
      purl(
          node,
          "pkg:deb/debian/"
              + encode(each.name().word())
              + "@"
              + encode(each.version().toString())
              + "?arch="
              + each.architecture()
              + distribution);
      relate(relationships, "SPDXRef-image", "CONTAINS", id);
    }
    for (ImageLock.LockedUpstream each : platform.upstream()) {
      String id = id("upstream", each.name());
      ObjectNode node = add(packages, id, each.name(), lock.spec().version(), each.url());
      node.put("filesAnalyzed", false);
      checksum(node, each.sha512());
      purl(
          node,
          "pkg:generic/"
              + encode(each.name())
              + "@"
              + encode(lock.spec().version())
              + "?download_url="
              + encode(each.url()));
      relate(relationships, "SPDXRef-image", "CONTAINS", id);
    }
    for (ImageLock.LockedFile each : platform.files()) {
      String id = id("file", each.to());
      ObjectNode node =
          add(packages, id, each.to(), each.sha256().hex().substring(0, 12), "NOASSERTION");
      node.put("filesAnalyzed", false);
      checksum(node, each.sha256());
      relate(relationships, "SPDXRef-image", "CONTAINS", id);
    }
    return document;
  }

  private static String distribution(ImageLock lock) {
    List<ImageLock.Release> releases = lock.releases();
    return releases.isEmpty() ? "" : "&distro=" + encode(releases.getFirst().suite());
  }

  private static ObjectNode add(
      ArrayNode packages, String id, String name, String version, String location) {
    ObjectNode node = packages.addObject();
    node.put("SPDXID", id);
    node.put("name", name);
    node.put("versionInfo", version);
    node.put("downloadLocation", location);
    node.put("licenseConcluded", "NOASSERTION");
    node.put("licenseDeclared", "NOASSERTION");
    node.put("copyrightText", "NOASSERTION");
    return node;
  }

  private static void checksum(ObjectNode node, Checksum checksum) {
    ObjectNode inner = node.putArray("checksums").addObject();
    inner.put("algorithm", checksum.algorithm().word().toUpperCase(Locale.ROOT));
    inner.put("checksumValue", checksum.hex());
  }

  private static void purl(ObjectNode node, String purl) {
    ObjectNode inner = node.putArray("externalRefs").addObject();
    inner.put("referenceCategory", "PACKAGE-MANAGER");
    inner.put("referenceType", "purl");
    inner.put("referenceLocator", purl);
  }

  private static void relate(ArrayNode relationships, String from, String type, String to) {
    ObjectNode node = relationships.addObject();
    node.put("spdxElementId", from);
    node.put("relationshipType", type);
    node.put("relatedSpdxElement", to);
  }

  /** SPDX identifiers have letters, digits, dots and hyphens; a digest keeps the rest apart. */
  private static String id(String kind, String name) {
    String plain = name.replaceAll("[^A-Za-z0-9.-]", "-").replaceAll("^-+", "");
    String suffix =
        plain.equals(name)
            ? ""
            : "-" + Checksum.ofSha256(name.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 8);
    return "SPDXRef-" + kind + "-" + plain + suffix;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
