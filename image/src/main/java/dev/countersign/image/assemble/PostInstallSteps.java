package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Does by explicit steps what maintainer scripts would have done and what matters in a container.
 * None of the packages' scripts runs: they would need a running system of the right architecture,
 * and what they do depends on it. {@code docs/image-security.md} lists the steps, and what is left
 * out.
 */
final class PostInstallSteps {
  private static final String STEP = "setup";
  private static final List<String> MERGED =
      List.of("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin");

  private final RootFilesystem tree;
  private final ImageSpec spec;
  private final Architecture architecture;
  private final Instant epoch;

  PostInstallSteps(RootFilesystem tree, ImageSpec spec, Architecture architecture, Instant epoch) {
    this.tree = tree;
    this.spec = spec;
    this.architecture = architecture;
    this.epoch = epoch;
  }

  /**
   * Before packages are put in: links that base-files' script makes, which others' files go
   * through.
   */
  static void prepare(RootFilesystem tree) {
    tree.addDirectory("run", new RootFilesystem.Node.Directory(0755, 0, 0), STEP);
    tree.addDirectory("run/lock", new RootFilesystem.Node.Directory(01777, 0, 0), STEP);
    tree.add("var/run", new RootFilesystem.Node.Symlink("/run", 0, 0), STEP, Set.of());
    tree.add("var/lock", new RootFilesystem.Node.Symlink("/run/lock", 0, 0), STEP, Set.of());
  }

  /** After all packages are in. */
  void run() throws IOException {
    mergeUsr();
    baseFiles();
    accounts();
    alternatives();
    new Certificates(tree, epoch).write();
    directories();
    links();
    new Libraries(tree, architecture).writeCache();
  }

  /** base-files, usr-is-merged: /bin, /sbin, /lib* are links into /usr. */
  private void mergeUsr() {
    for (String name : MERGED) {
      if (tree.get("usr/" + name).isPresent() && tree.get(name).isEmpty()) {
        tree.add(name, new RootFilesystem.Node.Symlink("usr/" + name, 0, 0), STEP, Set.of());
      }
    }
  }

  /** The scripts of base-files and libc-bin: default files and directories. */
  private void baseFiles() throws IOException {
    copy("usr/share/base-files/profile", "etc/profile");
    copy("usr/share/base-files/dot.profile", "root/.profile");
    copy("usr/share/base-files/dot.bashrc", "root/.bashrc");
    copy("usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf");
    if (tree.exists("usr/share/base-files")) {
      for (String path : List.of("mnt", "srv", "opt", "media", "usr/local/bin", "usr/local/sbin")) {
        tree.addDirectory(path, new RootFilesystem.Node.Directory(0755, 0, 0), STEP);
      }
      if (tree.get("etc/dpkg/origins/default").isEmpty()) {
        tree.set("etc/dpkg/origins/default", new RootFilesystem.Node.Symlink("debian", 0, 0), STEP);
      }
    }
  }

  private void copy(String from, String to) throws IOException {
    if (tree.get(to).isEmpty() && tree.read(from).isPresent()) {
      write(to, 0644, tree.read(from).orElseThrow());
    }
  }

  /** base-passwd's script, shadowconfig, and the accounts that other scripts or the spec add. */
  private void accounts() throws IOException {
    Map<Integer, String> users = new TreeMap<>();
    Map<Integer, String> groups = new TreeMap<>();
    String root = "root:*:0:0:root:/root:/bin/bash\n";
    for (String line :
        tree.readText("usr/share/base-passwd/passwd.master").orElse(root).lines().toList()) {
      String[] fields = line.split(":", -1);
      if (fields.length == 7) {
        fields[1] = "x";
        users.put(Integer.parseInt(fields[2]), String.join(":", fields));
      }
    }
    for (String line :
        tree.readText("usr/share/base-passwd/group.master")
            .orElse("root:*:0:\n")
            .lines()
            .toList()) {
      String[] fields = line.split(":", -1);
      if (fields.length == 4) {
        fields[1] = "x";
        groups.put(Integer.parseInt(fields[2]), String.join(":", fields));
      }
    }
    for (ImageSpec.User each : spec.users()) {
      String line =
          String.join(
              ":",
              each.name(),
              "x",
              Integer.toString(each.uid()),
              Integer.toString(each.gid()),
              "",
              each.home(),
              each.shell());
      addAccount("users", users, each.uid(), each.name(), line);
    }
    for (ImageSpec.Group each : spec.groups()) {
      addAccount("groups", groups, each.gid(), each.name(), each.name() + ":x:" + each.gid() + ":");
    }
    long day = epoch.getEpochSecond() / 86_400;
    write("etc/passwd", 0644, lines(users, Function.identity()));
    write("etc/group", 0644, lines(groups, Function.identity()));
    int shadow = tree.exists("usr/share/base-passwd") ? 42 : 0;
    file(
        "etc/shadow",
        0640,
        shadow,
        lines(users, line -> line.substring(0, line.indexOf(':')) + ":*:" + day + ":0:99999:7:::"));
    file(
        "etc/gshadow",
        0640,
        shadow,
        lines(groups, line -> line.substring(0, line.indexOf(':')) + ":*::"));
  }

