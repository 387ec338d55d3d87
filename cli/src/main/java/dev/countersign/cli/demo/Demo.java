package dev.countersign.cli.demo;

import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.cli.controlplane.Binaries;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.cli.terminal.Table;
import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.cluster.TemporaryDirectory;
import dev.countersign.testbed.node.NodeAddresses;
import dev.countersign.testbed.node.NodeFleet;
import dev.countersign.testbed.node.NodeInspection;
import dev.countersign.testbed.node.NodeReport;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.Attack;
import dev.countersign.testbed.trial.Attacks;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.CertificateRequest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The demo's chapters in order; whatever was started ends with it. */
final class Demo implements AutoCloseable {
  private static final Duration PATIENCE_AT_EXIT = Duration.ofSeconds(30);

  private final Console console;
  private final Binaries kubernetes;
  private final Scenario story;
  private final int nodeCount;
  private final boolean keep;
  private final Path directory;
  private final Optional<TemporaryDirectory> temporary;
  private final Thread teller = Thread.currentThread();
  private final CountDownLatch told = new CountDownLatch(1);
  private final SecureRandom random = new SecureRandom();
  private final long begin = System.nanoTime();
  private final Thread atExit = new Thread(this::atExit, "demo-end");
  private @Nullable ControlPlane plane;
  private @Nullable ApproverManager approver;
  private @Nullable NodeFleet nodes;
  private @Nullable BufferedWriter approverLog;
  private boolean ended;

