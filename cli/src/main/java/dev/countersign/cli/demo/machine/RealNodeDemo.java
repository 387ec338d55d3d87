package dev.countersign.cli.demo.machine;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.controlplane.Binaries;
import dev.countersign.cli.demo.Story;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.cli.terminal.Table;
import dev.countersign.controlplane.Component;
import dev.countersign.controlplane.ControlPlane;
import dev.countersign.controlplane.ControlPlaneFailure;
import dev.countersign.controlplane.ControlPlaneOptions;
import dev.countersign.controlplane.api.ApiConnection;
import dev.countersign.controlplane.api.TlsProbe;
import dev.countersign.controlplane.binaries.KubernetesBinaries;
import dev.countersign.controlplane.binaries.Program;
import dev.countersign.controlplane.cluster.RenderedFiles;
import dev.countersign.image.plan.Architecture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * {@code demo --real-node}: one machine, from its rendered Ignition file to a pod whose logs come
 * through a verified certificate, with the approver as a pod on that very machine.
 */
public final class RealNodeDemo {
  private static final String NODE = "worker-1";
  private static final int KUBELET_PORT = 10250;
  private static final String KUBELET_IMAGE = "localhost/countersign/kubelet";
  private static final String APPROVER_IMAGE = "quay.io/countersign/approver";
  private static final int LOG_LINES = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Certificates live so short that the story sees them renewed. */
  private static final String SIGNING_DURATION = "--cluster-signing-duration=100s";

  private final Console console;
  private final Story story;
  private final Path home;
  private final Path cache;
  private final Path folder;
  private final long begin = System.nanoTime();
  private final List<String[]> checks = new ArrayList<>();

  /**
   * The demo.
   *
   * @param home of the checkout, with the image specs and {@code deploy/}
   * @param cache the user's, for images
   * @param folder of this run; its owner removes it
   */
  public RealNodeDemo(Console console, Path home, Path cache, Path folder) {
    this.console = console;
    this.story = new Story(console);
    this.home = home;
    this.cache = cache;
    this.folder = folder;
  }

