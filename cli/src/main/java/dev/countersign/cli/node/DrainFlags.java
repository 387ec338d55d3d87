package dev.countersign.cli.node;

import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cluster.node.DrainOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of {@code kubectl drain}, with its defaults. */
public final class DrainFlags {
  @Option(names = "--ignore-daemonsets", description = "Leave pods of DaemonSets.")
  private boolean ignoreDaemonSets;

  @Option(
      names = "--delete-emptydir-data",
      description = "Evict pods with an emptyDir, whose data is lost.")
  private boolean deleteEmptyDirData;

  @Option(names = "--force", description = "Evict pods that nothing will create again.")
  private boolean force;

  @Option(
      names = "--grace-period",
      paramLabel = "SECONDS",
      defaultValue = "-1",
      description = "Seconds that pods are given to end; -1 for what each asks for.")
  private int gracePeriod = -1;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "0",
      description = "How long to try; 0 means for ever. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Option(
      names = "--disable-eviction",
      description = "Delete pods instead of evicting them, past PodDisruptionBudgets.")
  private boolean disableEviction;

  @Option(
      names = "--pod-selector",
      paramLabel = "SELECTOR",
      description = "Only pods with these labels.")
  private @Nullable String podSelector;

  /** Made by picocli. */
  public DrainFlags() {}

  DrainOptions options() {
    return new DrainOptions(
        ignoreDaemonSets,
        deleteEmptyDirData,
        force,
        gracePeriod < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(gracePeriod)),
        timeout.isZero() ? Optional.empty() : Optional.of(timeout),
        disableEviction,
        Optional.ofNullable(podSelector));
  }
}