  Demo(Console console, Binaries kubernetes, int nodeCount, boolean keep, Optional<Path> directory)
      throws IOException {
    this.console = console;
    this.kubernetes = kubernetes;
    this.story = new Scenario(console);
    this.nodeCount = nodeCount;
    this.keep = keep;
    this.temporary =
        directory.isPresent()
            ? Optional.empty()
            : Optional.of(TemporaryDirectory.in(Path.of(System.getProperty("java.io.tmpdir"))));
    this.directory =
        temporary
            .map(TemporaryDirectory::cluster)
            .orElseGet(() -> directory.orElseThrow().toAbsolutePath().normalize());
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Tells the story; whether everything was as it should be. */
  boolean run() throws CliException, ControlPlaneFailure, IOException, InterruptedException {
    Optional<String> noNodes = NodeAddresses.unavailable();
    if (noNodes.isPresent()) {
      throw CliException.environment("nodes can't join here: " + noNodes.get());
    }
    story.chapter("Kubernetes");
    KubernetesBinaries binaries = kubernetes.obtain();
    story.say(
        "%s: etcd, kube-apiserver, kube-controller-manager, kubelet, kubectl (%s)"
            .formatted(binaries.version(), binaries.source()));

    story.chapter("A cluster's assets, rendered, and a control plane booted from them");
    ControlPlane started = boot(binaries);
    plane = started;
    try (ApiConnection operator = started.connect()) {
      story.chapter("The approver");
      startApprover(started);
      story.say(
          "watches requests for kubernetes.io/kubelet-serving, with the default policy; its log is"
              + " approver.log in the directory logs");

      story.chapter("Nodes join, with nothing but the bootstrap kubeconfig");
      NodeFleet fleet = new NodeFleet(started);
      nodes = fleet;
      List<NodeReport> reports = join(fleet, started, operator);
      story.lines(table(reports));
      story.say(
          "Seen from outside: each port was dialled, the chain verified to the cluster's CA and the"
              + " address found in the certificate; then the API server, which verifies kubelets"
              + " too, reached each through its node proxy.");

      story.chapter("One node is compromised, and asks for what is not its own");
      int attacks = attack(fleet, started, operator);
      boolean joined = reports.stream().allMatch(NodeReport::good) && reports.size() == nodeCount;
      story.chapter("In short");
      boolean refused = attacks >= 0;
      story.lines(
          Table.of("CHECK", "RESULT")
              .row("nodes with a verified serving certificate", reports.size() + " of " + nodeCount)
              .row(
                  "rotated both certificates when told to (simulated)",
                  rotated(reports) + " of " + fleet.simulated().size())
              .row("hostile requests refused", refused ? attacks + " of " + attacks : "NOT ALL")
              .row("time", "%.0f s".formatted((System.nanoTime() - begin) / 1e9))
              .lines());
      if (keep) {
        leaveRunning(started);
      }
      return joined && refused;
    }
  }

  private ControlPlane boot(KubernetesBinaries binaries)
      throws ControlPlaneFailure, InterruptedException {
    try (Progress progress = Progress.start(console, "   Starting the control plane")) {
      ControlPlane started =
          ControlPlane.start(
              ControlPlaneOptions.disposable(directory).withProgress(progress::update),
              binaries,
              RenderedFiles.small());
      progress.done("");
      story.say(
          "PKI, kubeconfigs, bootstrap token, RBAC, flags: in %s. Ready at %s, from exactly those"
                  .formatted(started.layout().assets(), started.server())
              + " flags and files; only ports and directories are moved.");
      return started;
    }
  }

  private void startApprover(ControlPlane started) throws CliException, IOException {
    CredentialsResult read =
        ClientCredentials.fromKubeconfig(
            started.layout().adminKubeconfig(), Optional.empty(), InstantSource.system());
    ClientCredentials credentials =
        switch (read) {
          case CredentialsResult.Usable(ClientCredentials usable) -> usable;
          case CredentialsResult.Unusable(String problem) ->
              throw CliException.environment(problem);
        };
    approverLog = Files.newBufferedWriter(started.layout().logs().resolve("approver.log"));
    approver = ApproverManager.start(ApproverOptions.defaults(credentials, approverLog));
  }

  private List<NodeReport> join(NodeFleet fleet, ControlPlane started, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    // The attacker and its victim are simulated ones, so the first two places are theirs.
    Optional<String> noKubelet =
        nodeCount < 3
            ? Optional.of("--nodes is 2, and an attack needs two simulated ones")
            : RealKubelet.unavailable(started);
    if (noKubelet.isEmpty()) {
      fleet.startKubelet();
    } else {
      story.say("No real kubelet among them: " + noKubelet.get());
    }
    fleet.simulate(nodeCount);
    try (Progress progress =
        Progress.start(console, "   Joining " + nodeCount + " nodes and rotating certificates")) {
      List<NodeReport> reports =
          fleet.join(
              new NodeInspection(operator), joined -> progress.update(joined + " of " + nodeCount));
      progress.done("");
      return reports;
    }
  }

  private static List<String> table(List<NodeReport> reports) {
    Table table = Table.of("NODE", "KIND", "NAMES AND ADDRESSES", "EXPIRES", "ROTATED", "REACHED");
    for (NodeReport report : reports) {
      table.row(
          report.name(),
          report.kind(),
          String.join(",", report.names()),
          hours(report.expiresIn()),
          report.rotated() ? "yes" : "at 80 %",
          report.reached());
    }
    return table.lines();
  }

  private static long rotated(List<NodeReport> reports) {
    return reports.stream().filter(NodeReport::rotated).count();
  }

  private static String hours(Duration duration) {
    return "%dh%02dm".formatted(duration.toHours(), duration.toMinutesPart());
  }

  /** How many attacks were refused, or -1 where one was not. */
  private int attack(NodeFleet fleet, ControlPlane started, ApiConnection operator)
      throws IOException, InterruptedException {
    SimulatedKubelet attacker = fleet.simulated().getLast();
    SimulatedKubelet victim = fleet.simulated().getFirst();
    InetAddress apiServer = InetAddress.getByName(started.server().getHost());
    InetAddress service = InetAddress.getByName("10.3.0.1");
    Attacks attacks =
        new Attacks(
            attacker.name(),
            attacker.address(),
            victim.name(),
            victim.address(),
            apiServer,
            service);
    CsrProbe trial = new CsrProbe(attacker.asNode(), operator);
    int refused = 0;
    boolean all = true;
    for (Attack attack : attacks.all()) {
      all &= tell(attack, send(trial, attack));
      refused++;
    }
    story.say("Now its kubelet lies in Node.status, which a kubelet writes itself:");
    attacker.writeStatus(List.of(attacker.address(), service), NodeFleet.KUBELET_PORT);
    Attack lie = attacks.claimed("the API server's address, as its own", service);
    all &= tell(lie, send(trial, lie));
    attacker.writeStatus(List.of(attacker.address(), victim.address()), NodeFleet.KUBELET_PORT);
    Attack theft = attacks.claimed("another node's address, as its own", victim.address());
    all &= tell(theft, send(trial, theft));
    victim.rotateServing();
    story.say(
        "and meanwhile "
            + victim.name()
            + " renewed its certificate: a hostile claim does not stop the owner.");
    return all ? refused + 2 : -1;
  }

  private TrialOutcome send(CsrProbe trial, Attack attack)
      throws IOException, InterruptedException {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    CertificateRequest request =
        RequestSigner.signWithExtensions(attack.subject(), attack.extensions(), keys, random);
    return trial.send(request.toPem(), attack.usages(), OptionalInt.empty());
  }

  private boolean tell(Attack attack, TrialOutcome outcome) {
    switch (outcome) {
      case TrialOutcome.Denied(String reason, String message) ->
          story.verdict(Style.GOOD, "denied", attack.title(), reason, without(reason, message));
      case TrialOutcome.Deferred(String reason, String message) ->
          story.verdict(Style.GOOD, "deferred", attack.title(), reason, without(reason, message));
      case TrialOutcome.Rejected(String message) ->
          story.verdict(Style.GOOD, "rejected", attack.title(), "by Kubernetes", message);
      case TrialOutcome.Approved() ->
          story.verdict(Style.BAD, "APPROVED", attack.title(), "", "this must not happen");
      case TrialOutcome.Silence() ->
          story.verdict(
              Style.BAD, "SILENCE", attack.title(), "", "nobody said why; it must be said");
    }
    return outcome.refused();
  }

  /** The message without the reason that already stands before it. */
  private static String without(String reason, String message) {
    return message.startsWith(reason + ": ") ? message.substring(reason.length() + 2) : message;
  }

  private void leaveRunning(ControlPlane started)
      throws ControlPlaneFailure, IOException, InterruptedException {
    closeOurs();
    started.detach();
    if (temporary.isPresent()) {
      temporary.get().keep();
    }
    ended = true;
    console.out().println();
    story.say("The control plane is left running (the approver and the simulated nodes are not):");
    story.lines(
        List.of(
            "export KUBECONFIG=" + started.layout().adminKubeconfig(),
            "export PATH=" + started.binaries().directory() + ":$PATH",
            "countersign approver --kubeconfig $KUBECONFIG     # to go on approving",
            "countersign controlplane down --dir " + directory + "   # to stop it"));
  }

  private void closeOurs() {
    if (nodes != null) {
      try {
        nodes.close();
      } catch (ControlPlaneFailure e) {
        console.err().println(SafeText.lines(String.valueOf(e.getMessage())));
      }
    }
    if (approver != null) {
      approver.close();
    }
    if (approverLog != null) {
      try {
        approverLog.close();
      } catch (IOException e) {
        console.err().println("approver.log: " + SafeText.lines(String.valueOf(e.getMessage())));
      }
    }
  }

  /** On a signal: whoever tells the story ends it, as only it knows what it is starting. */
  private void atExit() {
    teller.interrupt();
    try {
      if (told.await(PATIENCE_AT_EXIT.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end();
  }

  @Override
  public void close() {
    end();
    told.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending and the hook runs, or has run.
    }
  }

  private synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    closeOurs();
    if (plane != null) {
      plane.close();
    }
    if (temporary.isPresent()) {
      try {
        temporary.get().close();
      } catch (IOException e) {
        console.err().println(SafeText.lines(directory + ": not removed: " + e.getMessage()));
      }
    }
  }
}
