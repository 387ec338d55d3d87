package dev.countersign.testbed.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Starts processes that end with this JVM, however it ends, unless they were {@link #detach
 * detached}.
 *
 * <p>Thread-safe. The protocol is described in {@code testbed/upstream/supervise/main.go}.
 */
public final class Supervisor implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** More than supervise's own graces for a dozen children that all ignore SIGTERM. */
  private static final Duration LONGEST_END = Duration.ofSeconds(90);

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(20);

  /** The pause before a process that is kept running is started again. */
  private static final Duration RESTART_DELAY = Duration.ofSeconds(2);

  private final Process process;
  private final OutputStream commands;
  private final ProcessIdentity identity;
  private final Map<String, State> states = new HashMap<>();
  private final Map<String, Launch> kept = new HashMap<>();
  private boolean ready;
  private boolean detached;
  private boolean ended;

  /** How a process ended. */
  public sealed interface Exit {
    /** By itself. */
    record Code(int code) implements Exit {}

    /** By a signal. */
    record Signal(String name) implements Exit {}
  }

  /** A signal to a process and its group. */
  public enum Signal {
    /** Please end. */
    TERM,
    /** End. */
    KILL,
    /** Stand still. */
    STOP,
    /** Go on. */
    CONT
  }

  private sealed interface State {
    record Starting() implements State {}

    record Running(ProcessIdentity identity) implements State {}

    record Refused(String reason) implements State {}

    record Ended(Exit exit) implements State {}
  }

  private Supervisor(Process process, ProcessIdentity identity) {
    this.process = process;
    this.commands = process.getOutputStream();
    this.identity = identity;
  }

  /**
   * Starts a supervisor.
   *
   * @param program {@code supervise}
   * @param log gets its diagnostics, appended
   */
  public static Supervisor start(Path program, Path log)
      throws ControlPlaneFailure, InterruptedException {
    return start(program.toString(), List.of(program.toString()), log);
  }

  /**
   * Starts a supervisor where there is no program {@code supervise}: a JVM of its own does the
   * same, but for descendants that left their process group.
   *
   * @param log gets its diagnostics, appended
   */
  public static Supervisor startInJava(Path log) throws ControlPlaneFailure, InterruptedException {
    return start("supervise (a JVM behind setsid)", SuperviseMain.command(), log);
  }

  private static Supervisor start(String program, List<String> command, Path log)
      throws ControlPlaneFailure, InterruptedException {
    try {
      File errors = log.toFile();
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(errors))
              .start();
      Optional<ProcessIdentity> identity = ProcessIdentity.of(process.pid());
      if (identity.isEmpty()) {
        throw new ControlPlaneFailure(
            program + ": it ended at once; see " + log + " and try to run it by hand");
      }
      Supervisor supervisor = new Supervisor(process, identity.get());
      Thread.ofPlatform().daemon().name("supervise-events").start(supervisor::listen);
      if (!supervisor.await(() -> supervisor.ready || supervisor.ended, LONGEST_ANSWER)
          || !supervisor.isReady()) {
        process.destroyForcibly();
        throw new ControlPlaneFailure(program + ": got no answer; see " + log);
      }
      return supervisor;
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: it can't be run (%s)".formatted(program, e.getMessage()), e);
    }
  }

  /** The supervisor's own process. */
  public ProcessIdentity identity() {
    return identity;
  }

  /**
   * Starts a process; its name must not be that of one that runs.
   *
   * @throws ControlPlaneFailure when it can't be started, with the system's reason
   */
  public ProcessIdentity start(Launch launch) throws ControlPlaneFailure, InterruptedException {
    ObjectNode command = JSON.createObjectNode();
    command.put("do", "start").put("name", launch.name());
    launch.command().forEach(command.putArray("command")::add);
    launch.environment().forEach(command.putObject("environment")::put);
    command.put("directory", launch.directory().toString()).put("log", launch.log().toString());
    synchronized (this) {
      if (states.get(launch.name()) instanceof State.Running) {
        throw new IllegalStateException(launch.name() + ": already running");
      }
      states.put(launch.name(), new State.Starting());
    }
    send(command);
    await(() -> ended || !(states.get(launch.name()) instanceof State.Starting), LONGEST_ANSWER);
    return switch (state(launch.name())) {
      case State.Running(ProcessIdentity running) -> running;
      // It was quick: started, and already over.
      case State.Ended(Exit exit) ->
          throw new ControlPlaneFailure(
              "%s: it ended at once (%s); its log is %s"
                  .formatted(launch.name(), exit, launch.log()));
      case State.Refused(String reason) ->
          throw new ControlPlaneFailure(
              "%s: it can't be started: %s".formatted(launch.name(), reason));
      case State.Starting starting ->
          throw new ControlPlaneFailure(launch.name() + ": its supervisor does not answer");
    };
  }

  /**
   * Starts a process and, whenever it ends by itself, starts it again, as a kubelet does with a
   * static pod and systemd with a kubelet: until it is told to end, or this JVM does.
   *
   * @throws ControlPlaneFailure when it can't be started, with the system's reason
   */
  public ProcessIdentity keepRunning(Launch launch)
      throws ControlPlaneFailure, InterruptedException {
    ProcessIdentity first = start(launch);
    synchronized (this) {
      kept.put(launch.name(), launch);
    }
    return first;
  }

  private void startAgain(Launch launch) {
    try {
      TimeUnit.MILLISECONDS.sleep(RESTART_DELAY.toMillis());
      if (isKept(launch)) {
        start(launch);
      }
    } catch (ControlPlaneFailure | IllegalStateException e) {
      // Its log says why; one that ended at once is started again by its own end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isKept(Launch launch) {
    return launch.equals(kept.get(launch.name()));
  }

  /** Sends a signal to a process and its group; nothing happens where it has ended. */
  public void signal(String name, Signal signal) throws ControlPlaneFailure {
    if (signal == Signal.TERM || signal == Signal.KILL) {
      synchronized (this) {
        kept.remove(name);
      }
    }
    send(
        JSON.createObjectNode().put("do", "signal").put("name", name).put("signal", signal.name()));
  }

  /**
   * Has a command run when everything has ended, however that comes about; the last one registered
   * runs first.
   */
  public void atEnd(List<String> command) throws ControlPlaneFailure {
    ObjectNode line = JSON.createObjectNode().put("do", "atEnd");
    command.forEach(line.putArray("command")::add);
    send(line);
  }

  /** How a process ended; empty while it runs. */
  public synchronized Optional<Exit> exitOf(String name) {
    return states.get(name) instanceof State.Ended(Exit exit)
        ? Optional.of(exit)
        : Optional.empty();
  }

  /** The process of a name, while it runs. */
  public synchronized Optional<ProcessIdentity> running(String name) {
    return states.get(name) instanceof State.Running(ProcessIdentity running)
        ? Optional.of(running)
        : Optional.empty();
  }

  /** Waits for a process to end; empty when the time is over first. */
  public Optional<Exit> awaitExit(String name, Duration limit) throws InterruptedException {
    await(() -> ended || states.get(name) instanceof State.Ended, limit);
    return exitOf(name);
  }

  /** From now on everything outlives this JVM, until the supervisor is asked to end. */
  public void detach() throws ControlPlaneFailure, InterruptedException {
    send(JSON.createObjectNode().put("do", "detach"));
    if (!await(() -> detached || ended, LONGEST_ANSWER)) {
      throw new ControlPlaneFailure("supervise: got no answer to detach");
    }
  }

  /** Ends everything, newest first, and waits until it is so; leaves it alone when detached. */
  @Override
  public void close() {
    boolean interrupted = false;
    synchronized (this) {
      if (detached) {
        return;
      }
      kept.clear();
    }
    try {
      commands.close();
    } catch (IOException e) {
      // It has ended already, or ends now that its input is closed.
    }
    try {
      if (!process.waitFor(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(ObjectNode command) throws ControlPlaneFailure {
    try {
      byte[] line = (JSON.writeValueAsString(command) + "\n").getBytes(StandardCharsets.UTF_8);
      synchronized (commands) {
        commands.write(line);
        commands.flush();
      }
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "supervise: it has ended, and all it had started with it (%s)".formatted(e.getMessage()),
          e);
    }
  }

  private void listen() {
    try (BufferedReader events =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = events.readLine(); line != null; line = events.readLine()) {
        take(JSON.readTree(line));
      }
    } catch (IOException e) {
      // The same as the end of the output: the supervisor is gone.
    }
    synchronized (this) {
      ended = true;
      states.replaceAll(
          (name, state) ->
              state instanceof State.Running
                  ? new State.Ended(new Exit.Signal("killed with its supervisor"))
                  : state);
      notifyAll();
    }
  }

  private synchronized void take(JsonNode event) {
    String name = event.path("name").asText();
    switch (event.path("event").asText()) {
      case "ready" -> ready = true;
      case "detached" -> detached = true;
      case "started" ->
          states.put(
              name,
              new State.Running(
                  new ProcessIdentity(
                      event.path("pid").asLong(),
                      event.path("startTime").asLong(),
                      identity.bootId())));
      case "exited" -> {
        states.put(
            name,
            new State.Ended(
                event.path("signal").asText().isEmpty()
                    ? new Exit.Code(event.path("code").asInt())
                    : new Exit.Signal(event.path("signal").asText())));
        Launch launch = kept.get(name);
        if (launch != null) {
          Thread.startVirtualThread(() -> startAgain(launch));
        }
      }
      case "refused" -> {
        if (states.get(name) instanceof State.Starting) {
          states.put(name, new State.Refused(event.path("reason").asText()));
        }
      }
      default -> {
        // alone, ended: nothing to remember.
      }
    }
    notifyAll();
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds();
  }

  private synchronized boolean isReady() {
    return ready;
  }

  private synchronized State state(String name) {
    State state = states.get(name);
    return state == null ? new State.Refused("its supervisor has ended") : state;
  }

  private synchronized boolean await(Condition condition, Duration limit)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
