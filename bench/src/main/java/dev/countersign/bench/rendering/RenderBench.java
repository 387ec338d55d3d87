package dev.countersign.bench.rendering;

import dev.countersign.bench.MachineDescription;
import dev.countersign.common.file.Directories;
import dev.countersign.common.kubernetes.KubernetesReleases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Measures {@code countersign render}, process start to exit through the launcher, turn by turn
 * with {@code kubeadm init phase certs all} and {@code kubeadm init phase kubeconfig all}.
 *
 * <p>Arguments: the launcher, kubeadm, a directory to work in, the page to write, the number of
 * turns.
 */
public final class RenderBench {
  private static final int MACHINES = 1000;

  private final Path launcher;
  private final Path kubeadm;
  private final Path directory;
  private int runs;

  private RenderBench(Path launcher, Path kubeadm, Path directory) {
    this.launcher = launcher;
    this.kubeadm = kubeadm;
    this.directory = directory;
  }

  /** One thing measured, in seconds. */
  private record Row(String what, List<Double> seconds, String budget) {
    double median() {
      return seconds.stream().sorted().skip(seconds.size() / 2).findFirst().orElseThrow();
    }

    double best() {
      return seconds.stream().min(Comparator.naturalOrder()).orElseThrow();
    }

    String line() {
      return String.format(
          Locale.ROOT, "| %s | %.2f | %.2f | %s |", what, median(), best(), budget);
    }
  }

  /** Measures, prints and writes the page. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length != 5) {
      throw new IllegalArgumentException("want LAUNCHER KUBEADM DIRECTORY PAGE TURNS");
    }
    RenderBench bench =
        new RenderBench(
            Path.of(arguments[0]).toAbsolutePath(),
            Path.of(arguments[1]).toAbsolutePath(),
            Path.of(arguments[2]));
    String page = bench.page(Integer.parseInt(arguments[4]));
    System.out.print(page);
    Path file = Path.of(arguments[3]);
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, page);
  }

  private String page(int turns) throws IOException, InterruptedException {
    Path rsa = spec("rsa.yaml", "pki: {keyAlgorithm: rsa-2048}\n");
    Path ecdsa = spec("ecdsa.yaml", "");
    Path many = spec("many.yaml", machines());
    Path rsaKubeadm = kubeadmConfig("RSA-2048");
    Path ecdsaKubeadm = kubeadmConfig("ECDSA-P256");
    Row ours = new Row("countersign render, RSA-2048", new ArrayList<>(), "1.0 × kubeadm");
    Row theirs = new Row("kubeadm certs + kubeconfig, RSA-2048", new ArrayList<>(), "");
    Row quick = new Row("countersign render, ECDSA P-256", new ArrayList<>(), "1.0 s");
    Row quickKubeadm = new Row("kubeadm certs + kubeconfig, ECDSA P-256", new ArrayList<>(), "");
    Row thousand =
        new Row("countersign render, " + MACHINES + " machines", new ArrayList<>(), "3 s");
    // Once unmeasured, so that every file is in the page cache.
    render(ecdsa);
    kubeadm(ecdsaKubeadm);
    for (int turn = 0; turn < turns; turn++) {
      ours.seconds().add(render(rsa));
      theirs.seconds().add(kubeadm(rsaKubeadm));
      quick.seconds().add(render(ecdsa));
      quickKubeadm.seconds().add(kubeadm(ecdsaKubeadm));
      thousand.seconds().add(render(many));
    }
    List<String> lines = new ArrayList<>();
    lines.add("# Rendering a cluster");
    lines.add("");
    lines.add("Written by `bench/render " + turns + "`. Process start to exit, in seconds; the");
    lines.add(
        "programs take turns. A cluster is all of its files, into an empty directory: thirteen");
    lines.add("keys, manifests, machines. kubeadm makes sixteen keys and no other file.");
    lines.add("");
    lines.add("| | median | best | budget |");
    lines.add("|---|---|---|---|");
    for (Row row : List.of(ours, theirs, quick, quickKubeadm, thousand)) {
      lines.add(row.line());
    }
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "RSA: %.2f × kubeadm (medians), %.2f × (best of each).",
            ours.median() / theirs.median(),
            ours.best() / theirs.best()));
    lines.add("");
    lines.add(MachineDescription.sentence());
    return String.join("\n", lines) + "\n";
  }

  private double render(Path spec) throws IOException, InterruptedException {
    Path out = directory.resolve("out-" + runs++);
    double seconds =
        run(launcher.toString(), "render", "--spec", spec.toString(), "--out", out.toString());
    if (!Files.isRegularFile(out.resolve("tls/k8s/ca.key"))) {
      throw new IOException(out + ": got no rendered cluster; want one");
    }
    Directories.delete(out);
    return seconds;
  }

  private double kubeadm(Path config) throws IOException, InterruptedException {
    Path out = directory.resolve("kubeadm-" + runs++);
    Files.writeString(
        out.resolveSibling(out.getFileName() + ".yaml"),
        Files.readString(config).replace("@", out + "/pki"));
    String file = out + ".yaml";
    double seconds =
        run(kubeadm.toString(), "init", "phase", "certs", "all", "--config", file)
            + run(
                kubeadm.toString(),
                "init",
                "phase",
                "kubeconfig",
                "all",
                "--config",
                file,
                "--kubeconfig-dir",
                out + "/auth");
    if (!Files.isRegularFile(out.resolve("auth/admin.conf"))) {
      throw new IOException(out + ": got no kubeconfig of kubeadm's; want one");
    }
    Directories.delete(out);
    return seconds;
  }

  private double run(String... command) throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    int status = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (status != 0) {
      throw new IOException(String.join(" ", command) + ": " + Files.readString(log));
    }
    return seconds;
  }

  private Path spec(String name, String more) throws IOException {
    String text =
        """
        apiVersion: countersign.dev/v1alpha1
        kind: ClusterSpec
        clusterName: bench
        apiServers: [bench.example.com]
        etcdServers: [node1.example.com]
        """
            + more;
    return Files.writeString(directory.resolve(name), text);
  }

  private static String machines() {
    StringBuilder nodes = new StringBuilder();
    nodes.append("nodes:\n  platform: bare-metal\n  os: fedora-coreos\n");
    nodes.append("  sshAuthorizedKeys:\n  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI bench\n");
    nodes.append("  controllers:\n  - {name: node1, domain: node1.example.com}\n  workers:\n");
    for (int i = 2; i <= MACHINES; i++) {
      nodes.append("  - {name: node").append(i).append(", domain: node").append(i);
      nodes.append(".example.com}\n");
    }
    return nodes.toString();
  }

  private Path kubeadmConfig(String algorithm) throws IOException {
    return Files.writeString(
        directory.resolve(algorithm + ".yaml"),
        """
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        localAPIEndpoint: {advertiseAddress: 192.0.2.1}
        nodeRegistration: {name: node1, criSocket: unix:///run/containerd/containerd.sock}
        ---
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        kubernetesVersion: %s
        encryptionAlgorithm: %s
        certificatesDir: "@"
        """
            .formatted(KubernetesReleases.supported().byDefault(), algorithm));
  }
}
