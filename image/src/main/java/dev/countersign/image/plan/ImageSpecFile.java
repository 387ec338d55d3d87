package dev.countersign.image.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
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
import dev.countersign.image.plan.ImageSpec.Reading;
import dev.countersign.image.plan.ImageSpec.Suite;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.image.plan.ImageSpec.Upstream;
import dev.countersign.image.plan.ImageSpec.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads an {@link ImageSpec} from a document and notes everything that is wrong with it. */
final class ImageSpecFile {
  private ImageSpecFile() {}

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*");
  private static final Pattern VERSION = Pattern.compile("v?[0-9A-Za-z][0-9A-Za-z._-]{0,100}");
  private static final Pattern PURL = Pattern.compile("pkg:[a-z0-9.+-]+/\\S+");
  private static final Pattern CPE = Pattern.compile("cpe:2\\.3:[aho](?::[^:\\s]+){10}");
  private static final Pattern LICENSE = Pattern.compile("[A-Za-z0-9.+() -]+");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");
  private static final Pattern ACCOUNT = Pattern.compile("[a-z_][a-z0-9_-]{0,30}");

  /** Reads a spec in YAML. */
  static Reading parse(String text, ImageSpec.Changes changes) {
    JsonNode tree;
    try {
      tree = YAML.readTree(text);
    } catch (JsonProcessingException unreadable) {
      return new Reading.Rejected(
          List.of("spec: got " + unreadable.getOriginalMessage() + "; want YAML"));
    }
    if (tree instanceof ObjectNode object) {
      changes.texts().forEach(object::put);
      if (object.path("version").asText().equals(ImageSpec.KUBERNETES)) {
        object.put(
            "version",
            changes
                .kubernetes()
                .orElseGet(() -> KubernetesReleases.supported().defaultRelease())
                .versionOf(object.path("name").asText()));
      } else if (changes.kubernetes().isPresent()) {
        return new Reading.Rejected(
            List.of(
                "spec.version: got %s; want %s, as a Kubernetes release was chosen"
                    .formatted(
                        SafeText.quote(object.path("version").asText()), ImageSpec.KUBERNETES)));
      }
      if (!changes.architectures().isEmpty()) {
        changes.architectures().forEach(object.putArray("architectures")::add);
      }
      if (!changes.labels().isEmpty()) {
        changes.labels().forEach(object.withObjectProperty("labels")::put);
      }
    }
    return fromTree(tree);
  }

  /** Reads a spec from a lock. */
  static Reading fromTree(JsonNode tree) {
    var problems = new ArrayList<String>();
    var top = new SpecReader("spec", tree, problems);
    top.constant("apiVersion", "countersign.dev/v1alpha1");
    top.constant("kind", "ImageSpec");
    String name = top.text("name", NAME, "a repository name like kubelet");
    String version = top.text("version", VERSION, "a version like v1.2.3");
    TagScheme tags =
        switch (top.optionalText("tags").orElse("kubelet")) {
          case "kubelet" -> TagScheme.KUBELET;
          case "semver" -> TagScheme.SEMVER;
          case String other -> {
            top.problem("tags", other, "kubelet or semver");
            yield TagScheme.KUBELET;
          }
        };
    String description = top.optionalText("description").orElse(name);
    SortedMap<String, String> labels = top.textMap("labels");
    List<Architecture> architectures = architectures(top, "architectures");
    if (architectures.isEmpty()) {
      architectures = List.of(Architecture.values());
    }
    Optional<Debian> debian = top.object("debian").map(ImageSpecFile::debian);
    List<Upstream> upstream =
        top.objects("upstream").stream().map(ImageSpecFile::upstream).toList();
    List<Input> files = top.objects("files").stream().map(ImageSpecFile::input).toList();
    List<Alternative> alternatives =
        top.objects("alternatives").stream().map(ImageSpecFile::alternative).toList();
    List<User> users = top.objects("users").stream().map(ImageSpecFile::user).toList();
    List<Group> groups = top.objects("groups").stream().map(ImageSpecFile::group).toList();
    List<Directory> directories =
        top.objects("directories").stream().map(ImageSpecFile::directory).toList();
    List<Link> links = top.objects("links").stream().map(ImageSpecFile::link).toList();
    Config config = config(top.object("config").orElseGet(top::empty), name);
    top.end();
    if (debian.isEmpty() && upstream.isEmpty() && files.isEmpty()) {
      problems.add("spec: got no debian, upstream or files; want something to put into the image");
    }
    if (!problems.isEmpty()) {
      return new Reading.Rejected(problems);
    }
    return new Reading.Parsed(
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
        canonical(tree));
  }

