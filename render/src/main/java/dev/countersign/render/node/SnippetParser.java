package dev.countersign.render.node;

import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.node.Owner.Principal;
import dev.countersign.render.node.Unit.DropIn;
import dev.countersign.render.os.Butane;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads a part of a machine's configuration, in Butane or in Ignition 3. Their fields differ in
 * spelling ({@code no_create_home}, {@code noCreateHome}) and in that Butane has contents inline.
 */
final class SnippetParser {
  private static final List<String> IGNITION =
      List.of("3.0.0", "3.1.0", "3.2.0", "3.3.0", "3.4.0", "3.5.0");

  private static final Pattern PATH = Pattern.compile("(?:/(?!\\.{1,2}(?:/|$))[^/\\p{Cntrl}]+)+");
  private static final Pattern UNIT =
      Pattern.compile(
          "[A-Za-z0-9:_.@\\\\-]+\\.(?:service|socket|device|mount|automount|swap|target|path|timer"
              + "|slice|scope)");
  private static final Pattern DROP_IN = Pattern.compile("[^/\\p{Cntrl}]+\\.conf");
  private static final Pattern HASH = Pattern.compile("sha256-[0-9a-f]{64}|sha512-[0-9a-f]{128}");
  private static final String NOT_CARRIED = "what a snippet does not carry";
  private static final String CARRIED =
      "units with drop-ins, files, directories, links and users alone";

  private final boolean ignition;

  private SnippetParser(boolean ignition) {
    this.ignition = ignition;
  }

  /**
   * Reads a snippet.
   *
   * @param butane the variant that the machine is written in
   */
  static ParseResult<NodeConfig> parse(String text, Butane butane) {
    return Fields.read(
        text,
        Documents.LONGEST_SETTINGS,
        fields -> {
          List<String> names = fields.names();
          boolean ignition = names.contains("ignition") && !names.contains("variant");
          return new SnippetParser(ignition).config(fields, butane);
        });
  }

  private Optional<NodeConfig> config(Fields fields, Butane butane) {
    if (ignition) {
      Fields meta = fields.child("ignition");
      meta.requiredChoice("version", IGNITION, Function.identity());
      notCarried(meta, "config", "proxy", "security", "timeouts");
      meta.end();
    } else {
      fields.constant("variant", butane.variant());
      fields.requiredChoice("version", butane.snippetVersions(), Function.identity());
      notCarried(fields, "ignition");
    }
    notCarried(fields, "boot_device", "grub", key("kernel_arguments"));
    Fields systemd = fields.child("systemd");
    List<Unit> units = systemd.children("units").stream().map(this::unit).toList();
    systemd.end();
    Map<String, String> paths = new HashMap<>();
    Fields storage = fields.child("storage");
    notCarried(storage, "disks", "filesystems", "luks", "raid", "trees");
    List<NodeDirectory> directories = nodes(storage, "directories", paths, this::directory);
    List<NodeFile> files = nodes(storage, "files", paths, this::file);
    List<NodeLink> links = nodes(storage, "links", paths, this::link);
    storage.end();
    Fields passwd = fields.child("passwd");
    notCarried(passwd, "groups");
    List<NodeUser> users = passwd.children("users").stream().map(this::user).toList();
    passwd.end();
    unique(systemd, "units", units.stream().map(Unit::name).toList());
    unique(passwd, "users", users.stream().map(NodeUser::name).toList());
    return fields.errorCount() > 0
        ? Optional.empty()
        : Optional.of(new NodeConfig(units, directories, files, links, users));
  }

  /** Returns a field as the format spells it. */
  private String key(String butane) {
    return ignition ? camelCase(butane) : butane;
  }

