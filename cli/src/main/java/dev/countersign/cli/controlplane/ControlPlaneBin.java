package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code controlplane bin}. */
@Command(
    name = "bin",
    description = {
      "Print the directory with kubectl, kubelet, kube-apiserver and the others; get them first"
          + " where they are not there."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  PATH=$(countersign controlplane bin):$PATH kubectl version"})
public final class ControlPlaneBin implements Callable<Integer> {
  private final Console console;

  @Mixin private KubernetesOption kubernetes = new KubernetesOption();

  ControlPlaneBin(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws ControlPlaneFailure, InterruptedException {
    KubernetesBinaries binaries = kubernetes.binaries(console).obtain();
    console.err().println("Kubernetes " + binaries.version() + ", " + binaries.source());
    console.out().println(binaries.directory());
    return 0;
  }
}
