package dev.countersign.bench.storm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * CPU time that each process of a measurement has used; says what a rate went into.
 *
 * @param used by part; a part that does not run on this machine is not there
 */
record Spent(Map<Part, Duration> used) {
  /** A process, in the order of the columns. */
  enum Part {
    API_SERVER("API server"),
    ETCD("etcd"),
    CONTROLLER_MANAGER("controller manager"),
    APPROVER("approver"),
    BENCHMARK("benchmark");

    private final String title;

    Part(String title) {
      this.title = title;
    }
  }

  private static final Map<String, Part> COMMANDS =
      Map.of(
          "kube-apiserver", Part.API_SERVER,
          "etcd", Part.ETCD,
          "kube-controller-manager", Part.CONTROLLER_MANAGER);

  /** The titles of the columns. */
  static List<String> titles() {
    return Stream.of(Part.values()).map(part -> part.title).toList();
  }

  /** Up to now; of an approver where there is one. */
  static Spent untilNow(Optional<ApproverProcess> approver) {
    Map<Part, Duration> used = new EnumMap<>(Part.class);
    ProcessHandle.allProcesses()
        .forEach(
            process -> {
              Part part = COMMANDS.get(calledAs(process.pid()));
              if (part != null) {
                process
                    .info()
                    .totalCpuDuration()
                    .ifPresent(time -> used.merge(part, time, Duration::plus));
              }
            });
    approver.ifPresent(running -> used.put(Part.APPROVER, running.cpu()));
    ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .ifPresent(time -> used.put(Part.BENCHMARK, time));
    return new Spent(used);
  }

  /** The name a process was started by: the parts of a control plane may be one file. */
  private static String calledAs(long pid) {
    try {
      String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
      String command = line.substring(0, Math.max(0, line.indexOf('\0')));
      return command.substring(command.lastIndexOf('/') + 1);
    } catch (IOException e) {
      // It has ended, or is another user's, or this is no Linux.
      return "";
    }
  }

  /** What was used from {@code before} to this. */
  Spent since(Spent before) {
    Map<Part, Duration> difference = new EnumMap<>(Part.class);
    used.forEach(
        (part, time) ->
            difference.put(part, time.minus(before.used.getOrDefault(part, Duration.ZERO))));
    return new Spent(difference);
  }

  /** With more for one part. */
  Spent plus(Part part, Duration more) {
    Map<Part, Duration> sum = new EnumMap<>(used);
    sum.merge(part, more, Duration::plus);
    return new Spent(sum);
  }

  /** Seconds for each thousand of {@code requests}; empty for a part that is not there. */
  Optional<Double> perThousand(Part part, int requests) {
    return Optional.ofNullable(used.get(part)).map(time -> time.toNanos() / 1e6 / requests);
  }

  /** The cells of a table: seconds for each thousand of {@code requests}. */
  String cells(int requests) {
    return Stream.of(Part.values())
        .map(part -> perThousand(part, requests))
        .map(cell -> cell.map(seconds -> String.format(Locale.ROOT, "%.2f", seconds)).orElse(""))
        .collect(Collectors.joining(" | "));
  }
}
