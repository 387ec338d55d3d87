package dev.countersign.scenarios.realnode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a demo could leave on this host, by kind, each as sorted lines.
 *
 * @param kinds mounts, control groups, packet filter, addresses, names of network namespaces, files
 */
record HostTraces(Map<String, List<String>> kinds) {
  private static final String CONTROL_GROUPS = "control groups";

  /**
   * Directories whose entries are looked at, where a container runtime or the demo may leave some.
   */
  private static final List<String> DIRECTORYS =
      List.of(
          "/dev/shm",
          "/run/netns",
          "/run/countersign",
          "/run/containerd",
          "/var/lib/cni",
          "/var/lib/etcd",
          "/var/lib/kubelet",
          "/etc/kubernetes",
          "/opt/bootstrap");

  HostTraces {
    kinds = Map.copyOf(kinds);
  }

  /** Those that are there now. */
  static HostTraces now() throws IOException, InterruptedException {
    Map<String, List<String>> kinds = new TreeMap<>();
    kinds.put("mounts", Files.readAllLines(Path.of("/proc/self/mounts")));
    kinds.put(
        "packet filter", output("iptables-save").filter(line -> !line.contains("#")).toList());
    kinds.put(
        "addresses",
        output("ip", "-oneline", "address", "show")
            .map(line -> line.replaceAll(" valid_lft.*", ""))
            .toList());
    kinds.put("links", output("ip", "-oneline", "link", "show").map(HostTraces::link).toList());
    // find(1) does not mind that groups go while it looks.
    kinds.put(
        CONTROL_GROUPS,
        output("find", "/sys/fs/cgroup", "-type", "d")
            .filter(line -> line.startsWith("/"))
            .sorted()
            .toList());
    List<String> files = new ArrayList<>();
    for (String directory : DIRECTORYS) {
      files.addAll(entries(Path.of(directory), ""));
    }
    files.addAll(entries(Path.of(System.getProperty("java.io.tmpdir")), "countersign-demo-"));
    kinds.put("files", files);
    return new HostTraces(kinds);
  }

  /**
   * What is there now and was not before, and what has gone; but for control groups, as those of
   * others come and go all the time.
   */
  List<String> since(HostTraces before) {
    List<String> changes = new ArrayList<>();
    kinds.forEach(
        (kind, lines) -> {
          List<String> old = before.kinds().getOrDefault(kind, List.of());
          lines.stream()
              .filter(line -> !old.contains(line))
              .forEach(line -> changes.add("new in " + kind + ": " + line));
          if (!kind.equals(CONTROL_GROUPS)) {
            old.stream()
                .filter(line -> !lines.contains(line))
                .forEach(line -> changes.add("gone from " + kind + ": " + line));
          }
        });
    return changes;
  }

  private static String link(String line) {
    return line.split(" ", 3)[1];
  }

  private static List<String> entries(Path directory, String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(directory)) {
      return list.filter(path -> String.valueOf(path.getFileName()).startsWith(prefix))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private static Stream<String> output(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text.lines();
  }

  /**
   * The processes that were started with a variable in their environment, as {@code pid command}.
   * Containers get an environment of their own; they are found by their control group.
   */
  static List<String> processes(String variable, String group) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> list = Files.list(Path.of("/proc"))) {
      for (Path each :
          list.filter(path -> String.valueOf(path.getFileName()).matches("[0-9]+")).toList()) {
        if (read(each.resolve("environ")).contains(variable)
            || read(each.resolve("cgroup")).contains(group)) {
          found.add(each.getFileName() + " " + read(each.resolve("cmdline")).replace('\0', ' '));
        }
      }
    }
    return found;
  }

  /** A process's file; empty once the process has ended. */
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
