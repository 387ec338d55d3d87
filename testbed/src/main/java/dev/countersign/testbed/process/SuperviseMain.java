package dev.countersign.testbed.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * {@code supervise} as a JVM of its own, for machines whose Kubernetes binaries were not built here
 * and so came without the program. It speaks the same protocol, which is described in {@code
 * testbed/upstream/supervise/main.go}, and needs {@code setsid} and {@code sh}.
 *
 * <p>Every child leads a session of its own. Where {@code setpriv} of util-linux can set a parent
 * death signal, children end also when this process is killed; without it that one case leaves them
 * behind, and the log says so.
 *
 * <p>What the program in Go can do and this can't: as a child subreaper it inherits, and at the end
 * kills, descendants that left their process group and lost their parent. Here only a child's
 * process group is ended. Also, a JVM can't tell an exit code of 128 and a signal's number from the
 * signal; it is told as the signal.
 */
final class SuperviseMain {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final long GRACE_SECONDS = 5;

  /** How long SIGTERM may take in all; the owner's patience is shorter. */
  private static final long LONGEST_END_SECONDS = 120;

  private static final Set<String> SIGNALS = Set.of("TERM", "KILL", "STOP", "CONT");

  /** By number, in the words that the program in Go has for them. */
  private static final Map<Integer, String> SIGNAL_WORDS =
      Map.of(
          1,
          "hangup",
          2,
          "interrupt",
          3,
          "quit",
          6,
          "aborted",
          7,
          "bus error",
          9,
          "killed",
          11,
          "segmentation fault",
          15,
          "terminated");

  private final PrintStream diagnostics;
  private final OutputStream events;
  private final List<String> prefix;
  private final BlockingQueue<Input> inputs = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Child> children = new ArrayList<>();
  private final List<List<String>> atEnd = new ArrayList<>();
  private boolean detached;

  private record Child(String name, Process process) {}

  /** What the one thread that starts and ends processes is told. */
  private sealed interface Input {
    record Line(JsonNode command) implements Input {}

    record EndOfInput() implements Input {}

    record Terminate() implements Input {}

    record Exited(Child child) implements Input {}
  }

  private SuperviseMain(OutputStream events, PrintStream diagnostics, boolean deathSignal) {
    this.events = events;
    this.diagnostics = diagnostics;
    // In this order the death signal is set before there is a process group to be seen.
    this.prefix =
        deathSignal ? List.of("setpriv", "--pdeathsig", "KILL", "setsid") : List.of("setsid");
  }

  /** The command that runs this class with the JVM and the class path of this process. */
  static List<String> command() {
    return List.of(
        // A session of its own: a terminal's Ctrl-C reaches the owner, which then decides.
        "setsid",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx48m",
        // Its file would be left behind by SIGKILL.
        "-XX:-UsePerfData",
        "-cp",
        System.getProperty("java.class.path"),
        SuperviseMain.class.getName());
  }

  /**
   * Serves until the input ends or SIGTERM comes. The thread that runs this starts all children: a
   * parent death signal is about the thread, so it must live as long as they do.
   */
  public static void main(String[] args) throws InterruptedException {
    boolean deathSignal = HostProcesses.succeeds(List.of("setpriv", "--pdeathsig", "KILL", "true"));
    if (!deathSignal) {
      System.err.println(
          "supervise: no setpriv that knows --pdeathsig (util-linux 2.33): SIGKILL to this process"
              + " would leave its children running");
    }
    new SuperviseMain(System.out, System.err, deathSignal).run();
  }

