package dev.countersign.cli.demo;

import dev.countersign.cli.controlplane.KubernetesOption;
import dev.countersign.cli.demo.machine.RealNodeDemo;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.cluster.TemporaryDirectory;
import dev.countersign.testbed.machine.MachineNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}. */
@Command(
    name = "demo",
    description = {
      "The whole story on a real Kubernetes control plane on this machine: render a cluster, boot"
          + " it, start the approver, join nodes, rotate their certificates, and attack it as a"
          + " compromised node would. Ends everything it started."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign demo",
      "  countersign demo --nodes 20",
      "  countersign demo --kubernetes 1.34",
      "  countersign demo --keep --dir /tmp/cluster",
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int MOST_NODES = 100;

  private final Console console;

  @Mixin private KubernetesOption kubernetes = new KubernetesOption();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "5",
      description =
          "How many nodes join, 2 to 100; one is a real kubelet where this user is root."
              + " Default: ${DEFAULT-VALUE}.")
  private int nodes = 5;

  @Option(
      names = "--keep",
      description = "Leave the control plane running and print how to use and how to stop it.")
  private boolean keep;

  @Option(
      names = "--real-node",
      description =
          "Two whole machines instead: containerd, runc, the kubelet in the project's own image by"
              + " the rendered units; the control plane as static pods on one, the approver as pods"
              + " on the other. Root, Linux; about three minutes once the images are built.")
  private boolean realNode;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Its directory. Default: a new one in the directory for temporary files.")
  private @Nullable Path directory;

  DemoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call()
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    if (nodes < 2 || nodes > MOST_NODES) {
      throw CliException.usage(
          "--nodes: got " + nodes + "; want 2 to " + MOST_NODES + ": an attack needs a victim");
    }
    if (realNode) {
      return realNode();
    }
    if (UserNamespace.wanted()) {
      if (keep) {
        throw CliException.environment(
            "--keep: got it from a user that is not root; want root, as this user's demo runs in a"
                + " network namespace that ends with it: run it without --keep, or with sudo, or"
                + " use countersign controlplane up, which needs no root");
      }
      // While there is still a network; inside there is none.
      kubernetes.binaries(console).obtain();
      console.err().flush();
      throw UserNamespace.enter();
    }
    try (Demo demo =
        new Demo(
            console, kubernetes.binaries(console), nodes, keep, Optional.ofNullable(directory))) {
      return (demo.run() ? ExitStatus.OK : ExitStatus.REFUSED).code();
    }
  }

  private static Path cacheDirectory() {
    String named = System.getenv("XDG_CACHE_HOME");
    Path base =
        named != null && named.startsWith("/")
            ? Path.of(named)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("countersign").resolve("demo");
  }

  private int realNode()
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    Optional<String> why = RealNodeDemo.unavailable();
    if (why.isPresent()) {
      throw CliException.environment(why.get());
    }
    if (keep) {
      throw CliException.usage(
          "--keep: got it with --real-node; want one of them, as the machine's namespaces end with"
              + " the demo");
    }
    Path home = Path.of(System.getProperty("countersign.home", "")).toAbsolutePath();
    Path cache = cacheDirectory();
    if (MachineNamespace.entered()) {
      MachineNamespace.settle();
      return new RealNodeDemo(
              console, kubernetes.binaries(console), home, cache, MachineNamespace.directory())
          .run(MachineNamespace.part())
          .code();
    }
    try (TemporaryDirectory temporary =
        TemporaryDirectory.in(Path.of(System.getProperty("java.io.tmpdir")))) {
      return new RealNodeDemo(
              console, kubernetes.binaries(console), home, cache, temporary.cluster())
          .run(temporary.root())
          .code();
    }
  }
}
