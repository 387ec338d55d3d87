package dev.countersign.render.node;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.text.YamlText;
import dev.countersign.render.node.Owner.Principal;
import dev.countersign.render.os.Butane;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Writes Butane (coreos.github.io/butane, fcos 1.4.0 and flatcar 1.0.0, both of Ignition 3.3.0),
 * and Container Linux Config, which differs in three places.
 */
final class ButaneWriter {
  /** Names and paths that every YAML reader takes for themselves. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/][A-Za-z0-9/._@-]*\\.[a-z]{4,}");

  /** What a block scalar holds as it is, but for its indentation and its last line break. */
  private static final Pattern BLOCK =
      Pattern.compile("[!-~](?:[\\t -~\\n\\xa1-\\ud7ff]*[!-~\\xa1-\\ud7ff])?\\n?");

  private final boolean containerLinux;
  private final List<String> lines = new ArrayList<>();

  private ButaneWriter(boolean containerLinux) {
    this.containerLinux = containerLinux;
  }

  /**
   * Writes a machine.
   *
   * @param butane what to write; Container Linux Config where it is absent
   */
  static String write(NodeConfig config, Optional<Butane> butane) {
    ButaneWriter writer = new ButaneWriter(butane.isEmpty());
    butane.ifPresent(writer::header);
    if (!config.units().isEmpty()) {
      writer.lines.add("systemd:");
      writer.objects("units", config.units(), writer::unit);
    }
    writer.lines.add("storage:");
    writer.objects("directories", config.directories(), writer::directory);
    writer.objects("files", config.files(), writer::file);
    writer.objects("links", config.links(), writer::link);
    if (!config.users().isEmpty()) {
      writer.lines.add("passwd:");
      writer.objects("users", config.users(), writer::user);
    }
    return String.join("\n", writer.lines) + "\n";
  }

  private void header(Butane butane) {
    lines.add("variant: " + butane.variant());
    lines.add("version: " + butane.version());
  }

  /** Writes a list of objects, whose lines are indented for a list that is two levels deep. */
  private <T> void objects(String name, List<T> items, Consumer<T> item) {
    if (!items.isEmpty()) {
      lines.add("  " + name + ":");
      items.forEach(item);
    }
  }

  private void unit(Unit unit) {
    lines.add("    - name: " + name(unit.name()));
    truth("      enabled", unit.enabled());
    truth("      mask", unit.mask());
    unit.contents().ifPresent(contents -> block("      contents", contents));
    if (!unit.dropIns().isEmpty()) {
      lines.add("      dropins:");
      for (Unit.DropIn dropIn : unit.dropIns()) {
        lines.add("        - name: " + name(dropIn.name()));
        block("          contents", dropIn.contents());
      }
    }
  }

  private void directory(NodeDirectory directory) {
    node(directory.path(), directory.mode(), directory.overwrite(), directory.owner());
  }

  private void file(NodeFile file) {
    node(file.path(), file.mode(), file.overwrite(), file.owner());
    file.contents()
        .ifPresent(
            contents -> {
              lines.add("      contents:");
              contents("        ", "        ", contents);
            });
    if (!file.append().isEmpty()) {
      lines.add("      append:");
      file.append().forEach(contents -> contents("        - ", "          ", contents));
    }
  }

  private void contents(String first, String further, FileContents contents) {
    switch (contents) {
      case FileContents.Inline inline -> block(first + "inline", inline.reveal());
      case FileContents.Source source -> {
        lines.add(first + "source: " + YamlText.quoted(source.reveal()));
        source.compression().ifPresent(name -> lines.add(further + "compression: " + name));
        source
            .hash()
            .ifPresent(
                hash -> {
                  lines.add(further + "verification:");
                  lines.add(further + "  hash: " + hash);
                });
      }
    }
  }

  private void link(NodeLink link) {
    node(link.path(), Optional.empty(), link.overwrite(), link.owner());
    lines.add("      target: " + YamlText.scalar(link.target()));
    truth("      hard", link.hard());
  }

  private void node(String path, Optional<Integer> mode, Optional<Boolean> overwrite, Owner owner) {
    lines.add("    - path: " + YamlText.scalar(path));
    if (containerLinux) {
      lines.add("      filesystem: root");
    }
    mode.ifPresent(bits -> lines.add("      mode: " + String.format(Locale.ROOT, "%04o", bits)));
    truth("      overwrite", overwrite);
    principal("      user", owner.user());
    principal("      group", owner.group());
  }

  private void principal(String key, Principal principal) {
    if (!principal.equals(Principal.UNSET)) {
      lines.add(key + ":");
      principal.id().ifPresent(id -> lines.add("        id: " + id));
      principal.name().ifPresent(name -> lines.add("        name: " + YamlText.scalar(name)));
    }
  }

  private void user(NodeUser user) {
    lines.add("    - name: " + YamlText.scalar(user.name()));
    user.passwordHash()
        .map(hash -> hash.reveal(SecretAccess.because("written into a node's configuration")))
        .ifPresent(hash -> lines.add("      password_hash: " + YamlText.quoted(hash)));
    texts("      ssh_authorized_keys", user.sshAuthorizedKeys());
    user.uid().ifPresent(uid -> lines.add("      uid: " + uid));
    texts("      groups", user.groups());
    user.texts().forEach((name, text) -> lines.add("      " + name + ": " + YamlText.quoted(text)));
    user.flags().forEach((name, flag) -> lines.add("      " + name + ": " + flag));
  }

  private void texts(String key, List<String> texts) {
    if (!texts.isEmpty()) {
      lines.add(key + ":");
      texts.forEach(text -> lines.add("        - " + YamlText.quoted(text)));
    }
  }

  private void truth(String key, Optional<Boolean> truth) {
    truth.ifPresent(value -> lines.add(key + ": " + value));
  }

  private static String name(String text) {
    return NAME.matcher(text).matches() ? text : YamlText.quoted(text);
  }

  /** Writes a text of lines as such, any other in quotes. */
  private void block(String key, String text) {
    if (!BLOCK.matcher(text).matches()) {
      lines.add(key + ": " + YamlText.quoted(text));
      return;
    }
    String indent = " ".repeat(key.lastIndexOf(' ') + 3);
    lines.add(key + ": |" + (text.endsWith("\n") ? "" : "-"));
    text.lines().forEach(line -> lines.add(line.isEmpty() ? "" : indent + line));
  }
}
