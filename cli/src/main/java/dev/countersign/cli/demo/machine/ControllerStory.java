package dev.countersign.cli.demo.machine;

import dev.countersign.cli.demo.Scenario;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Progress;
import dev.countersign.render.spec.ContainerImage;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.machine.HostCommand;
import dev.countersign.testbed.machine.IgnitionConfig;
import dev.countersign.testbed.machine.Kubectl;
import dev.countersign.testbed.machine.Machine;
import dev.countersign.testbed.machine.MachineImages;
import dev.countersign.testbed.machine.MachinePlace;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One controller that becomes a control plane out of rendered files alone: etcd by its unit, the
 * API server, the controller manager and the scheduler as static pods of its kubelet, and the
 * manifests by {@code bootstrap.service}.
 */
final class ControllerStory {
  private static final String NODE = "controller-0";

  /** From 198.18.0.0/15, which RFC 2544 keeps out of every real network. */
  private static final String ADDRESS = "198.18.0.10";

  private static final String API_SERVER = "venus.example.com";
  private static final String ETCD_SERVER = "venus-etcd0.example.com";
  private static final String ETCD = "etcd-member.service";
  private static final String BOOTSTRAP = "bootstrap.service";

  /** What each program of the control plane is to the spec of a cluster. */
  private static final Map<Program, ContainerImage> STATIC_PODS = staticPods();

  private final Console console;
  private final Scenario story;
  private final Findings findings;
  private final Path directory;
  private final KubernetesBinaries binaries;
  private final MachineImages images;

  ControllerStory(StorySetting setting) {
    this.console = setting.console();
    this.story = setting.story();
    this.findings = setting.findings();
    this.directory = setting.directory();
    this.binaries = setting.binaries();
    this.images = setting.images();
  }

  private static Map<Program, ContainerImage> staticPods() {
    Map<Program, ContainerImage> all = new LinkedHashMap<>();
    all.put(Program.KUBE_APISERVER, ContainerImage.KUBE_APISERVER);
    all.put(Program.KUBE_CONTROLLER_MANAGER, ContainerImage.KUBE_CONTROLLER_MANAGER);
    all.put(Program.KUBE_SCHEDULER, ContainerImage.KUBE_SCHEDULER);
    return all;
  }

  void tell() throws ControlPlaneFailure, IOException, InterruptedException {
    Path assets = directory.resolve("assets");
    Path logs = Files.createDirectories(directory.resolve("logs"));
    story.chapter("A controller's files, rendered; its units, run for real");
    RenderedFiles.render(spec(), assets, new SecureRandom(), InstantSource.system());
    story.say(
        "%s of etcd and %s of the rest, in images that were built here. The machine gets %s, and its operator puts auth/, tls/, static-manifests/ and manifests/ on it."
            .formatted(
                images.etcdVersion(),
                binaries.version(),
                assets.resolve("nodes/controller-0.ign")));
    HostCommand.of("ip", "address", "add", ADDRESS + "/32", "dev", "lo").require();
    try (Supervisor supervisor = binaries.startSupervisor(logs.resolve("supervise.log"))) {
      MachinePlace place =
          new MachinePlace(
              NODE,
              ADDRESS,
              List.of(API_SERVER, ETCD_SERVER),
              directory.resolve("machine"),
              logs,
              supervisor);
      Machine machine = startMachine(place, assets);
      story.command(List.of("/opt/bootstrap/layout"));
      copyAssets(assets);
      machine.runAsOperator("/opt/bootstrap/layout");
      story.command(machine.commandOf(ETCD));
      machine.start(ETCD);
      machine.boot();
      story.say("What is not as on a real machine:");
      story.items(findings.untold(machine.differences()));
      story.chapter("The control plane boots as on a controller");
      boot(machine, Kubectl.of(binaries, assets.resolve("auth/admin.conf")));
    }
  }

  /** As {@code render} would have it by default, but for versions and what has no image here. */
  private String spec() {
    return """
    apiVersion: countersign.dev/v1alpha1
    kind: ClusterSpec
    clusterName: venus
    kubernetesVersion: %s
    allowUntestedKubernetesVersion: true
    apiServers: [%s]
    etcdServers: [%s]
    networking: none
    components:
      enable: false
    nodes:
      platform: google-cloud
      os: fedora-coreos
      kubeletImageOverride: %s:%s
      sshAuthorizedKeys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a nobody
      controllers:
      - name: %s
    containerImages:
      %s: %s
    """
        .formatted(
            binaries.version(),
            API_SERVER,
            ETCD_SERVER,
            MachineImages.KUBELET_REPOSITORY,
            binaries.version(),
            NODE,
            ContainerImage.ETCD.key(),
            image(ContainerImage.ETCD, images.etcdVersion()));
  }

  private static String image(ContainerImage image, String version) {
    return image.repository() + ":" + version;
  }

