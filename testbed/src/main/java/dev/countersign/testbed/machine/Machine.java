package dev.countersign.testbed.machine;

import dev.countersign.common.text.SafeText;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.process.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A machine as its Ignition file makes it, in the namespaces of this process: {@link MachineDisk},
 * containerd, and the rendered units' commands.
 *
 * <p>What differs from a machine that booted Fedora CoreOS is in {@link #differences()}.
 */
public final class Machine {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int LOG_LINES = 4;
  private static final String KUBELET = "kubelet.service";

  private final MachinePlace place;
  private final IgnitionConfig config;
  private final MachineDisk disk;
  private final Differences differences;
  private final Map<String, String> environment;
  private final Map<String, String> processes = new LinkedHashMap<>();
  private int starts;

  private Machine(
      MachinePlace place,
      IgnitionConfig config,
      MachineDisk disk,
      Differences differences,
      Map<String, String> environment) {
    this.place = place;
    this.config = config;
    this.disk = disk;
    this.differences = differences;
    this.environment = environment;
  }

  /**
   * Makes the machine's disk; nothing runs yet.
   *
   * @param containerd directory of containerd and ctr
   */
  public static Machine install(MachinePlace place, IgnitionConfig config, Path containerd)
      throws IOException, ControlPlaneFailure, InterruptedException {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put(
        "PATH", MachineDisk.PROGRAMS + ":" + containerd + ":/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("CONTAINERS_CONF", MachineDisk.CONTAINERS_CONF);
    Differences differences = new Differences();
    MachineDisk disk = MachineDisk.make(place, config, differences);
    return new Machine(place, config, disk, differences, environment);
  }

  public String name() {
    return place.name();
  }

  public String address() {
    return place.address();
  }

  /** What is not as on a machine of the rendered operating system. */
  public Differences differences() {
    return differences;
  }

  /**
   * Starts the container runtime and gives it images by repository, in place of a registry; their
   * tags are those that they were built with.
   */
  public void startRuntime(Map<String, Path> images)
      throws IOException, ControlPlaneFailure, InterruptedException {
    start("containerd", List.of("containerd", "--config", "/etc/containerd/config.toml"));
    await("containerd's socket", () -> command("ctr", "version").run().status() == 0);
    for (Map.Entry<String, Path> image : images.entrySet()) {
      command(
              "ctr",
              "--namespace=k8s.io",
              "images",
              "import",
              "--local",
              "--base-name=" + image.getKey(),
              image.getValue().toString())
          .require();
    }
    differences.add("Images are imported from files, as there is no registry in this network.");
  }

  /** Gives podman an image by the name that a unit has for it. */
  public void loadImage(String image, Path archive)
      throws IOException, ControlPlaneFailure, InterruptedException {
    String tag = image.substring(image.lastIndexOf(':') + 1);
    String id =
        command("podman", "pull", "--quiet", "oci-archive:" + archive + ":" + tag).require();
    command("podman", "tag", id.strip(), image).require();
  }

  /** Boots: starts the kubelet's unit, as a system that is running. */
  public void boot() throws IOException, ControlPlaneFailure, InterruptedException {
    disk.system(MachineDisk.SystemState.RUNNING);
    start(KUBELET);
  }

  /**
   * Starts a unit: runs what {@code ExecStartPre} and {@code ExecStart} say. One whose type is
   * oneshot is waited for, with {@code ExecStartPost}.
   *
   * @return what a oneshot printed
   */
  public String start(String unitName)
      throws IOException, ControlPlaneFailure, InterruptedException {
    UnitFile unit = unit(unitName);
    StringBuilder said = new StringBuilder();
    run(unit, "ExecStartPre");
    if (unit.type() == UnitFile.Type.ONE_SHOT) {
      said.append(run(unit, "ExecStart")).append(run(unit, "ExecStartPost"));
    } else {
      starts++;
      String process = unitName + "-" + starts;
      processes.put(unitName, process);
      for (UnitFile.Command command : unit.commands("ExecStart")) {
        start(process, withoutMissingVolumes(command.with(variables(unit))));
      }
    }
    return said.toString();
  }

  /** The command line that a unit was started with. */
  public List<String> commandOf(String unitName) {
    UnitFile unit = unit(unitName);
    return withoutMissingVolumes(unit.commands("ExecStart").getFirst().with(variables(unit)));
  }

  /** Runs a script of the machine, as its operator would. */
  public String runAsOperator(String script)
      throws IOException, ControlPlaneFailure, InterruptedException {
    return command(script).require();
  }

  /** Shuts down: units stop in the reverse of their order; what the first one said. */
  public String shutDown() throws IOException, ControlPlaneFailure, InterruptedException {
    disk.system(MachineDisk.SystemState.STOPPING);
    StringBuilder said = new StringBuilder();
    for (String unitName : List.of("delete-node.service", KUBELET)) {
      said.append(run(unit(unitName), "ExecStop"));
    }
    place.supervisor().awaitExit(process(KUBELET), Duration.ofSeconds(60));
    return said.toString();
  }

  /** Runs the commands of a directive, one after the other; what they said. */
  private String run(UnitFile unit, String directive)
      throws IOException, ControlPlaneFailure, InterruptedException {
    StringBuilder said = new StringBuilder();
    for (UnitFile.Command each : unit.commands(directive)) {
      HostCommand command =
          new HostCommand(withoutMissingVolumes(each.with(variables(unit))), variables(unit));
      HostCommand.Outcome outcome = command.run();
      if (outcome.status() != 0 && !each.mayFail()) {
        throw command.failed(outcome);
      }
      said.append(outcome.output());
    }
    return said.toString();
  }

  private String process(String unitName) {
    return Optional.ofNullable(processes.get(unitName))
        .orElseThrow(() -> new IllegalStateException(unitName + " was not started"));
  }

  private UnitFile unit(String unitName) {
    return Optional.ofNullable(config.units().get(unitName))
        .orElseThrow(() -> new IllegalStateException("no unit " + unitName + " was rendered"));
  }

  private Map<String, String> variables(UnitFile unit) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.putAll(unit.environment());
    return all;
  }

  private List<String> withoutMissingVolumes(List<String> words) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("--volume") && i + 1 < words.size()) {
        String source = words.get(i + 1).split(":", 2)[0];
        if (Files.notExists(Path.of(source))) {
          differences.add("This host has no " + source + ", so the kubelet's container has none.");
          i++;
          continue;
        }
      }
      kept.add(words.get(i));
    }
    return kept;
  }

  private HostCommand command(String... words) {
    return new HostCommand(List.of(words), environment);
  }

  private void start(String process, List<String> words)
      throws ControlPlaneFailure, InterruptedException {
    place
        .supervisor()
        .start(
            new Launch(
                process,
                new HostCommand(words, environment).withEnvironment(),
                Map.of(),
                Path.of("/"),
                place.log(process)));
  }

  /** A question that is asked until it is answered with yes. */
  @FunctionalInterface
  public interface Question {
    boolean ask() throws IOException, ControlPlaneFailure, InterruptedException;
  }

  /** Waits; fails when it takes too long or one of the units has ended, with the units' logs. */
  public void await(String what, Question question)
      throws ControlPlaneFailure, IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!question.ask()) {
      List<String> ended =
          processes.keySet().stream()
              .filter(unit -> place.supervisor().exitOf(process(unit)).isPresent())
              .toList();
      if (!ended.isEmpty()) {
        throw new ControlPlaneFailure(
            "%s: got the end of %s; want it running; %s"
                .formatted(what, String.join(" and ", ended), tails(ended)));
      }
      if (System.nanoTime() > deadline) {
        throw new ControlPlaneFailure(
            "%s: got none; want it within %d s; %s"
                .formatted(what, PATIENCE.toSeconds(), tails(processes.keySet())));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** The ends of units' logs, as their directory goes with the demo. */
  private String tails(Collection<String> units) throws IOException {
    List<String> ends = new ArrayList<>();
    for (String unit : units) {
      ends.add("the log of %s ends with:%n%s".formatted(unit, tail(place.log(process(unit)))));
    }
    return String.join("\n", ends);
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return SafeText.lines(
        String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())));
  }
}
