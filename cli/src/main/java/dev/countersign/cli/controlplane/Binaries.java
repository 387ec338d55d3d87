package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.BinaryOptions;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import java.util.Optional;

/** Gets Kubernetes' binaries and tells how far that is. */
public final class Binaries {
  private final Console console;
  private final Optional<KubernetesVersion> version;

  Binaries(Console console, Optional<KubernetesVersion> version) {
    this.console = console;
    this.version = version;
  }

  /** As the process's environment asks; progress is shown only where it takes more than a look. */
  public KubernetesBinaries obtain() throws ControlPlaneFailure, InterruptedException {
    LazyProgress progress = new LazyProgress(console);
    BinaryOptions options = BinaryOptions.fromEnvironment(System.getenv(), progress::update);
    boolean found = false;
    try {
      KubernetesBinaries binaries =
          KubernetesBinaries.obtain(version.map(options::withKubernetes).orElse(options));
      found = true;
      progress.done(binaries.version() + ", " + binaries.source());
      return binaries;
    } finally {
      if (!found) {
        progress.close();
      }
    }
  }

  private static final class LazyProgress {
    private final Console console;
    private Optional<Progress> progress = Optional.empty();

    private LazyProgress(Console console) {
      this.console = console;
    }

    private void update(String detail) {
      if (progress.isEmpty()) {
        progress =
            Optional.of(
                Progress.start(
                    console,
                    "Getting Kubernetes (once; building it takes 6 minutes or more on two cores)"));
      }
      progress.get().update(detail);
    }

    private void done(String result) {
      progress.ifPresent(shown -> shown.done(result));
    }

    private void close() {
      progress.ifPresent(Progress::close);
    }
  }
}
