package dev.countersign.scenarios.release;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.scenarios.fixture.SteadyRequests;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A release is the same whoever makes it, and its program runs where there is no Java. */
@EnabledIfSystemProperty(
    named = "countersign.release.tests",
    matches = "true",
    disabledReason = "takes minutes; mvn -Pnightly runs it")
@OnControlPlane
@RequiresRoot
@RequiresTool("asciidoctor")
class ReleaseIT {
  @TempDir static Path folder;

  private static Path program;

  /** From two checkouts in two folders, by two users, in two time zones. */
  @BeforeAll
  static void makeTwice() throws IOException, InterruptedException {
    release(checkout("one"), "first", Map.of("TZ", "UTC"), "umask 022; exec \"$@\"");
    release(
        checkout("another-checkout"),
        "second",
        Map.of(
            "TZ",
            "Pacific/Auckland",
            "LC_ALL",
            "C.UTF-8",
            "LOGNAME",
            "somebody",
            // No such user is known here, so it has no home directory of its own.
            "JAVA_TOOL_OPTIONS",
            "-Duser.home=" + System.getProperty("user.home")),
        "umask 077; exec unshare --user --map-user=1234 --map-group=1234 \"$@\"");
    Path archive = folder.resolve("first/countersign-0.1.0-linux-amd64.tar.gz");
    Ran.run(List.of("tar", "-C", folder.toString(), "-xzf", archive.toString())).orThrow();
    program = folder.resolve("countersign-0.1.0-linux-amd64/bin/countersign");
  }

  private static Path checkout(String name) throws IOException, InterruptedException {
    Path checkout = Files.createDirectory(folder.resolve(name));
    Ran.run(
            List.of(
                "sh",
                "-c",
                "cd .. && git ls-files -z | tar --null -T - -cf - | tar -C \"$0\" -xf -",
                checkout.toString()))
        .orThrow();
    return checkout;
  }

