package dev.countersign.cli.demo.machine;

import dev.countersign.cli.demo.Scenario;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.common.text.SafeText;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.TlsProbe;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.machine.HostCommand;
import dev.countersign.testbed.machine.IgnitionConfig;
import dev.countersign.testbed.machine.Kubectl;
import dev.countersign.testbed.machine.Machine;
import dev.countersign.testbed.machine.MachineImages;
import dev.countersign.testbed.machine.MachinePlace;
import dev.countersign.testbed.machine.ServiceProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One worker, from its rendered Ignition file to a pod whose logs come through a verified
 * certificate, with the approver as a pod on that very machine.
 */
final class WorkerStory {
  private static final String NODE = "worker-1";
  private static final int KUBELET_PORT = 10250;
  private static final String SERVICE = "10.3.0.1";

  /** Certificates live so short that the story sees them renewed. */
  private static final String SIGNING_DURATION = "--cluster-signing-duration=100s";

  private final Console console;
  private final Scenario story;
  private final Findings findings;
  private final Path deploy;
  private final Path directory;
  private final KubernetesBinaries binaries;
  private final MachineImages images;

  /**
   * The story.
   *
   * @param home of the checkout, with {@code deploy/}
   */
  WorkerStory(StorySetting setting, Path home) {
    this.console = setting.console();
    this.story = setting.story();
    this.findings = setting.findings();
    this.deploy = home.resolve("deploy/kustomize/overlays/ha");
    this.directory = setting.directory();
    this.binaries = setting.binaries();
    this.images = setting.images();
  }

  void tell() throws ControlPlaneFailure, IOException, InterruptedException {
    story.chapter("A worker's Ignition file, rendered, and a control plane that it is to join");
    try (ControlPlane plane = startControlPlane();
        ApiConnection operator = plane.connect();
        ServiceProxy _ = serviceProxy(plane)) {
      Kubectl kubectl = Kubectl.of(binaries, plane.layout().adminKubeconfig());
      Path ignition = plane.layout().assets().resolve("nodes/worker.ign");
      story.say(
          "%s at %s; what the machine gets is %s: its files and its units, nothing else."
              .formatted(binaries.version(), plane.server(), ignition));
      story.chapter("The worker: Fedora CoreOS's units, run for real");
      Machine machine = startMachine(plane, IgnitionConfig.parse(Files.readString(ignition)));
      machine.boot();
      story.command(machine.commandOf("kubelet.service"));
      story.say("What is not as on a real machine, beside what was said:");
      story.items(findings.untold(machine.differences()));

      story.chapter("It joins, and the approver starts on it, unapproved as it is");
      join(kubectl, machine, operator);
      story.chapter("A pod; its logs and a shell in it, through the verified certificate");
      pod(kubectl);
      story.chapter("Certificates rotate; the approver is replaced meanwhile");
      rotate(kubectl, machine, operator);
      story.chapter("Shutdown: the machine drains and deletes its own Node; then it boots again");
      reboot(kubectl, machine, operator);
    }
  }

