package dev.countersign.image.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.plan.ImageSpec.Alternative;
import dev.countersign.image.plan.ImageSpec.Choice;
import dev.countersign.image.plan.ImageSpec.Config;
import dev.countersign.image.plan.ImageSpec.Debian;
import dev.countersign.image.plan.ImageSpec.Directory;
import dev.countersign.image.plan.ImageSpec.Extract;
import dev.countersign.image.plan.ImageSpec.Group;
import dev.countersign.image.plan.ImageSpec.Input;
import dev.countersign.image.plan.ImageSpec.Link;
import dev.countersign.image.plan.ImageSpec.Suite;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.image.plan.ImageSpec.Upstream;
import dev.countersign.image.plan.ImageSpec.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads an {@link ImageSpec} from a document and notes everything that is wrong with it. */
final class ImageSpecFile {
  private ImageSpecFile() {}

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*");
  private static final Pattern VERSION = Pattern.compile("v?[0-9A-Za-z][0-9A-Za-z._-]{0,100}");
  private static final Pattern PURL = Pattern.compile("pkg:[a-z0-9.+-]+/\\S+");
  private static final Pattern CPE = Pattern.compile("cpe:2\\.3:[aho](?::[^:\\s]+){10}");
  private static final Pattern LICENSE = Pattern.compile("[A-Za-z0-9.+() -]+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");
  private static final Pattern OCTAL = Pattern.compile("[0-7]{3,4}");
  private static final Pattern ACCOUNT = Pattern.compile("[a-z_][a-z0-9_-]{0,30}");

  /** Reads a spec in YAML. */
  static ParseResult<ImageSpec.Document> parse(String text, ImageSpec.Changes changes) {
    return Documents.one(text, Documents.LONGEST_SETTINGS)
        .then(
            tree -> {
              if (tree instanceof ObjectNode object) {
                changes.texts().forEach(object::put);
                String version = object.path("version").asText();
                if (version.equals(ImageSpec.KUBERNETES)) {
                  object.put(
                      "version",
                      changes
                          .kubernetes()
                          .orElseGet(() -> KubernetesReleases.supported().defaultRelease())
                          .versionOf(object.path("name").asText()));
                } else if (changes.kubernetes().isPresent()) {
                  return ParseResult.refused(
                      "version",
                      SafeText.quote(version),
                      ImageSpec.KUBERNETES + ", as a Kubernetes release was chosen");
                }
                if (!changes.architectures().isEmpty()) {
                  changes.architectures().forEach(object.putArray("architectures")::add);
                }
                if (!changes.labels().isEmpty()) {
                  changes.labels().forEach(object.withObjectProperty("labels")::put);
                }
              }
              return Fields.read(tree, text, top -> read(top, tree));
            });
  }

  /** Reads a spec from a lock. */
  static ParseResult<ImageSpec.Document> fromTree(JsonNode tree) {
    return Fields.read(tree, top -> read(top, tree));
  }

  private static Optional<ImageSpec.Document> read(Fields top, JsonNode tree) {
    top.constant("apiVersion", ApiVersions.V1ALPHA1);
    top.constant("kind", "ImageSpec");
    String name = text(top, "name", NAME, "a repository name like kubelet");
    String version = text(top, "version", VERSION, "a version like v1.2.3");
    TagScheme tags =
        top.choice(
                "tags", List.of(TagScheme.values()), each -> each.name().toLowerCase(Locale.ROOT))
            .orElse(TagScheme.KUBELET);
    String description = top.text("description", "a text").orElse(name);
    SortedMap<String, String> labels = top.textMap("labels");
    List<Architecture> architectures = architectures(top);
    Optional<Debian> debian =
        top.has("debian") ? Optional.of(debian(top.child("debian"))) : Optional.empty();
    List<Upstream> upstream = all(top, "upstream", ImageSpecFile::upstream);
    List<Input> files = all(top, "files", ImageSpecFile::input);
    List<Alternative> alternatives = all(top, "alternatives", ImageSpecFile::alternative);
    List<User> users = all(top, "users", ImageSpecFile::user);
    List<Group> groups = all(top, "groups", ImageSpecFile::group);
    List<Directory> directories = all(top, "directories", ImageSpecFile::directory);
    List<Link> links = all(top, "links", ImageSpecFile::link);
    Config config = config(top.child("config"), name);
    if (debian.isEmpty() && upstream.isEmpty() && files.isEmpty()) {
      top.missing("debian", "debian, upstream or files: something to put into the image");
    }
    if (top.errorCount() > 0) {
      return Optional.empty();
    }
    return Optional.of(
        new ImageSpec.Document(
            new ImageSpec(
                name,
                version,
                tags,
                description,
                labels,
                architectures,
                debian,
                upstream,
                files,
                alternatives,
                users,
                groups,
                directories,
                links,
                config),
            tree.toString()));
  }

  private static <T> List<T> all(Fields fields, String key, Function<Fields, T> read) {
    List<T> all = new ArrayList<>();
    for (Fields each : fields.children(key)) {
      all.add(read.apply(each));
      each.end();
    }
    return all;
  }

  private static String text(Fields fields, String key, Pattern form, String want) {
    return fields.required(key, want, Fields.matching(form.asMatchPredicate())).orElse("");
  }

  private static List<Architecture> architectures(Fields fields) {
    List<Architecture> written =
        fields.distinct("architectures", "amd64 or arm64", Architecture::parse).orElse(List.of());
    return written.isEmpty() ? List.of(Architecture.values()) : written;
  }

