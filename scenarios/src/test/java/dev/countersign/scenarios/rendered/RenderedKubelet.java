package dev.countersign.scenarios.rendered;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What a machine's rendered kubelet.service says on the kubelet's command line. */
final class RenderedKubelet {
  /**
   * Directories, the runtime's socket, the machine's name and addresses: this machine has its own.
   */
  private static final Set<String> MOVED =
      Set.of(
          "--bootstrap-kubeconfig",
          "--config",
          "--container-runtime-endpoint",
          "--hostname-override",
          "--kubeconfig",
          "--node-ip");

  private RenderedKubelet() {}

  /**
   * The arguments behind the image.
   *
   * @param butane a rendered {@code nodes/NAME.yaml}
   */
  static List<String> arguments(Path butane) throws IOException {
    return Files.readString(butane)
        .lines()
        .map(String::strip)
        .dropWhile(line -> !line.startsWith("- name: kubelet.service"))
        .dropWhile(line -> !line.startsWith("${KUBELET_IMAGE}"))
        .skip(1)
        .takeWhile(line -> line.startsWith("--"))
        .map(line -> line.replaceAll("\\s*\\\\$", ""))
        .filter(argument -> !MOVED.contains(argument.replaceAll("=.*", "")))
        .map(RenderedKubelet::filled)
        .toList();
  }

  /** The platform's own variables, as its metadata service would fill them. */
  private static String filled(String argument) {
    return argument.replaceAll("\\$\\{[A-Z_]*ZONE}", "zone-1").replaceAll("\\$\\{[A-Z_]*}", "i-1");
  }
}