  private static void release(
      Path checkout, String name, Map<String, String> environment, String script)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    List<String> command =
        List.of(
            "bash",
            "-c",
            script,
            "bash",
            checkout.resolve("dev/release").toString(),
            folder.resolve(name).toString(),
            "--base-url",
            "https://example.com/v0.1.0");
    Ran.run("", environment, Duration.ofHours(1), command).orThrow();
    System.err.printf(
        "release %s: %d s%n", name, Duration.ofNanos(System.nanoTime() - begun).toSeconds());
  }

  /** Runs the program where no other Java can be seen. */
  private static Ran withoutJava(String... arguments) throws IOException, InterruptedException {
    return Ran.run(withoutJava(List.of(arguments)));
  }

  private static List<String> withoutJava(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs none /usr/lib/jvm && ! command -v java >/dev/null"
                    + " && exec env -u JAVA_HOME \"$@\"",
                "sh",
                program.toString()));
    command.addAll(arguments);
    return command;
  }

  @Test
  void twoReleases_areTheSameBytes() throws Exception {
    assertThat(folder.resolve("second/SHA256SUMS"))
        .hasSameTextualContentAs(folder.resolve("first/SHA256SUMS"));
    assertThat(Files.readAllLines(folder.resolve("first/SHA256SUMS"))).hasSize(10);
  }

  @Test
  void program_rendersExplainsAndApproves_withoutAnyJava(Cluster cluster) throws Exception {
    assertThat(withoutJava("--version").orThrow()).startsWith("countersign 0.1.0");
    Path spec = Path.of("../examples/clusters/control-plane-only.yaml").toRealPath();
    withoutJava("render", "--spec", spec.toString(), "--out", folder.resolve("out").toString())
        .orThrow();
    assertThat(folder.resolve("out")).isNotEmptyDirectory();

    Process approver =
        new ProcessBuilder(
                withoutJava(
                    List.of(
                        "approver", "--kubeconfig=" + cluster.plane().layout().adminKubeconfig())))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("approver.log").toFile())
            .start();
    try (SimulatedKubelet kubelet = cluster.registeredNode()) {
      kubelet.rotateServing();
      assertThat(kubelet.servingCertificate()).isPresent();
      Path request = folder.resolve("request.json");
      ObjectNode first =
          (ObjectNode)
              cluster
                  .operator()
                  .get("/apis/certificates.k8s.io/v1/certificatesigningrequests")
                  .orThrow("listing")
                  .at("/items/0");
      // Items of a list do not say what they are.
      first.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
      Files.writeString(request, first.toString());
      assertThat(withoutJava("csr", "explain", "--file", request.toString()).status()).isIn(0, 3);
    } finally {
      CountersignProcess.stop(approver);
    }
  }

  @Test
  void package_installsIntoAnEmptyRoot_andCarriesManualPages() throws Exception {
    Path root = Files.createDirectory(folder.resolve("root"));
    Ran.run(
            List.of(
                "dpkg-deb",
                "-x",
                folder.resolve("first/countersign_0.1.0_amd64.deb").toString(),
                root.toString()))
        .orThrow();
    assertThat(root.resolve("usr/share/man/man1/countersign-csr-explain.1.gz")).isRegularFile();
    assertThat(root.resolve("usr/share/bash-completion/completions/countersign")).isRegularFile();
    assertThat(
            Ran.run(List.of(root.resolve("usr/bin/countersign").toString(), "--version")).orThrow())
        .startsWith("countersign 0.1.0");
  }

  /** The earlier package is this release's program under another version. */
  @Test
  void package_isUpgraded_underARunningApprover(Cluster cluster) throws Exception {
    Path now = folder.resolve("first/countersign_0.1.0_amd64.deb");
    Path before = folder.resolve("countersign_0.0.9_amd64.deb");
    Path content = folder.resolve("content");
    Ran.run(List.of("dpkg-deb", "-R", now.toString(), content.toString())).orThrow();
    Path control = content.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replace("Version: 0.1.0", "Version: 0.0.9"));
    Ran.run(List.of("dpkg-deb", "-Znone", "--build", content.toString(), before.toString()))
        .orThrow();
    Path root = Files.createDirectories(folder.resolve("machine"));
    for (String directory : List.of("info", "updates")) {
      Files.createDirectories(root.resolve("var/lib/dpkg").resolve(directory));
    }
    Files.createFile(root.resolve("var/lib/dpkg/status"));

    install(root, before);
    Process old = approver(cluster, root, "old.log");
    try (SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode();
        SteadyRequests requests = SteadyRequests.of(cluster, List.of(first, second))) {
      moreAreApproved(requests);
      install(root, now);
      moreAreApproved(requests);
      Process other = approver(cluster, root, "new.log");
      try {
        CountersignProcess.stop(old);
        assertThat(old.exitValue()).isZero();
        moreAreApproved(requests);
        requests.stop();
      } finally {
        CountersignProcess.stop(other);
      }
    } finally {
      CountersignProcess.stop(old);
    }
    assertThat(folder.resolve("new.log")).content().contains("leading", "approved");
  }

  /** The libraries that it depends on are this machine's. */
  private static void install(Path root, Path file) throws IOException, InterruptedException {
    Ran.run(List.of("dpkg", "--root=" + root, "--force-depends", "-i", file.toString())).orThrow();
  }

  private static Process approver(Cluster cluster, Path root, String log) throws IOException {
    return new ProcessBuilder(
            root.resolve("usr/bin/countersign").toString(),
            "approver",
            "--kubeconfig=" + cluster.plane().layout().adminKubeconfig(),
            "--namespace=default",
            "--leader-elect",
            "--metrics-bind-address=0",
            "--health-probe-bind-address=0")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }

  private static void moreAreApproved(SteadyRequests requests) throws Exception {
    int before = requests.approved();
    eventually("more approvals", () -> requests.approved() > before + 4);
  }
}