  private static Debian debian(Fields fields) {
    List<Suite> suites =
        all(
            fields,
            "suites",
            each -> {
              String archive = each.text("archive", "an archive").orElse("debian");
              String suite = text(each, "suite", WORD, "a suite like trixie");
              List<String> components = each.texts("components", "components");
              return new Suite(archive, suite, components.isEmpty() ? List.of("main") : components);
            });
    if (suites.isEmpty()) {
      fields.wrong("suites", "none", "at least one suite");
    }
    List<PackageName> packages =
        fields.list("packages", "Debian package names", PackageName::parse).orElse(List.of());
    boolean essential = fields.truth("essential").orElse(true);
    List<String> exclude = fields.texts("exclude", "texts");
    List<String> keep = fields.texts("keep", "texts");
    fields.end();
    return new Debian(suites, essential, packages, exclude, keep);
  }

  private static Upstream upstream(Fields fields) {
    String name = text(fields, "name", WORD, "a short name");
    String url = text(fields, "url", Pattern.compile("(https?|file):.+"), "an http(s) or file URL");
    Optional<String> checksumUrl = fields.text("checksumUrl", "a URL");
    var pins = new TreeMap<Architecture, Digest>();
    fields
        .textMap("sha512")
        .forEach(
            (word, hex) -> {
              Optional<Architecture> architecture = Architecture.parse(word);
              Optional<Digest> checksum = Digest.parse("sha512:" + hex);
              if (architecture.isPresent() && checksum.isPresent()) {
                pins.put(architecture.get(), checksum.get());
              } else {
                fields.wrong("sha512." + word, hex, "amd64 or arm64: 128 hexadecimal digits");
              }
            });
    List<Extract> extract =
        all(
            fields,
            "extract",
            each -> {
              String from = text(each, "from", RELATIVE, "a path in the tarball");
              String to = path(each, "to");
              int mode = mode(each, "mode", 0755);
              Optional<String> purl = pattern(each, "purl", PURL, "pkg:TYPE/NAME@{version}");
              Optional<String> cpe = pattern(each, "cpe", CPE, "cpe:2.3:…, of 13 parts");
              return new Extract(from, to, mode, purl, cpe);
            });
    Optional<String> license = pattern(fields, "license", LICENSE, "an SPDX licence expression");
    return new Upstream(name, url, checksumUrl, pins, license, extract);
  }

  private static Input input(Fields fields) {
    String from = text(fields, "from", RELATIVE, "a path relative to the inputs directory");
    String to = path(fields, "to");
    int mode = mode(fields, "mode", 0644);
    return new Input(from, to, mode, architectures(fields));
  }

  private static Alternative alternative(Fields fields) {
    String name = text(fields, "name", WORD, "a name like iptables");
    String link = path(fields, "link");
    List<Choice> choices =
        all(
            fields,
            "choices",
            each ->
                new Choice(
                    path(each, "path"),
                    each.number("priority", 0, 1_000_000).orElse(0),
                    each.textMap("slaves")));
    if (choices.isEmpty()) {
      fields.wrong("choices", "none", "at least one choice");
    }
    return new Alternative(name, link, choices);
  }

  private static User user(Fields fields) {
    return new User(
        text(fields, "name", ACCOUNT, "an account name"),
        fields.requiredNumber("uid", 0, 65_535),
        fields.requiredNumber("gid", 0, 65_535),
        fields.text("home", "a path").orElse("/nonexistent"),
        fields.text("shell", "a path").orElse("/usr/sbin/nologin"));
  }

  private static Group group(Fields fields) {
    return new Group(
        text(fields, "name", ACCOUNT, "a group name"), fields.requiredNumber("gid", 0, 65_535));
  }

  private static Directory directory(Fields fields) {
    return new Directory(
        path(fields, "path"),
        mode(fields, "mode", 0755),
        fields.number("uid", 0, 65_535).orElse(0),
        fields.number("gid", 0, 65_535).orElse(0));
  }

  private static Link link(Fields fields) {
    return new Link(
        path(fields, "path"),
        text(fields, "to", Pattern.compile("\\S.*"), "the target of the link"));
  }

  private static Config config(Fields fields, String name) {
    List<String> entrypoint =
        fields.texts("entrypoint", "texts").stream()
            .map(each -> each.replace("{name}", name))
            .toList();
    List<String> command = fields.texts("command", "texts");
    List<String> environment =
        fields
            .list("environment", "NAME=value", Fields.matching(text -> text.indexOf('=') > 0))
            .orElse(List.of());
    String user = fields.text("user", "a user or its number").orElse("0");
    String workingDirectory = fields.text("workingDirectory", "a path").orElse("/");
    fields.end();
    return new Config(entrypoint, command, environment, user, workingDirectory);
  }

  private static final Pattern RELATIVE =
      Pattern.compile("(?!/)(?!(?:.*/)?\\.\\.(?:/|$)).+", Pattern.DOTALL);

  private static final Pattern ABSOLUTE =
      Pattern.compile("/(?!/)(?!(?:.*/)?\\.\\.?(?:/|$))(?!.*//).*[^/]", Pattern.DOTALL);

  private static String path(Fields fields, String key) {
    return text(fields, key, ABSOLUTE, "an absolute path without . or .. in it");
  }

  private static Optional<String> pattern(Fields fields, String key, Pattern form, String want) {
    return fields.parsed(key, want, Fields.matching(form.asMatchPredicate()));
  }

  private static int mode(Fields fields, String key, int otherwise) {
    return pattern(fields, key, OCTAL, "an octal mode in quotes, like \"0755\"")
        .map(text -> Integer.parseInt(text, 8))
        .orElse(otherwise);
  }
}
