package dev.countersign.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.packageurl.PackageURL;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.countersign.image.TestArchive.Item;
import dev.countersign.image.assemble.Compression;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.ImageLock;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SBOM of an image of packages, a release and a Java library, by SPDX's own schema. */
final class SbomTest {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tiny
      version: v1.2.3
      labels: {org.opencontainers.image.licenses: Apache-2.0}
      debian:
        suites: [{suite: stable}]
        packages: [tool, odd]
      upstream:
        - name: node
          url: https://releases.invalid/{version}/node-{arch}.tar.gz
          license: MPL-2.0
          extract:
            - from: node/bin/agent
              to: /usr/local/bin/agent
              purl: pkg:golang/example.com/agent@{version}#cmd/agent
              cpe: "cpe:2.3:a:example:agent:{version}:*:*:*:*:*:*:*"
      files: [{from: app, to: /opt/app}]
      """;

  private static final String COPYRIGHT =
      """
      Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

      Files: *
      Copyright: 2020 Somebody
      License: GPL-2+ or Artistic

      Files: lib/*
      Copyright: 2021 Somebody Else
      License: expat

      Files: odd/*
      Copyright: none
      License: public-domain
       No one may claim this.
       .
       Do as you please.

      License: GPL-2+
       On Debian systems, see /usr/share/common-licenses/GPL-2.
      """;

  @TempDir Path directory;
  private ImageFixture image;

  @BeforeEach
  void start() throws Exception {
    image = new ImageFixture(directory);
    TestArchive archive = image.archive;
    archive.add(
        "all",
        "tool",
        "1:2.0~rc1-1",
        "Source: tools (1:2.0~rc1)",
        new Item.File("./usr/bin/tool", 0755, "a\n"),
        new Item.File("./usr/share/doc/tool/copyright", 0644, COPYRIGHT));
    archive.add(
        "all",
        "odd",
        "1",
        "Homepage: https://odd.example",
        new Item.File("./usr/share/doc/odd/copyright", 0644, "Take it.\n"));
    archive.release("stable");
    for (String architecture : List.of("amd64", "arm64")) {
      archive.upstream(
          "/v1.2.3/node-" + architecture + ".tar.gz", Map.of("node/bin/agent", architecture));
    }
  }

  @AfterEach
  void stop() {
    image.close();
  }

  private Layout build() throws Exception {
    Path app = Files.createDirectories(image.inputs().resolve("app"));
    try (var jar = new JarOutputStream(Files.newOutputStream(app.resolve("lib-1.0.jar")))) {
      jar.putNextEntry(new JarEntry("META-INF/maven/org.example/lib/pom.properties"));
      jar.write(
          "groupId=org.example\nartifactId=lib\nversion=1.0\n".getBytes(StandardCharsets.UTF_8));
      jar.putNextEntry(new JarEntry("META-INF/maven/org.example/lib/pom.xml"));
      jar.write(
          "<project><licenses><license><name>The MIT License</name></license></licenses></project>"
              .getBytes(StandardCharsets.UTF_8));
    }
    ImageLock lock = image.lock(SPEC);
    Path out = directory.resolve("image");
    ImageOutput.write(
        out,
        layout -> image.builder(Compression.GZIP).build(lock, lock.platforms().keySet(), layout));
    return Layout.open(out);
  }

  private static List<JsonNode> documents(Layout layout, Descriptor subject) throws Exception {
    var documents = new ArrayList<JsonNode>();
    for (Descriptor each : layout.entries()) {
      JsonNode manifest = layout.readJson(each);
      if (manifest.path("subject").path("digest").asText().equals(subject.digest().toString())) {
        for (Descriptor part : Layout.references("sbom", manifest)) {
          if (part.mediaType().equals(MediaTypes.SPDX)) {
            documents.add(layout.readJson(part));
          }
        }
      }
    }
    return documents;
  }

  private static Schema schema() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(
            SbomTest.class.getResourceAsStream("/resources/spdx-schema-v2.3.json"))) {
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8), InputFormat.JSON);
    }
  }

  private static JsonNode item(JsonNode document, String name) {
    for (JsonNode each : document.path("packages")) {
      if (each.path("name").asText().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no package " + name);
  }

  private static List<String> references(JsonNode item) {
    var all = new ArrayList<String>();
    item.path("externalRefs").forEach(each -> all.add(each.path("referenceLocator").asText()));
    return all;
  }

  @Test
  void document_isValidBySpdxSchema_andItsPurlsAreCanonical() throws Exception {
    Layout layout = build();
    Descriptor manifest = Layout.references("index", layout.readJson(layout.image())).getFirst();
    JsonNode document = documents(layout, manifest).getFirst();
    assertThat(schema().validate(document.toString(), InputFormat.JSON)).isEmpty();
    for (JsonNode each : document.path("packages")) {
      for (JsonNode reference : each.path("externalRefs")) {
        if (reference.path("referenceType").asText().equals("purl")) {
          String purl = reference.path("referenceLocator").asText();
          assertThat(new PackageURL(purl).canonicalize().replace("%3A", ":")).isEqualTo(purl);
        }
      }
    }
    assertThat(references(item(document, "tool")))
        .containsExactly("pkg:deb/debian/tool@1:2.0~rc1-1?arch=all&distro=stable&upstream=tools");
    assertThat(references(item(document, "agent")))
        .containsExactly(
            "pkg:golang/example.com/agent@v1.2.3#cmd/agent",
            "cpe:2.3:a:example:agent:1.2.3:*:*:*:*:*:*:*");
    assertThat(references(item(document, "lib"))).containsExactly("pkg:maven/org.example/lib@1.0");
  }

  @Test
  void licences_areThoseOfTheCopyrightFiles_inSbomAndLabel() throws Exception {
    Layout layout = build();
    Descriptor manifest = Layout.references("index", layout.readJson(layout.image())).getFirst();
    JsonNode document = documents(layout, manifest).getFirst();
    assertThat(item(document, "tool").path("licenseDeclared").asText())
        .matches(
            "\\(GPL-2.0-or-later OR Artistic-1.0-Perl\\) AND LicenseRef-public-domain-[0-9a-f]{8}"
                + " AND MIT");
    assertThat(item(document, "odd").path("licenseDeclared").asText())
        .startsWith("LicenseRef-odd-copyright-");
    assertThat(item(document, "agent").path("licenseDeclared").asText()).isEqualTo("MPL-2.0");
    assertThat(item(document, "lib").path("licenseDeclared").asText()).isEqualTo("MIT");
    assertThat(document.path("hasExtractedLicensingInfos").findValuesAsText("extractedText"))
        .containsExactlyInAnyOrder(
            "No one may claim this.\n\nDo as you please.",
            "The licences are told in the image's file /usr/share/doc/odd/copyright.");
    JsonNode config =
        layout.readJson(Layout.references("manifest", layout.readJson(manifest)).getFirst());
    assertThat(
            config.path("config").path("Labels").path("org.opencontainers.image.licenses").asText())
        .isEqualTo(
            "Apache-2.0 AND (GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-others-in-SBOM"
                + " AND MIT AND MPL-2.0");
  }

  @Test
  void index_hasTheDocumentsOfAllArchitectures() throws Exception {
    Layout layout = build();
    assertThat(documents(layout, layout.image()))
        .extracting(each -> each.path("name").asText())
        .containsExactly("tiny-v1.2.3-amd64", "tiny-v1.2.3-arm64");
  }
}