  private static String canonical(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree that was read can be written", impossible);
    }
  }

  private static List<Architecture> architectures(SpecReader reader, String key) {
    var all = new ArrayList<Architecture>();
    for (String word : reader.texts(key)) {
      Architecture.parse(word)
          .filter(each -> !all.contains(each))
          .ifPresentOrElse(
              all::add, () -> reader.problem(key, word, "amd64 and arm64, each at most once"));
    }
    return all;
  }

  private static Debian debian(SpecReader reader) {
    List<Suite> suites =
        reader.objects("suites").stream()
            .map(
                each -> {
                  String archive = each.optionalText("archive").orElse("debian");
                  String suite = each.text("suite", WORD, "a suite like trixie");
                  List<String> components = each.texts("components");
                  each.end();
                  return new Suite(
                      archive, suite, components.isEmpty() ? List.of("main") : components);
                })
            .toList();
    if (suites.isEmpty()) {
      reader.problem("suites", "none", "at least one suite");
    }
    var packages = new ArrayList<PackageName>();
    for (String word : reader.texts("packages")) {
      PackageName.parse(word)
          .ifPresentOrElse(
              packages::add, () -> reader.problem("packages", word, "Debian package names"));
    }
    boolean essential = reader.flag("essential", true);
    List<String> exclude = reader.texts("exclude");
    List<String> keep = reader.texts("keep");
    reader.end();
    return new Debian(suites, essential, packages, exclude, keep);
  }

  private static Upstream upstream(SpecReader reader) {
    String name = reader.text("name", WORD, "a short name");
    String url = reader.text("url", Pattern.compile("(https?|file):.+"), "an http(s) or file URL");
    Optional<String> checksumUrl = reader.optionalText("checksumUrl");
    var pins = new TreeMap<Architecture, Checksum>();
    reader
        .textMap("sha512")
        .forEach(
            (word, hex) -> {
              Optional<Architecture> architecture = Architecture.parse(word);
              Optional<Checksum> checksum = Checksum.parse("sha512:" + hex);
              if (architecture.isPresent() && checksum.isPresent()) {
                pins.put(architecture.get(), checksum.get());
              } else {
                reader.problem("sha512." + word, hex, "amd64 or arm64: 128 hexadecimal digits");
              }
            });
    List<Extract> extract =
        reader.objects("extract").stream()
            .map(
                each -> {
                  String from = each.text("from", RELATIVE, "a path in the tarball");
                  String to = path(each, "to");
                  int mode = mode(each, "mode", 0755);
                  Optional<String> purl = pattern(each, "purl", PURL, "pkg:TYPE/NAME@{version}");
                  Optional<String> cpe = pattern(each, "cpe", CPE, "cpe:2.3:…, of 13 parts");
                  each.end();
                  return new Extract(from, to, mode, purl, cpe);
                })
            .toList();
    Optional<String> license = pattern(reader, "license", LICENSE, "an SPDX licence expression");
    reader.end();
    return new Upstream(name, url, checksumUrl, pins, license, extract);
  }

  private static Input input(SpecReader reader) {
    String from = reader.text("from", RELATIVE, "a path relative to the inputs folder");
    String to = path(reader, "to");
    int mode = mode(reader, "mode", 0644);
    List<Architecture> architectures = architectures(reader, "architectures");
    reader.end();
    return new Input(
        from, to, mode, architectures.isEmpty() ? List.of(Architecture.values()) : architectures);
  }

  private static Alternative alternative(SpecReader reader) {
    String name = reader.text("name", WORD, "a name like iptables");
    String link = path(reader, "link");
    List<Choice> choices =
        reader.objects("choices").stream()
            .map(
                each -> {
                  String target = path(each, "path");
                  int priority = each.number("priority", 0, 0, 1_000_000);
                  SortedMap<String, String> slaves = each.textMap("slaves");
                  each.end();
                  return new Choice(target, priority, slaves);
                })
            .toList();
    if (choices.isEmpty()) {
      reader.problem("choices", "none", "at least one choice");
    }
    reader.end();
    return new Alternative(name, link, choices);
  }

  private static User user(SpecReader reader) {
    String name = reader.text("name", ACCOUNT, "an account name");
    int uid = reader.number("uid", -1, 0, 65_535);
    int gid = reader.number("gid", -1, 0, 65_535);
    String home = reader.optionalText("home").orElse("/nonexistent");
    String shell = reader.optionalText("shell").orElse("/usr/sbin/nologin");
    reader.end();
    return new User(name, uid, gid, home, shell);
  }

  private static Group group(SpecReader reader) {
    String name = reader.text("name", ACCOUNT, "a group name");
    int gid = reader.number("gid", -1, 0, 65_535);
    reader.end();
    return new Group(name, gid);
  }

  private static Directory directory(SpecReader reader) {
    String path = path(reader, "path");
    int mode = mode(reader, "mode", 0755);
    int uid = reader.number("uid", 0, 0, 65_535);
    int gid = reader.number("gid", 0, 0, 65_535);
    reader.end();
    return new Directory(path, mode, uid, gid);
  }

  private static Link link(SpecReader reader) {
    String path = path(reader, "path");
    String to = reader.text("to", Pattern.compile("\\S.*"), "the target of the link");
    reader.end();
    return new Link(path, to);
  }

  private static Config config(SpecReader reader, String name) {
    List<String> entrypoint =
        reader.texts("entrypoint").stream().map(each -> each.replace("{name}", name)).toList();
    List<String> command = reader.texts("command");
    List<String> environment = reader.texts("environment");
    environment.stream()
        .filter(each -> each.indexOf('=') <= 0)
        .forEach(each -> reader.problem("environment", each, "NAME=value"));
    String user = reader.optionalText("user").orElse("0");
    String workingDirectory = reader.optionalText("workingDirectory").orElse("/");
    reader.end();
    return new Config(entrypoint, command, environment, user, workingDirectory);
  }

  private static final Pattern RELATIVE =
      Pattern.compile("(?!/)(?!(?:.*/)?\\.\\.(?:/|$)).+", Pattern.DOTALL);

  private static final Pattern ABSOLUTE =
      Pattern.compile("/(?!/)(?!(?:.*/)?\\.\\.?(?:/|$))(?!.*//).*[^/]", Pattern.DOTALL);

  private static String path(SpecReader reader, String key) {
    return reader.text(key, ABSOLUTE, "an absolute path without . or .. in it");
  }

  private static Optional<String> pattern(
      SpecReader reader, String key, Pattern form, String want) {
    Optional<String> text = reader.optionalText(key);
    text.filter(each -> !form.matcher(each).matches())
        .ifPresent(each -> reader.problem(key, each, want));
    return text;
  }

  private static int mode(SpecReader reader, String key, int otherwise) {
    Optional<String> text = reader.optionalText(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    if (!text.get().matches("[0-7]{3,4}")) {
      reader.problem(key, text.get(), "an octal mode in quotes, like \"0755\"");
      return otherwise;
    }
    return Integer.parseInt(text.get(), 8);
  }
}