  private static void addAccount(
      String key, Map<Integer, String> accounts, int id, String name, String line) {
    String there = accounts.putIfAbsent(id, line);
    boolean twice =
        accounts.values().stream().filter(each -> each.startsWith(name + ":")).count() > 1;
    if (there != null || twice) {
      throw new ImageException(
          "spec." + key, name + " with id " + id, "a name and an id that no other account has");
    }
  }

  private static byte[] lines(Map<Integer, String> accounts, Function<String, String> form) {
    // In order of ids, which is the order of Debian's own file but for "nobody".
    return accounts.values().stream()
        .map(form)
        .collect(java.util.stream.Collectors.joining("\n", "", "\n"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** update-alternatives: the links, and its own records so that it can change them later. */
  private void alternatives() {
    for (ImageSpec.Alternative each : spec.alternatives()) {
      List<ImageSpec.Choice> choices =
          each.choices().stream().filter(choice -> tree.exists(choice.path())).toList();
      ImageSpec.Choice best =
          choices.stream()
              .max(Comparator.comparingInt(ImageSpec.Choice::priority))
              .orElseThrow(
                  () ->
                      new ImageException(
                          "spec.alternatives " + each.name(),
                          "none of its choices in the image",
                          "at least one"));
      alternative(each.name(), each.link(), best.path());
      var slaveLinks = new TreeMap<String, String>();
      for (ImageSpec.Choice choice : choices) {
        choice.slaves().keySet().forEach(link -> slaveLinks.put(name(link), link));
      }
      best.slaves()
          .forEach(
              (link, target) -> {
                if (!tree.exists(target)) {
                  throw new ImageException(
                      "spec.alternatives " + each.name(), target + " missing", "a slave's target");
                }
                alternative(name(link), link, target);
              });
      var record = new ArrayList<String>(List.of("auto", each.link()));
      slaveLinks.forEach((name, link) -> record.addAll(List.of(name, link)));
      record.add("");
      for (ImageSpec.Choice choice :
          choices.stream().sorted(Comparator.comparing(ImageSpec.Choice::path)).toList()) {
        record.add(choice.path());
        record.add(Integer.toString(choice.priority()));
        slaveLinks.values().forEach(link -> record.add(choice.slaves().getOrDefault(link, "")));
      }
      record.add("");
      write(
          "var/lib/dpkg/alternatives/" + each.name(),
          0644,
          (String.join("\n", record) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void alternative(String name, String link, String target) {
    tree.addDirectory("etc/alternatives", new RootFilesystem.Node.Directory(0755, 0, 0), STEP);
    tree.set("etc/alternatives/" + name, new RootFilesystem.Node.Symlink(target, 0, 0), STEP);
    tree.set(link, new RootFilesystem.Node.Symlink("/etc/alternatives/" + name, 0, 0), STEP);
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** chown, chmod and mkdir of scripts and statoverrides, as the spec lists them. */
  private void directories() {
    for (ImageSpec.Directory each : spec.directories()) {
      String path = tree.resolve(each.path());
      RootFilesystem.Node node =
          switch (tree.get(path).orElse(null)) {
            case RootFilesystem.Node.Regular file ->
                new RootFilesystem.Node.Regular(each.mode(), each.uid(), each.gid(), file.inode());
            case null, default ->
                new RootFilesystem.Node.Directory(each.mode(), each.uid(), each.gid());
          };
      tree.set(path, node, STEP);
    }
  }

  private void links() {
    for (ImageSpec.Link each : spec.links()) {
      tree.add(each.path(), new RootFilesystem.Node.Symlink(each.to(), 0, 0), STEP, Set.of());
    }
  }

  private void write(String path, int mode, byte[] content) {
    file(path, mode, 0, content);
  }

  private void file(String path, int mode, int gid, byte[] content) {
    tree.set(
        path,
        new RootFilesystem.Node.Regular(
            mode, 0, gid, new RootFilesystem.Inode(RootFilesystem.Content.of(content))),
        STEP);
  }
}
