package dev.countersign.cli.demo.machine;

import dev.countersign.cli.controlplane.Binaries;
import dev.countersign.cli.demo.Scenario;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.image.plan.Architecture;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testbed.machine.DemoPart;
import dev.countersign.testbed.machine.HostCommand;
import dev.countersign.testbed.machine.MachineImages;
import dev.countersign.testbed.machine.MachineNamespace;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code demo --real-node}: two machines, one after the other, from their rendered Ignition files:
 * a controller that boots a control plane, and a worker with the approver on it. This process
 * prepares and concludes; each machine's part is told by a process in namespaces of its own.
 */
public final class RealNodeDemo {
  private static final Pattern ETCD_VERSION = Pattern.compile("etcd Version: (\\S+)");

  /** Runs the approver's Java runtime with its image's libraries while the image is made. */
  private static final String EMULATOR =
      "amd64".equals(System.getProperty("os.arch")) ? "qemu-x86_64-static" : "qemu-aarch64-static";

  private final Console console;
  private final Binaries kubernetes;
  private final Path home;
  private final Path cache;
  private final Path directory;
  private final long begin = System.nanoTime();

  /**
   * The demo.
   *
   * @param kubernetes gets the programs that the machines run
   * @param home of the checkout, with the image specs and {@code deploy/}
   * @param cache the user's, for images
   * @param directory of this run
   */
  public RealNodeDemo(Console console, Binaries kubernetes, Path home, Path cache, Path directory) {
    this.console = console;
    this.kubernetes = kubernetes;
    this.home = home;
    this.cache = cache;
    this.directory = directory;
  }

  /** Why there can be no real node here; empty where there can. */
  public static Optional<String> unavailable() throws IOException, InterruptedException {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> program :
        Map.of(
                "podman",
                "podman",
                "runc",
                "runc",
                "ip",
                "iproute2",
                "iptables",
                "iptables",
                "unshare",
                "util-linux",
                "mount",
                "mount",
                EMULATOR,
                "qemu-user-static")
            .entrySet()) {
      boolean there =
          Arrays.stream(new String[] {"/usr/sbin", "/usr/bin", "/sbin", "/bin"})
              .anyMatch(place -> Files.isExecutable(Path.of(place, program.getKey())));
      if (!there) {
        missing.add(program.getKey() + " (Debian package " + program.getValue() + ")");
      }
    }
    if (!Files.isDirectory(Path.of("/usr/lib/cni"))) {
      missing.add("/usr/lib/cni (Debian package containernetworking-plugins)");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      missing.add("root's rights");
    } else if (missing.isEmpty()) {
      MachineNamespace.unavailable().ifPresent(missing::add);
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "--real-node: got a machine with no "
                + String.join(", no ", missing)
                + "; want them all: install what is missing and run it as root, or run demo"
                + " without it");
  }

  /**
   * Outside: tells the whole story, part by part.
   *
   * @param remove the directory that goes in the end, with the demo's own in it
   */
  public ExitStatus run(Path remove)
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    // While there is still a network; inside there is none.
    KubernetesBinaries binaries = kubernetes.obtain();
    images(binaries);
    console.err().flush();
    Files.createDirectories(directory);
    try (Supervisor supervisor = binaries.startSupervisor(directory.resolve("supervise.log"));
        MachineNamespace machine = MachineNamespace.open(directory, remove, supervisor)) {
      for (DemoPart part : DemoPart.values()) {
        int status = machine.run(part);
        if (status != ExitStatus.OK.code()) {
          // The part has said why.
          return ExitStatus.INTERNAL;
        }
      }
      return conclude();
    }
  }

  private ExitStatus conclude() throws IOException {
    Findings findings = Findings.in(directory);
    Scenario story = new Scenario(console, findings.chapters());
    story.chapter("In short");
    Table table = Table.of("CHECK", "RESULT");
    findings.checks().forEach(check -> table.row(check.what(), check.shown()));
    table.row("time", "%.0f s".formatted((System.nanoTime() - begin) / 1e9));
    story.lines(table.lines());
    return findings.good() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  /** Inside: tells one part. */
  public ExitStatus run(DemoPart part)
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    KubernetesBinaries binaries = kubernetes.obtain();
    Findings findings = Findings.in(directory);
    Scenario story = new Scenario(console, findings.chapters());
    StorySetting setting =
        new StorySetting(
            console,
            story,
            findings,
            Files.createDirectories(directory.resolve(part.word())),
            binaries,
            images(binaries));
    switch (part) {
      case CONTROLLER -> new ControllerStory(setting).tell();
      case WORKER -> new WorkerStory(setting, home).tell();
    }
    findings.told(story.chapters());
    findings.write();
    return ExitStatus.OK;
  }

  private MachineImages images(KubernetesBinaries binaries)
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    Architecture architecture =
        "aarch64".equals(System.getProperty("os.arch")) ? Architecture.ARM64 : Architecture.AMD64;
    LocalImages local = new LocalImages(console, home, cache, binaries, architecture);
    String etcd = etcdVersion(binaries);
    Map<Program, Path> controlPlane = new EnumMap<>(Program.class);
    for (Program program : EnumSet.range(Program.ETCD, Program.KUBE_SCHEDULER)) {
      controlPlane.put(
          program,
          local.controlPlane(program, program == Program.ETCD ? etcd : binaries.version()));
    }
    return new MachineImages(
        local.kubelet(), local.approver(), local.tools(), controlPlane, etcd, local.containerd());
  }

  private static String etcdVersion(KubernetesBinaries binaries)
      throws ControlPlaneFailure, IOException, InterruptedException {
    String said = HostCommand.of(binaries.file(Program.ETCD).toString(), "--version").require();
    Matcher matcher = ETCD_VERSION.matcher(said);
    if (!matcher.find()) {
      throw new ControlPlaneFailure(
          "%s --version: got %s; want a line etcd Version: X.Y.Z"
              .formatted(binaries.file(Program.ETCD), said.lines().findFirst().orElse("nothing")));
    }
    return "v" + matcher.group(1);
  }
}