  /** Returns a field of Butane's as Ignition spells it. */
  static String camelCase(String butane) {
    StringBuilder name = new StringBuilder();
    for (String word : butane.split("_", -1)) {
      name.append(
          name.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return name.toString();
  }

  private static void notCarried(Fields fields, String... names) {
    List<String> there = fields.names();
    for (String name : names) {
      if (there.contains(name) && fields.has(name)) {
        fields.wrong(name, NOT_CARRIED, CARRIED);
      }
    }
  }

  private static void unique(Fields parent, String list, List<String> names) {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Integer before = first.putIfAbsent(names.get(i), i);
      if (before != null && !names.get(i).isEmpty()) {
        parent.wrong(
            list + "[" + i + "]",
            SafeText.quote(names.get(i)) + " as in " + parent.at(list) + "[" + before + "]",
            "each name once");
      }
    }
  }

  private Unit unit(Fields fields) {
    String name =
        fields
            .required(
                "name",
                "the name of a systemd unit, such as ntp.service",
                Fields.matching(UNIT.asMatchPredicate()))
            .orElse("");
    Optional<String> contents = fields.text("contents", "the text of a unit");
    List<DropIn> dropIns = fields.children("dropins").stream().map(this::dropIn).toList();
    unique(fields, "dropins", dropIns.stream().map(DropIn::name).toList());
    Unit unit = new Unit(name, fields.truth("enabled"), fields.truth("mask"), contents, dropIns);
    notCarried(fields, "contents_local");
    fields.end();
    return unit;
  }

  private DropIn dropIn(Fields fields) {
    String name =
        fields
            .required(
                "name",
                "the name of a drop-in, such as 10-limits.conf",
                Fields.matching(DROP_IN.asMatchPredicate()))
            .orElse("");
    String contents = fields.required("contents", "the text of a drop-in");
    notCarried(fields, "contents_local");
    fields.end();
    return new DropIn(name, contents);
  }

  /** Reads what has a path, which is there once in the three lists. */
  private <T> List<T> nodes(
      Fields storage, String list, Map<String, String> paths, BiFunction<Fields, String, T> read) {
    return storage.children(list).stream()
        .map(
            fields -> {
              Optional<String> path =
                  fields.required(
                      "path",
                      "an absolute path without . and ..",
                      Fields.matching(PATH.asMatchPredicate()));
              path.ifPresent(
                  text -> {
                    String first = paths.putIfAbsent(text, fields.at("path"));
                    if (first != null) {
                      fields.wrong(
                          "path", SafeText.quote(text) + " as in " + first, "each path once");
                    }
                  });
              T node = read.apply(fields, path.orElse(""));
              fields.end();
              return node;
            })
        .toList();
  }

  private NodeFile file(Fields fields, String path) {
    Optional<FileContents> contents = contents(fields.child("contents"));
    List<FileContents> append =
        fields.children("append").stream().flatMap(each -> contents(each).stream()).toList();
    Optional<Boolean> overwrite = fields.truth("overwrite");
    if (overwrite.orElse(false) && contents.isEmpty()) {
      fields.missing("contents", "contents, as overwrite is true");
    }
    return new NodeFile(path, mode(fields), overwrite, owner(fields), contents, append);
  }

  private Optional<FileContents> contents(Fields fields) {
    Optional<String> source = fields.text("source", "a URL");
    Optional<String> compression =
        fields.choice("compression", List.of("gzip"), Function.identity());
    Fields verification = fields.child("verification");
    Optional<String> hash =
        verification.parsed(
            "hash", "sha256- or sha512- and the digits", Fields.matching(HASH.asMatchPredicate()));
    verification.end();
    notCarried(fields, "local", key("http_headers"));
    Optional<String> inline =
        ignition
            ? Optional.empty()
            : fields
                .text("inline", "a text")
                .or(() -> fields.names().contains("inline") ? Optional.of("") : Optional.empty());
    fields.end();
    if (inline.isPresent() && (source.isPresent() || compression.isPresent() || hash.isPresent())) {
      fields.wrong(
          "inline",
          "a text beside source, compression or verification",
          "one of inline and source");
    }
    return inline
        .<FileContents>map(FileContents::inline)
        .or(
            () ->
                source.map(url -> new FileContents.Source(SecretText.of(url), compression, hash)));
  }

  private NodeDirectory directory(Fields fields, String path) {
    return new NodeDirectory(path, mode(fields), fields.truth("overwrite"), owner(fields));
  }

  private NodeLink link(Fields fields, String path) {
    return new NodeLink(
        path,
        fields.required("target", "what the link leads to"),
        fields.truth("hard"),
        fields.truth("overwrite"),
        owner(fields));
  }

  private Optional<Integer> mode(Fields fields) {
    return fields.number(
        "mode",
        0,
        0777,
        ignition
            ? "a mode in decimal, at most 511, which is 0777"
            : "a mode in octal such as 0644, at most 0777");
  }

  private static Owner owner(Fields fields) {
    return new Owner(principal(fields.child("user")), principal(fields.child("group")));
  }

  private static Principal principal(Fields fields) {
    Principal principal =
        new Principal(
            fields.number("id", 0, Integer.MAX_VALUE), fields.text("name", "the name of an owner"));
    fields.end();
    return principal;
  }

  private NodeUser user(Fields fields) {
    SortedMap<String, String> texts = new TreeMap<>();
    NodeUser.TEXTS.forEach(
        name -> fields.text(key(name), "a text").ifPresent(text -> texts.put(name, text)));
    SortedMap<String, Boolean> flags = new TreeMap<>();
    NodeUser.FLAGS.forEach(
        name -> fields.truth(key(name)).ifPresent(flag -> flags.put(name, flag)));
    NodeUser user =
        new NodeUser(
            fields.required("name", "the name of a user"),
            fields.texts(key("ssh_authorized_keys"), "an OpenSSH public key"),
            fields.texts("groups", "the name of a group"),
            fields.text(key("password_hash"), "a hash of crypt(3)").map(SecretText::of),
            fields.number("uid", 0, Integer.MAX_VALUE),
            texts,
            flags);
    notCarried(fields, "ssh_authorized_keys_local", key("should_exist"));
    fields.end();
    return user;
  }
}
