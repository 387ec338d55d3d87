package dev.countersign.testbed.machine;

import dev.countersign.common.Bytes;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.file.FileMode;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A machine's file system, in the mount namespace of this process: what its Ignition file writes,
 * at its own paths over this host's directories, and the little that the operating system would
 * bring.
 */
public final class MachineDisk {
  /** Directory of the programs that stand in for what is not there, such as systemctl. */
  static final String PROGRAMS = "/run/demo/bin";

  /** Tells podman how to run containers here. */
  static final String CONTAINERS_CONF = "/run/demo/containers.conf";

  private static final Path STATE = Path.of("/run/demo/state");

  /** What {@code systemctl is-system-running} says. */
  public enum SystemState {
    RUNNING,
    STOPPING
  }

  private final MachinePlace place;
  private final IgnitionConfig config;
  private final Differences differences;

  private MachineDisk(MachinePlace place, IgnitionConfig config, Differences differences) {
    this.place = place;
    this.config = config;
    this.differences = differences;
  }

  /** Makes it. */
  public static MachineDisk make(MachinePlace place, IgnitionConfig config, Differences differences)
      throws IOException, ControlPlaneFailure, InterruptedException {
    MachineDisk disk = new MachineDisk(place, config, differences);
    ControlGroups groups = ControlGroups.ofHost();
    disk.mount(groups);
    disk.writeRendered(new HostAdaptations(groups.version(), differences));
    disk.writeOwn();
    return disk;
  }

  /** Says what state the system is in from now on. */
  public void system(SystemState state) throws IOException {
    Files.writeString(STATE, state.name().toLowerCase(Locale.ROOT) + "\n");
  }

  private void mount(ControlGroups groups)
      throws IOException, ControlPlaneFailure, InterruptedException {
    for (String part : List.of("containerd", "kubelet", "containers", "log")) {
      Files.createDirectories(
          place.directory().resolve(part),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    String script =
        """
        mkdir -p /run/demo/bin /run/overlay
        mount -t tmpfs -o mode=755 tmpfs /run/overlay
        for place in etc opt var/lib; do
          mkdir -p "/run/overlay/$place/upper" "/run/overlay/$place/work" "/$place"
          mount -t overlay -o \
        "lowerdir=/$place,upperdir=/run/overlay/$place/upper,workdir=/run/overlay/$place/work" \
        overlay "/$place"
        done
        # What this host has of them is not the machine's.
        rm -rf /etc/kubernetes /etc/etcd /etc/ssl/etcd /etc/cni /var/lib/etcd /var/lib/cni
        mkdir -p /etc/kubernetes /etc/cni/net.d /opt/cni/bin
        for place in kubelet containerd containers; do
          mkdir -p "/var/lib/$place"
          mount --bind "$1/$place" "/var/lib/$place"
        done
        mount --make-rshared /var/lib/kubelet
        mount --bind "$1/log" /var/log
        """
            + groups.mount();
    HostCommand.of("sh", "-ec", script, "sh", place.directory().toString()).require();
    Files.writeString(Path.of("/proc/sys/kernel/hostname"), place.name());
  }

  private void writeRendered(HostAdaptations bent) throws IOException {
    for (IgnitionConfig.Entry each : config.directories()) {
      Files.createDirectories(Path.of(each.path()));
      Files.setPosixFilePermissions(Path.of(each.path()), permissions(each.mode()));
    }
    for (IgnitionConfig.Entry each : config.files()) {
      Path path = Path.of(each.path());
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.deleteIfExists(path);
      AtomicFiles.write(path, bent.content(each), FileMode.SECRET);
      Files.setPosixFilePermissions(path, permissions(each.mode()));
    }
  }

  /** What the operating system would have, or what its network would bring. */
  private void writeOwn() throws IOException, ControlPlaneFailure, InterruptedException {
    replace(
        "/etc/hosts",
        "127.0.0.1 localhost\n%s %s%n"
            .formatted(place.address(), String.join(" ", withName(place.name(), place.hosts()))),
        0644);
    replace("/etc/resolv.conf", "# no names are looked up\noptions attempts:1\n", 0644);
    replace(
        "/etc/machine-id",
        HexFormat.of().formatHex(place.name().getBytes(StandardCharsets.UTF_8), 0, 1).repeat(16)
            + "\n",
        0444);
    Files.createDirectories(Path.of("/run/systemd/resolve"));
    replace("/run/systemd/resolve/resolv.conf", "options attempts:1\n", 0644);
    system(SystemState.RUNNING);
    replace(PROGRAMS + "/systemctl", "#!/bin/sh\ncat " + STATE + "\n", 0755);
    // runc and not crun, control groups without systemd, and no more than this host lets a
    // container have.
    replace(
        CONTAINERS_CONF,
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        runtime = "runc"
        """,
        0644);
    differences.add(
        "podman uses runc and cgroupfs and lets containers have 1,024 files open, told by a"
            + " containers.conf.");
    HostCommand.of("sh", "-ec", "cp /usr/lib/cni/* /opt/cni/bin/").require();
    replace(
        "/etc/cni/net.d/10-demo.conflist",
        """
        {"cniVersion": "0.4.0", "name": "demo", "plugins": [{"type": "ptp", "ipam":
          {"type": "host-local", "dataDir": "/run/cni", "ranges": [[{"subnet": "10.2.1.0/24"}]],
           "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """,
        0644);
  }

  private static List<String> withName(String name, List<String> hosts) {
    return Stream.concat(Stream.of(name), hosts.stream()).toList();
  }

  private static void replace(String file, String text, int mode) throws IOException {
    Path path = Path.of(file);
    Files.deleteIfExists(path);
    AtomicFiles.write(path, Bytes.ofUtf8(text), FileMode.SECRET);
    Files.setPosixFilePermissions(path, permissions(mode));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    StringBuilder letters = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      letters.append((mode >> bit & 1) == 1 ? "xwr".charAt(bit % 3) : '-');
    }
    return PosixFilePermissions.fromString(letters.toString());
  }
}
