package dev.countersign.testbed.machine;

import dev.countersign.common.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The few rendered files that say what a host without systemd and SELinux can't do, changed as
 * little as it takes. A change whose line is not there any more is an error, so that none outlives
 * its reason.
 */
public final class HostAdaptations {
  private final ControlGroups.Version groups;
  private final Differences differences;

  /**
   * Changes files for a host.
   *
   * @param groups its control groups
   * @param differences are told what was changed
   */
  public HostAdaptations(ControlGroups.Version groups, Differences differences) {
    this.groups = groups;
    this.differences = differences;
  }

  /** A rendered file's content, as it is written. */
  public Bytes content(IgnitionConfig.Entry file) {
    String text = new String(file.content().toByteArray(), StandardCharsets.UTF_8);
    return switch (file.path()) {
      case "/etc/kubernetes/kubelet.yaml" -> Bytes.ofUtf8(kubelet(file.path(), text));
      case "/etc/containerd/config.toml" -> Bytes.ofUtf8(containerd(file.path(), text));
      case "/etc/kubernetes/delete-node" -> {
        differences.add(
            "runc knows no --cgroups disabled, so delete-node's kubectl is without it.");
        yield Bytes.ofUtf8(replaced(file.path(), text, " *--cgroups disabled \\\\\n", ""));
      }
      case "/opt/bootstrap/layout" -> {
        differences.add("There is no SELinux, so layout is without its chcon.");
        yield Bytes.ofUtf8(replaced(file.path(), text, "chcon .*\n", ""));
      }
      default -> file.content();
    };
  }

  private String kubelet(String path, String text) {
    differences.add(
        "There is no systemd: cgroupDriver is cgroupfs, shutdownGracePeriod is 0, and the units'"
            + " commands are run by the demo. Nothing turns swap off, so failSwapOn is false.");
    String bent = replaced(path, text, "cgroupDriver:.*$", "cgroupDriver: cgroupfs");
    bent = replaced(path, bent, "shutdownGracePeriod\\w*:.*\n", "") + "failSwapOn: false\n";
    if (groups == ControlGroups.Version.TWO) {
      return bent;
    }
    differences.add("This host has control groups of version 1, so failCgroupV1 is false.");
    return bent + "failCgroupV1: false\n";
  }

  private String containerd(String path, String text) {
    differences.add(
        "containerd's SystemdCgroup and enable_selinux are false, and restrict_oom_score_adj is"
            + " true; its sandbox image is the demo's own.");
    String bent = replaced(path, text, " *SystemdCgroup = true$", "SystemdCgroup = false");
    bent =
        replaced(
            path,
            bent,
            " *enable_selinux = true$",
            "enable_selinux = false\nrestrict_oom_score_adj = true\nsandbox_image = \""
                + MachineImages.TOOLS
                + "\"");
    return replaced(path, bent, " *oom_score = .*$", "oom_score = 0");
  }

  /** Replaces every match that begins a line. */
  private static String replaced(String path, String text, String lines, String by) {
    Matcher matcher = Pattern.compile("^" + lines, Pattern.MULTILINE).matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException(
          "%s: got no line %s; want one, as it is changed here: change the demo with what is rendered"
              .formatted(path, lines));
    }
    return matcher.replaceAll(Matcher.quoteReplacement(by));
  }
}
