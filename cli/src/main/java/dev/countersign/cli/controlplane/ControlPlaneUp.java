package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.common.command.CliException;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code controlplane up}. */
@Command(
    name = "up",
    description = {
      "Start etcd, kube-apiserver and kube-controller-manager in the background and print the path"
          + " of the administrator's kubeconfig. Every directory gets an address of its own, so"
          + " several run side by side."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  export KUBECONFIG=$(countersign controlplane up --dir /tmp/cluster)",
      "  countersign controlplane up --dir /tmp/older --kubernetes 1.34",
    })
public final class ControlPlaneUp implements Callable<Integer> {
  private final Console console;

  @Mixin private KubernetesOption kubernetes = new KubernetesOption();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description =
          "Its directory: keys, data, logs. Made when missing; emptied of an earlier one.")
  private Path directory = Path.of(".");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Of the API server. Default: 6443, on a loopback address of its own.")
  private @Nullable Integer port;

  @Option(names = "--scheduler", description = "Run kube-scheduler, too.")
  private boolean scheduler;

  @Option(
      names = "--durable",
      description = "Let etcd wait for the disk: data survive a crash of the machine; slower.")
  private boolean durable;

  ControlPlaneUp(Console console) {
    this.console = console;
  }

  @Override
  public Integer call()
      throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    if (port != null && (port < 1 || port > 65535)) {
      throw CliException.usage("--port: got " + port + "; want 1 to 65535");
    }
    KubernetesBinaries binaries = kubernetes.binaries(console).obtain();
    Set<Component> components = EnumSet.of(Component.CONTROLLER_MANAGER);
    if (scheduler) {
      components.add(Component.SCHEDULER);
    }
    try (Progress progress = Progress.start(console, "Starting Kubernetes " + binaries.version());
        ControlPlane plane =
            ControlPlane.start(
                new ControlPlaneOptions(
                    directory,
                    port == null ? OptionalInt.empty() : OptionalInt.of(port),
                    components,
                    durable,
                    Map.of(),
                    progress::update),
                binaries,
                RenderedFiles.small())) {
      plane.detach();
      progress.done("ready at " + plane.server());
      console.out().println(plane.layout().adminKubeconfig());
    }
    return 0;
  }
}