  private ControlPlane startControlPlane() throws ControlPlaneFailure, InterruptedException {
    String nodes =
        """
        nodes:
          platform: google-cloud
          os: fedora-coreos
          kubeletImageOverride: %s:%s
          sshAuthorizedKeys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a nobody
          controllers:
          - name: controller
          workers:
          - name: worker
        """
            .formatted(MachineImages.KUBELET_REPOSITORY, binaries.version());
    try (Progress progress = Progress.start(console, "   Starting the control plane")) {
      ControlPlane plane =
          ControlPlane.start(
              ControlPlaneOptions.disposable(directory.resolve("cluster"))
                  .withComponents(Set.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER))
                  .withFlags(Component.CONTROLLER_MANAGER, SIGNING_DURATION)
                  .withProgress(progress::update),
              binaries,
              new RenderedFiles(nodes, new SecureRandom(), InstantSource.system()));
      progress.done("");
      return plane;
    }
  }

  private static ServiceProxy serviceProxy(ControlPlane plane)
      throws ControlPlaneFailure, IOException, InterruptedException {
    HostCommand.of("ip", "address", "add", SERVICE + "/32", "dev", "lo").require();
    return new ServiceProxy(
        InetAddress.getByName(SERVICE),
        443,
        new InetSocketAddress(plane.server().getHost(), plane.server().getPort()));
  }

  private Machine startMachine(ControlPlane plane, IgnitionConfig config)
      throws ControlPlaneFailure, IOException, InterruptedException {
    try (Progress progress = Progress.start(console, "   Installing the worker")) {
      Machine machine =
          Machine.install(
              new MachinePlace(
                  NODE,
                  plane.addresses().claim(),
                  List.of(),
                  directory.resolve("machine"),
                  plane.layout().logs(),
                  plane.supervisor()),
              config,
              images.containerd());
      machine
          .differences()
          .add(
              "The pods' network is one ptp plugin and the API server's Service is passed on by the"
                  + " demo; there is neither flannel nor kube-proxy.");
      machine
          .differences()
          .add(
              "The worker's control plane runs beside it, as processes and with certificates that"
                  + " live 100 s, so that renewals are seen.");
      progress.update("starting containerd");
      machine.startRuntime(
          Map.of(
              MachineImages.TOOLS_REPOSITORY,
              images.tools(),
              MachineImages.APPROVER_REPOSITORY,
              images.approver()));
      progress.update("unpacking the kubelet image");
      machine.loadImage(
          MachineImages.KUBELET_REPOSITORY + ":" + binaries.version(), images.kubelet());
      progress.done("");
      return machine;
    }
  }

  private void join(Kubectl kubectl, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    machine.await("the Node", () -> operator.get("/api/v1/nodes/" + NODE).status() == 200);
    story.say(
        "The Node is there, with a client certificate that kube-controller-manager signed. Its"
            + " request for a serving certificate is Pending: the approver has no place to run"
            + " yet.");
    kubectl.run("apply", "--kustomize=" + deploy);
    machine.await("the approver's pods", () -> rolledOut(kubectl));
    X509Certificate served = awaitServed(machine, operator, Optional.empty());
    story.say(
        "Two replicas run on %s, from deploy/kustomize/overlays/ha as it stands. %s leads, by its"
                .formatted(NODE, awaitLeader(kubectl, machine, ""))
            + " Lease, and approved the request of the machine it runs on: "
            + served.getSubjectX500Principal().getName()
            + ".");
    findings.seen("the approver runs as a pod and approved its own node");
  }

  private static boolean rolledOut(Kubectl kubectl) throws IOException, InterruptedException {
    try {
      kubectl.rollout("status", "--timeout=5s");
      return true;
    } catch (ControlPlaneFailure e) {
      // Not yet.
      return false;
    }
  }

  private void pod(Kubectl kubectl) throws ControlPlaneFailure, IOException, InterruptedException {
    Path file = directory.resolve("pod.yaml");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: greeter
          namespace: default
        spec:
          terminationGracePeriodSeconds: 1
          automountServiceAccountToken: false
          containers:
          - name: greeter
            image: %s
            imagePullPolicy: Never
            command: [/usr/bin/sh, -c, "echo hello from $(busybox hostname); exec sleep 3600"]
        """
            .formatted(MachineImages.TOOLS));
    kubectl.run("apply", "--filename=" + file);
    kubectl.run("wait", "--for=condition=Ready", "pod/greeter", "--timeout=60s");
    String logs = kubectl.run("logs", "greeter");
    String inside = kubectl.run("exec", "greeter", "--", "busybox", "hostname");
    story.lines(
        List.of(
            "$ kubectl logs greeter", logs, "$ kubectl exec greeter -- busybox hostname", inside));
    findings.compare("kubectl logs", logs, "hello from greeter");
    findings.compare("kubectl exec", inside, "greeter");
  }

  private void rotate(Kubectl kubectl, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    X509Certificate first = awaitServed(machine, operator, Optional.empty());
    String before = awaitLeader(kubectl, machine, "");
    kubectl.rollout("restart");
    kubectl.rollout("status", "--timeout=120s");
    String after = awaitLeader(kubectl, machine, before);
    X509Certificate second = awaitServed(machine, operator, Optional.of(first));
    story.say(
        "The Lease went from %s to %s. The serving certificate's serial number was %s and is now %s."
            .formatted(
                before,
                after,
                first.getSerialNumber().toString(16),
                second.getSerialNumber().toString(16)));
    findings.seen("the Lease changed hands in a rolling update");
    findings.seen("the serving certificate was renewed over it");
    findings.compare("kubectl logs after it", kubectl.run("logs", "greeter"), "hello from greeter");
  }

  private void reboot(Kubectl kubectl, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    // Their disruption budget keeps one of two; with no second node there is no place for it.
    kubectl.run(
        "--namespace=countersign-system",
        "scale",
        "--replicas=1",
        "deployment/countersign-approver");
    kubectl.rollout("status", "--timeout=120s");
    String said = machine.shutDown();
    story.lines(said.strip().lines().map(SafeText::line).toList());
    findings.compare(
        "delete-node drained it",
        String.valueOf(
            said.lines()
                .anyMatch(
                    line ->
                        line.equals("node/" + NODE + " drained")
                            || line.startsWith(NODE + " was drained: "))),
        "true");
    findings.compare(
        "delete-node removed the Node",
        "HTTP " + operator.get("/api/v1/nodes/" + NODE).status(),
        "HTTP 404");
    machine.boot();
    machine.await(
        "the Node of the second boot", () -> operator.get("/api/v1/nodes/" + NODE).status() == 200);
    awaitServed(machine, operator, Optional.empty());
    kubectl.run("wait", "--for=condition=Ready", "node/" + NODE, "--timeout=60s");
    kubectl.rollout("status", "--timeout=120s");
    story.say("The second boot joined again and its Node is Ready.");
    findings.seen("joined again on the second boot");
    countRequests(kubectl);
  }

  private void countRequests(Kubectl kubectl)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> requests =
        kubectl
            .run(
                "get",
                "certificatesigningrequests",
                "--field-selector=spec.signerName=kubernetes.io/kubelet-serving",
                "--output=jsonpath={range"
                    + " .items[*]}{.metadata.name}={.status.conditions[0].type}{\"\\n"
                    + "\"}{end}")
            .lines()
            .toList();
    List<String> others = requests.stream().filter(line -> !line.endsWith("=Approved")).toList();
    String count = "%d of %d".formatted(requests.size() - others.size(), requests.size());
    // One may have come this very moment.
    boolean good = others.size() <= 1;
    findings.add(
        new Findings.Check(
            "requests for serving certificates: approved",
            good ? count : count + ": not " + String.join(", ", others),
            good));
  }

  /** The pod that holds the Lease, once it is another than {@code before}. */
  private static String awaitLeader(Kubectl kubectl, Machine machine, String before)
      throws ControlPlaneFailure, IOException, InterruptedException {
    String[] found = {""};
    machine.await(
        "a leader of the approvers",
        () -> {
          found[0] = kubectl.leader();
          return !found[0].isEmpty() && !found[0].equals(before);
        });
    return found[0];
  }

  private static X509Certificate awaitServed(
      Machine machine, ApiConnection operator, Optional<X509Certificate> other)
      throws ControlPlaneFailure, IOException, InterruptedException {
    X509Certificate[] found = new X509Certificate[1];
    machine.await(
        other.isEmpty() ? "a verified serving certificate" : "a renewed serving certificate",
        () -> {
          try {
            X509Certificate served =
                TlsProbe.verify(
                    InetAddress.getByName(machine.address()),
                    KUBELET_PORT,
                    operator.config().authorities(),
                    Duration.ofSeconds(5));
            if (other.isPresent()
                && other.get().getSerialNumber().equals(served.getSerialNumber())) {
              return false;
            }
            found[0] = served;
            return operator.text("/api/v1/nodes/" + NODE + "/proxy/healthz").statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
    return found[0];
  }
}
