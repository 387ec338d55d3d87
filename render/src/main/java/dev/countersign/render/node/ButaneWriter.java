package dev.countersign.render.node;

import dev.countersign.common.text.YamlText;
import dev.countersign.render.os.Butane;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes Butane (coreos.github.io/butane, fcos 1.4.0 and flatcar 1.0.0, both of Ignition 3.3.0),
 * and Container Linux Config, which differs in three places.
 */
final class ButaneWriter {
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
      writer.units(config.units());
    }
    writer.storage(config);
    if (!config.sshAuthorizedKeys().isEmpty()) {
      writer.lines.add("passwd:");
      writer.lines.add("  users:");
      writer.lines.add("    - name: core");
      writer.lines.add("      ssh_authorized_keys:");
      config
          .sshAuthorizedKeys()
          .forEach(key -> writer.lines.add("        - " + YamlText.quoted(key)));
    }
    return String.join("\n", writer.lines) + "\n";
  }

  private void header(Butane butane) {
    lines.add("variant: " + butane.variant());
    lines.add("version: " + butane.version());
  }

  private void units(List<Unit> units) {
    lines.add("systemd:");
    lines.add("  units:");
    for (Unit unit : units) {
      lines.add("    - name: " + unit.name());
      switch (unit.state()) {
        case ENABLED -> lines.add("      enabled: true");
        case MASKED -> lines.add("      mask: true");
        case STATIC -> {}
      }
      unit.contents().ifPresent(contents -> block("      contents", contents));
      if (!unit.dropIns().isEmpty()) {
        lines.add("      dropins:");
        for (Unit.DropIn dropIn : unit.dropIns()) {
          lines.add("        - name: " + dropIn.name());
          block("          contents", dropIn.contents());
        }
      }
    }
  }

  private void storage(NodeConfig config) {
    lines.add("storage:");
    if (!config.directories().isEmpty()) {
      lines.add("  directories:");
    }
    for (NodeConfig.Directory directory : config.directories()) {
      lines.add("    - path: " + directory.path());
      filesystem();
      lines.add("      mode: " + octal(directory.mode()));
    }
    lines.add("  files:");
    for (NodeFile file : config.files()) {
      lines.add("    - path: " + file.path());
      filesystem();
      lines.add("      mode: " + octal(file.mode()));
      if (file.overwrite()) {
        lines.add("      overwrite: true");
      }
      lines.add("      contents:");
      block("        inline", file.content());
    }
  }

  private void filesystem() {
    if (containerLinux) {
      lines.add("      filesystem: root");
    }
  }

  private void block(String key, String text) {
    String indent = " ".repeat(key.length() - key.stripLeading().length() + 2);
    lines.add(key + ": |");
    text.lines().forEach(line -> lines.add(line.isEmpty() ? "" : indent + line));
  }

  private static String octal(int mode) {
    return String.format(Locale.ROOT, "%04o", mode);
  }
}