  private void run() throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::terminate, "supervise-terminate"));
    Thread.ofPlatform().daemon().name("supervise-input").start(this::read);
    try {
      long self = ProcessHandle.current().pid();
      emit(event("ready", "").put("pid", self).put("startTime", HostProcesses.startTime(self)));
      boolean serving = true;
      while (serving) {
        serving = handle(inputs.take());
      }
    } finally {
      end();
      over.countDown();
    }
  }

  private void terminate() {
    inputs.add(new Input.Terminate());
    try {
      if (!over.await(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
        diagnostics.println("supervise: not everything has ended");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A line that is not a command ends the input: its owner speaks another protocol. */
  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode command = JSON.readTree(line);
        if (!command.isObject()) {
          diagnostics.println("supervise: standard input: got no JSON object; want one a line");
          break;
        }
        inputs.add(new Input.Line(command));
      }
    } catch (IOException e) {
      // Not its message, which would quote the line and with it an environment.
      diagnostics.println("supervise: standard input: got " + e.getClass().getSimpleName());
    } finally {
      inputs.add(new Input.EndOfInput());
    }
  }

  /** Whether to go on. */
  private boolean handle(Input input) throws InterruptedException {
    return switch (input) {
      case Input.Line(JsonNode command) -> obey(command);
      case Input.EndOfInput end -> {
        if (detached) {
          emit(event("alone", ""));
        }
        yield detached;
      }
      case Input.Terminate terminate -> false;
      case Input.Exited(Child child) -> {
        forget(child);
        yield true;
      }
    };
  }

  private boolean obey(JsonNode command) throws InterruptedException {
    String name = command.path("name").asText();
    switch (command.path("do").asText()) {
      case "start" -> start(name, command);
      case "signal" -> signal(name, command.path("signal").asText());
      case "atEnd" -> atEnd.add(texts(command.path("command")));
      case "detach" -> {
        detached = true;
        emit(event("detached", ""));
      }
      case "end" -> {
        return false;
      }
      default ->
          refuse(
              name,
              "do: got %s; want start, signal, atEnd, detach or end".formatted(command.path("do")));
    }
    return true;
  }

  private void start(String name, JsonNode command) throws InterruptedException {
    if (find(name).isPresent()) {
      refuse(name, "name: already running");
      return;
    }
    List<String> program = texts(command.path("command"));
    if (program.isEmpty()) {
      refuse(name, "command: got none; want a program and its arguments");
      return;
    }
    // Behind setsid a program that is missing would be an exit, not a refusal.
    if (!HostProcesses.isProgram(program.getFirst())) {
      refuse(name, program.getFirst() + ": no such program");
      return;
    }
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(program);
    try {
      Path log = Path.of(command.path("log").asText());
      Files.newByteChannel(
              log,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))
          .close();
      ProcessBuilder builder =
          new ProcessBuilder(whole)
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      String directory = command.path("directory").asText();
      if (!directory.isEmpty()) {
        builder.directory(new File(directory));
      }
      command
          .path("environment")
          .properties()
          .forEach(entry -> builder.environment().put(entry.getKey(), entry.getValue().asText()));
      Child child = new Child(name, builder.start());
      children.add(child);
      awaitGroup(child.process());
      long pid = child.process().pid();
      emit(event("started", name).put("pid", pid).put("startTime", HostProcesses.startTime(pid)));
      var _ = child.process().onExit().thenAccept(process -> inputs.add(new Input.Exited(child)));
    } catch (IOException | IllegalArgumentException e) {
      refuse(name, String.valueOf(e.getMessage()));
    }
  }

  /** Until it leads its process group no signal to that group would reach it. */
  private static void awaitGroup(Process process) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
    String group = Long.toString(process.pid());
    while (process.isAlive() && System.nanoTime() < deadline) {
      List<String> stat = HostProcesses.stat(process.pid());
      if (stat.size() > 2 && stat.get(2).equals(group)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private void signal(String name, String signal) throws InterruptedException {
    Optional<Child> child = find(name);
    if (!SIGNALS.contains(signal)) {
      refuse(name, "signal: got %s; want TERM, KILL, STOP or CONT".formatted(signal));
    } else if (child.isEmpty()) {
      refuse(name, "name: not running");
    } else if (child.get().process().isAlive()) {
      kill(signal, child.get());
    }
  }

  /** To its process group; the shell's own {@code kill}, as not every machine has it as a file. */
  private static void kill(String signal, Child child) throws InterruptedException {
    HostProcesses.succeeds(
        List.of(
            "sh",
            "-c",
            "kill -s \"$1\" -- \"-$2\"",
            "sh",
            signal,
            Long.toString(child.process().pid())));
  }

  /** Stops the children newest first, each given its grace, then runs what was left for the end. */
  private void end() throws InterruptedException {
    while (!children.isEmpty()) {
      Child last = children.getLast();
      if (last.process().isAlive()) {
        kill("CONT", last);
        kill("TERM", last);
        last.process().waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
      }
      // It, or whatever is left of its group, such as a helper that ignores SIGTERM.
      kill("KILL", last);
      last.process().waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
      forget(last);
    }
    for (List<String> command : atEnd.reversed()) {
      if (!command.isEmpty() && !HostProcesses.succeeds(command)) {
        diagnostics.println("supervise: at the end: it failed: " + command);
      }
    }
    emit(event("ended", ""));
  }

  private void forget(Child child) {
    if (!children.remove(child) || child.process().isAlive()) {
      return;
    }
    int code = child.process().exitValue();
    ObjectNode event = event("exited", child.name()).put("pid", child.process().pid());
    String signal = SIGNAL_WORDS.get(code - 128);
    emit(signal == null ? event.put("code", code) : event.put("signal", signal));
  }

  private Optional<Child> find(String name) {
    return children.stream().filter(child -> child.name().equals(name)).findAny();
  }

  private void refuse(String name, String reason) {
    emit(event("refused", name).put("reason", reason));
  }

  private static ObjectNode event(String kind, String name) {
    ObjectNode event = JSON.createObjectNode().put("event", kind);
    return name.isEmpty() ? event : event.put("name", name);
  }

  private void emit(ObjectNode event) {
    try {
      events.write((JSON.writeValueAsString(event) + "\n").getBytes(StandardCharsets.UTF_8));
      events.flush();
    } catch (IOException e) {
      // An owner that no longer listens is dealt with by the end of its input.
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return List.copyOf(texts);
  }
}