  private Machine startMachine(MachinePlace place, Path assets)
      throws ControlPlaneFailure, IOException, InterruptedException {
    try (Progress progress = Progress.start(console, "   Installing the controller")) {
      Machine machine =
          Machine.install(
              place,
              IgnitionConfig.parse(
                  Files.readString(assets.resolve("nodes").resolve(NODE + ".ign"))),
              images.containerd());
      machine
          .differences()
          .add(
              "The pods' network is one ptp plugin. No DNS, no proxy and no network provider are"
                  + " rendered, as there are no images of them here.");
      machine
          .differences()
          .add(
              "The files are laid out before the units start, as nothing here starts a unit again"
                  + " that failed.");
      progress.update("starting containerd");
      Map<String, Path> imports = new LinkedHashMap<>();
      imports.put(MachineImages.TOOLS_REPOSITORY, images.tools());
      STATIC_PODS.forEach((program, image) -> imports.put(image.repository(), images.of(program)));
      machine.startRuntime(imports);
      progress.update("unpacking the images of the kubelet and of etcd");
      machine.loadImage(
          MachineImages.KUBELET_REPOSITORY + ":" + binaries.version(), images.kubelet());
      machine.loadImage(image(ContainerImage.ETCD, images.etcdVersion()), images.of(Program.ETCD));
      progress.done("");
      return machine;
    }
  }

  private static void copyAssets(Path assets)
      throws ControlPlaneFailure, IOException, InterruptedException {
    HostCommand.of(
            "sh",
            "-ec",
            "umask 077; mkdir -p /opt/bootstrap/assets; cd \"$1\"; cp -a auth tls static-manifests"
                + " manifests /opt/bootstrap/assets/; rm -rf /opt/bootstrap/assets/tls/offline",
            "sh",
            assets.toString())
        .require();
  }

  private void boot(Machine machine, Kubectl kubectl)
      throws ControlPlaneFailure, IOException, InterruptedException {
    long begin = System.nanoTime();
    try (Progress progress = Progress.start(console, "   Waiting for the control plane");
        ApiConnection operator = new ApiConnection(ClientConfig.read(kubectl.kubeconfig()))) {
      machine.await("an API server that is ready", () -> ready(operator));
      story.say(
          "https://%s:6443/readyz says ok, %.0f s after the kubelet started: the API server runs from its static pod, and etcd from its unit."
              .formatted(API_SERVER, (System.nanoTime() - begin) / 1e9));
      findings.seen("kube-apiserver is ready, from its rendered static pod");
      progress.update("applying the manifests");
      List<String> applied =
          machine
              .start(BOOTSTRAP)
              .lines()
              .filter(line -> line.endsWith(" created") || line.endsWith(" configured"))
              .toList();
      story.say(
          "bootstrap.service applied %d manifests, from %s to %s."
              .formatted(applied.size(), applied.getFirst(), applied.getLast()));
      findings.seen("bootstrap.service applied the rendered manifests");
      progress.update("waiting for the Node");
      machine.await("the Node", () -> operator.get("/api/v1/nodes/" + NODE).status() == 200);
      kubectl.run("wait", "--for=condition=Ready", "node/" + NODE, "--timeout=120s");
      findings.seen("the controller's Node registered and is Ready");
      progress.update("waiting for the static pods");
      machine.await("three static pods", () -> staticPods(kubectl).size() == STATIC_PODS.size());
      kubectl.run(
          "--namespace=kube-system",
          "wait",
          "--for=condition=Ready",
          "pods",
          "--selector=tier=control-plane",
          "--timeout=120s");
      progress.done("");
    }
    story.command(List.of("kubectl", "get", "nodes"));
    story.lines(kubectl.run("get", "nodes").lines().toList());
    story.command(List.of("kubectl", "-n", "kube-system", "get", "pods", "..."));
    story.lines(podTable(kubectl));
    findings.compare(
        "static pods Ready, from files, with the images built here",
        String.join(" ", staticPods(kubectl)),
        String.join(" ", expectedPods()));
  }

  private static boolean ready(ApiConnection operator) throws InterruptedException {
    try {
      return operator.text("/readyz").statusCode() == 200;
    } catch (IOException e) {
      // Nothing listens yet.
      return false;
    }
  }

  /** Each static pod, the image it runs and where its kubelet has it from. */
  private static List<String> staticPods(Kubectl kubectl)
      throws ControlPlaneFailure, IOException, InterruptedException {
    return pods(
        kubectl,
        "--selector=tier=control-plane",
        "--sort-by=.metadata.name",
        "--output=jsonpath={range"
            + " .items[*]}{.metadata.name}={.status.containerStatuses[0].image}={.metadata.annotations.kubernetes\\.io/config\\.source}{\"\\n"
            + "\"}{end}");
  }

  private List<String> expectedPods() {
    List<String> pods = new ArrayList<>();
    STATIC_PODS.forEach(
        (program, image) ->
            pods.add(
                "%s-%s=%s=file"
                    .formatted(program.fileName(), NODE, image(image, binaries.version()))));
    return pods;
  }

  private static List<String> podTable(Kubectl kubectl)
      throws ControlPlaneFailure, IOException, InterruptedException {
    return pods(
        kubectl,
        "--output=custom-columns=NAME:.metadata.name,FROM:.metadata.annotations.kubernetes\\.io/config\\.source,IMAGE:.status.containerStatuses[0].image,READY:.status.containerStatuses[0].ready");
  }

  private static List<String> pods(Kubectl kubectl, String... options)
      throws ControlPlaneFailure, IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--namespace=kube-system", "get", "pods"));
    arguments.addAll(List.of(options));
    return kubectl.run(arguments.toArray(String[]::new)).lines().toList();
  }
}