  /** Why there can be no real node here; empty where there can. */
  public static Optional<String> unavailable() {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> program :
        Map.of(
                "podman", "podman",
                "runc", "runc",
                "ip", "iproute2",
                "iptables", "iptables",
                "unshare", "util-linux",
                "mount", "mount")
            .entrySet()) {
      boolean there =
          Arrays.stream(new String[] {"/usr/sbin", "/usr/bin", "/sbin", "/bin"})
              .anyMatch(place -> Files.isExecutable(Path.of(place, program.getKey())));
      if (!there) {
        missing.add(program.getKey() + " (Debian package " + program.getValue() + ")");
      }
    }
    if (!Files.isDirectory(Path.of("/usr/lib/cni"))) {
      missing.add("/usr/lib/cni (Debian package containernetworking-plugins)");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      missing.add("root's rights");
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "--real-node: this machine has no "
                + String.join(", no ", missing)
                + "; install what is missing and run it as root, or run demo without it");
  }

  /** Gets everything that needs the network outside, while there is one. */
  public void prepare()
      throws CommandFailure, ControlPlaneFailure, IOException, InterruptedException {
    images(Binaries.obtain(console));
  }

  private MachineImages images(KubernetesBinaries binaries)
      throws CommandFailure, IOException, InterruptedException {
    Architecture architecture =
        "aarch64".equals(System.getProperty("os.arch")) ? Architecture.ARM64 : Architecture.AMD64;
    LocalImages local = new LocalImages(console, home, cache, binaries, architecture);
    return new MachineImages(local.kubelet(), local.approver(), local.tools(), local.containerd());
  }

  /** Tells the story; whether everything was as it should be. */
  public boolean run()
      throws CommandFailure, ControlPlaneFailure, IOException, InterruptedException {
    KubernetesBinaries binaries = Binaries.obtain(console);
    MachineImages images = images(binaries);
    String kubeletImage = KUBELET_IMAGE + ":" + binaries.version();
    command(Map.of(), "ip", "link", "set", "lo", "up");
    story.chapter("A control plane, and a machine's Ignition file, rendered");
    try (ControlPlane plane = startControlPlane(binaries, kubeletImage);
        ApiConnection operator = plane.connect();
        ServiceProxy _ = serviceProxy(plane)) {
      story.say(
          "%s at %s; what the machine gets is %s: %s."
              .formatted(
                  binaries.version(),
                  plane.server(),
                  ignition(plane),
                  "its files and its units, nothing else"));
      story.chapter("The machine: Fedora CoreOS's units, run for real");
      Machine machine = startMachine(plane, images, kubeletImage, binaries.version());
      machine.boot();
      story.lines(wrapped(machine.kubeletCommand()));
      story.say("What is not as on a real machine:");
      story.lines(machine.differences().stream().map(each -> "- " + each).toList());

      story.chapter("It joins, and the approver starts on it, unapproved as it is");
      join(plane, machine, operator);
      story.chapter("A pod; its logs and a shell in it, through the verified certificate");
      pod(plane);
      story.chapter("Certificates rotate; the approver is replaced meanwhile");
      rotate(plane, machine, operator);
      story.chapter("Shutdown: the machine drains and deletes its own Node; then it boots again");
      reboot(plane, machine, operator);

      story.chapter("In short");
      Table table = Table.of("CHECK", "RESULT");
      checks.forEach(check -> table.row(check[0], check[1]));
      table.row("time", "%.0f s".formatted((System.nanoTime() - begin) / 1e9));
      story.lines(table.lines());
      return checks.stream().noneMatch(check -> check[1].startsWith("NO"));
    }
  }

  private void check(String what, String result) {
    checks.add(new String[] {what, result});
  }

  private ControlPlane startControlPlane(KubernetesBinaries binaries, String kubeletImage)
      throws ControlPlaneFailure, InterruptedException {
    String nodes =
        """
        nodes:
          platform: google-cloud
          os: fedora-coreos
          kubeletImageOverride: %s
          sshAuthorizedKeys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a nobody
          controllers:
          - name: controller
          workers:
          - name: worker
        """
            .formatted(kubeletImage);
    try (Progress progress = Progress.start(console, "   Starting the control plane")) {
      ControlPlane plane =
          ControlPlane.start(
              ControlPlaneOptions.disposable(folder.resolve("cluster"))
                  .withComponents(
                      java.util.Set.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER))
                  .withFlags(Component.CONTROLLER_MANAGER, SIGNING_DURATION)
                  .withProgress(progress::update),
              binaries,
              new RenderedFiles(nodes, new SecureRandom(), InstantSource.system()));
      progress.done("");
      return plane;
    }
  }

  private static Path ignition(ControlPlane plane) {
    return plane.layout().assets().resolve("nodes/worker.ign");
  }

  private static ServiceProxy serviceProxy(ControlPlane plane)
      throws ControlPlaneFailure, IOException, InterruptedException {
    command(Map.of(), "ip", "address", "add", "10.3.0.1/32", "dev", "lo");
    return new ServiceProxy(
        InetAddress.getByName("10.3.0.1"),
        443,
        new InetSocketAddress(plane.server().getHost(), plane.server().getPort()));
  }

  private Machine startMachine(
      ControlPlane plane, MachineImages images, String kubeletImage, String version)
      throws ControlPlaneFailure, IOException, InterruptedException {
    try (Progress progress = Progress.start(console, "   Installing the machine")) {
      IgnitionConfig config = IgnitionConfig.parse(Files.readString(ignition(plane)));
      Machine machine =
          Machine.install(plane, NODE, folder.resolve("machine"), config, images.containerd());
      progress.update("starting containerd");
      machine.startRuntime(
          Map.of(
              MachineImages.TOOLS_REPOSITORY, images.tools(), APPROVER_IMAGE, images.approver()));
      progress.update("unpacking the kubelet image");
      machine.loadKubeletImage(kubeletImage, images.kubelet(), version);
      progress.done("");
      return machine;
    }
  }

  private void join(ControlPlane plane, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    await(machine, "the Node", () -> operator.get("/api/v1/nodes/" + NODE).status() == 200);
    story.say(
        "The Node is there, with a client certificate that kube-controller-manager signed. Its"
            + " request for a serving certificate is Pending: the approver has no place to run"
            + " yet.");
    kubectl(plane, "apply", "--kustomize=" + home.resolve("deploy/kustomize/base"));
    await(
        machine,
        "the approver's pod",
        () -> {
          try {
            rollout(plane, "status", "--timeout=5s");
            return true;
          } catch (ControlPlaneFailure e) {
            return false;
          }
        });
    X509Certificate served = awaitServed(machine, operator, Optional.empty());
    story.say(
        "The pod runs on %s, from deploy/kustomize/base as it stands, and approved the request of"
                .formatted(NODE)
            + " the machine it runs on: "
            + served.getSubjectX500Principal().getName()
            + ".");
    check("the approver runs as a pod and approved its own node", "yes");
  }

  private void pod(ControlPlane plane)
      throws ControlPlaneFailure, IOException, InterruptedException {
    Path file = folder.resolve("pod.yaml");
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
    kubectl(plane, "apply", "--filename=" + file);
    kubectl(plane, "wait", "--for=condition=Ready", "pod/greeter", "--timeout=60s");
    String logs = kubectl(plane, "logs", "greeter").strip();
    String inside = kubectl(plane, "exec", "greeter", "--", "busybox", "hostname").strip();
    story.lines(
        List.of(
            "$ kubectl logs greeter", logs, "$ kubectl exec greeter -- busybox hostname", inside));
    check("kubectl logs", logs.equals("hello from greeter") ? "yes" : "NO: " + logs);
    check("kubectl exec", inside.equals("greeter") ? "yes" : "NO: " + inside);
  }

  private void rotate(ControlPlane plane, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    X509Certificate first = awaitServed(machine, operator, Optional.empty());
    rollout(plane, "restart");
    rollout(plane, "status", "--timeout=120s");
    X509Certificate second = awaitServed(machine, operator, Optional.of(first));
    story.say(
        "Serial number %s, then %s."
            .formatted(
                first.getSerialNumber().toString(16), second.getSerialNumber().toString(16)));
    check("the serving certificate was renewed over a rolling update", "yes");
    String logs = kubectl(plane, "logs", "greeter").strip();
    check("kubectl logs after it", logs.equals("hello from greeter") ? "yes" : "NO: " + logs);
  }

  private void reboot(ControlPlane plane, Machine machine, ApiConnection operator)
      throws ControlPlaneFailure, IOException, InterruptedException {
    String said = machine.shutDown();
    story.lines(said.strip().lines().map(Console::printable).toList());
    int status = operator.get("/api/v1/nodes/" + NODE).status();
    check("delete-node removed the Node", status == 404 ? "yes" : "NO: HTTP " + status);
    machine.boot();
    await(
        machine,
        "the Node of the second boot",
        () -> operator.get("/api/v1/nodes/" + NODE).status() == 200);
    awaitServed(machine, operator, Optional.empty());
    kubectl(plane, "wait", "--for=condition=Ready", "node/" + NODE, "--timeout=60s");
    rollout(plane, "status", "--timeout=120s");
    String pending =
        kubectl(
                plane,
                "get",
                "certificatesigningrequests",
                "--output=jsonpath={range"
                    + " .items[?(@.spec.signerName==\"kubernetes.io/kubelet-serving\")]}{.metadata.name}={.status.conditions[0].type}{\"\\n"
                    + "\"}{end}")
            .strip();
    long all = pending.lines().count();
    long approved = pending.lines().filter(line -> line.endsWith("=Approved")).count();
    story.say("The second boot joined again and its Node is Ready.");
    check("joined again on the second boot", "yes");
    check(
        "requests for serving certificates: approved",
        // One may have come this very moment.
        all - approved <= 1 ? approved + " of " + all : "NO: " + pending);
  }

  private static X509Certificate awaitServed(
      Machine machine, ApiConnection operator, Optional<X509Certificate> other)
      throws ControlPlaneFailure, IOException, InterruptedException {
    X509Certificate[] found = new X509Certificate[1];
    await(
        machine,
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

  private static void await(Machine machine, String what, Machine.Question question)
      throws ControlPlaneFailure, IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!question.ask()) {
      if (System.nanoTime() > deadline || machine.ended().isPresent()) {
        throw new ControlPlaneFailure(
            "%s: got none; want it within %d s; the kubelet's log ends with:%n%s"
                .formatted(what, PATIENCE.toSeconds(), tail(machine.kubeletLog())));
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** The end of a log, as its folder goes with the demo. */
  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return Console.printable(
        String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())));
  }

  private String kubectl(ControlPlane plane, String... arguments)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(plane.binaries().file(Program.KUBECTL).toString()));
    all.addAll(List.of(arguments));
    return command(
        Map.of("KUBECONFIG", plane.layout().adminKubeconfig().toString()),
        all.toArray(String[]::new));
  }

  /** What {@code kubectl rollout} does or says about the approver. */
  private void rollout(ControlPlane plane, String verb, String... options)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-n", "countersign-system", "rollout", verb, "deployment/countersign-approver"));
    all.addAll(List.of(options));
    kubectl(plane, all.toArray(String[]::new));
  }

  private static String command(Map<String, String> environment, String... words)
      throws ControlPlaneFailure, IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new ControlPlaneFailure(
          "%s: it ended with status %d: %s"
              .formatted(
                  String.join(" ", words).replaceFirst("^\\S*/", ""), status, output.strip()));
    }
    return output;
  }

  private static List<String> wrapped(List<String> words) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder("$");
    for (String word : words) {
      if (line.length() + word.length() > 92) {
        lines.add(line + " \\");
        line = new StringBuilder("   ");
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
