package dev.countersign.scenarios.release;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.countersign.scenarios.fixture.Arm64;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.DebianMirrors;
import dev.countersign.scenarios.fixture.FlightRecording;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.ProjectVersion;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.scenarios.fixture.SteadyRequests;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final String VERSION = ProjectVersion.text();

  /** An earlier one. */
  private static final String BEFORE = "0.0.9";

  /** Has the JVM say where each class comes from. */
  private static final Map<String, String> CLASSES =
      Map.of("COUNTERSIGN_JAVA_OPTS", "-Xlog:class+load");

  private static final String FROM_THE_ARCHIVE =
      "dev.countersign.cli.Countersign source: shared objects file";

  @TempDir static Path directory;

  private static Path program;

  /** From two checkouts in two directories, by two users, in two time zones. */
  @BeforeAll
  static void makeTwice() throws IOException, InterruptedException {
    Ran.run(
            List.of(
                "openssl",
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
                directory.resolve("release.key").toString()))
        .orThrow();
    release(
        checkout("one"),
        "first",
        Map.of("TZ", "UTC"),
        "umask 022; exec \"$@\"",
        List.of("--key", directory.resolve("release.key").toString()));
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
        "umask 077; exec unshare --user --map-user=1234 --map-group=1234 \"$@\"",
        List.of());
    Path archive = directory.resolve("first/countersign-" + VERSION + "-linux-amd64.tar.gz");
    Ran.run(List.of("tar", "-C", directory.toString(), "-xzf", archive.toString())).orThrow();
    program = directory.resolve("countersign-" + VERSION + "-linux-amd64/bin/countersign");
  }

  private static Path checkout(String name) throws IOException, InterruptedException {
    Path checkout = Files.createDirectory(directory.resolve(name));
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
      Path checkout,
      String name,
      Map<String, String> environment,
      String script,
      List<String> options)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                script,
                "bash",
                checkout.resolve("dev/release").toString(),
                directory.resolve(name).toString(),
                "--base-url",
                "https://example.com/v" + VERSION,
                // The kubelet's takes Kubernetes' release; KubeletImageIT builds it.
                "--images",
                "approver"));
    command.addAll(options);
    command.add("--");
    command.addAll(DebianMirrors.options());
    Ran.run("", environment, Duration.ofHours(1), command).orThrow();
    System.err.printf(
        "release %s: %d s%n", name, Duration.ofNanos(System.nanoTime() - begun).toSeconds());
    System.err.print(
        Ran.run(List.of("du", "-ab", "--apparent-size", directory.resolve(name).toString())).out());
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
    assertThat(directory.resolve("second/SHA256SUMS"))
        .hasSameTextualContentAs(directory.resolve("first/SHA256SUMS"));
    assertThat(Files.readAllLines(directory.resolve("first/SHA256SUMS"))).hasSize(13);
  }

  /** As docs/releases.md says. */
  @Test
  void image_isOneOfBothArchitectures_withWhatItIsMadeOf() throws Exception {
    Path archive = directory.resolve("first/approver-" + VERSION + ".oci.tar");
    String inspected = Command.run("image", "inspect", archive.toString(), "-o", "json").orThrow();
    JsonNode platforms = new ObjectMapper().readTree(inspected).path("platforms");
    assertThat(platforms.findValuesAsText("architecture")).containsExactly("amd64", "arm64");
    for (String architecture : List.of("amd64", "arm64")) {
      Path list =
          directory.resolve("first/approver-" + VERSION + "-" + architecture + ".spdx.json");
      JsonNode spdx = new ObjectMapper().readTree(Files.readString(list));
      assertThat(spdx.path("spdxVersion").asText()).isEqualTo("SPDX-2.3");
      assertThat(spdx.path("packages").findValuesAsText("name"))
          .contains("libc6", "countersign-approver");
    }
  }

  @Test
  void checksums_areSigned_withTheKeyThatWasGiven() throws Exception {
    String check =
        """
        cd "$0/first"
        sha256sum --check --quiet SHA256SUMS
        openssl pkey -in ../release.key -pubout -out ../release.pub
        openssl dgst -sha256 -verify ../release.pub -signature <(base64 -d SHA256SUMS.sig) SHA256SUMS
        """;
    assertThat(Ran.run(List.of("bash", "-ec", check, directory.toString())).orThrow())
        .isEqualTo("Verified OK\n");
  }

  @Test
  void listOfParts_isValidByCycloneDxSchema_andNamesEachPartsLicenceAndPurl() throws Exception {
    String text = Files.readString(directory.resolve("first/countersign-" + VERSION + ".cdx.json"));
    JsonNode document = new ObjectMapper().readTree(text);
    String specification = document.path("specVersion").asText();
    String base = "http://cyclonedx.org/schema/";
    Map<String, String> referred =
        Map.of(
            base + "spdx.schema.json",
            schema("spdx"),
            base + "jsf-0.82.schema.json",
            schema("jsf-0.82"));
    assertThat(
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_7, registry -> registry.schemas(referred))
                .getSchema(schema("bom-" + specification), InputFormat.JSON)
                .validate(text, InputFormat.JSON))
        .isEmpty();
    assertThat(document.path("components")).hasSizeGreaterThan(10);
    for (JsonNode part : document.path("components")) {
      assertThat(part.path("purl").asText()).startsWith("pkg:maven/");
      assertThat(part.path("licenses")).as(part.path("purl").asText()).isNotEmpty();
    }
  }

  /** Of CycloneDX, as its library has it. */
  private static String schema(String name) throws IOException {
    try (InputStream schema =
        Objects.requireNonNull(
            SchemaRegistry.class.getResourceAsStream("/" + name + ".schema.json"), name)) {
      return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void program_rendersExplainsAndApproves_withoutAnyJava(Cluster cluster) throws Exception {
    assertThat(withoutJava("--version").orThrow()).startsWith("countersign " + VERSION);
    assertThat(Ran.run("", CLASSES, withoutJava(List.of("help"))).orThrow())
        .contains(FROM_THE_ARCHIVE);
    Path spec = Path.of("../examples/clusters/control-plane-only.yaml").toRealPath();
    withoutJava("render", "--spec", spec.toString(), "--out", directory.resolve("out").toString())
        .orThrow();
    assertThat(directory.resolve("out")).isNotEmptyDirectory();

    Process approver =
        new ProcessBuilder(
                withoutJava(
                    List.of(
                        "approver", "--kubeconfig=" + cluster.plane().layout().adminKubeconfig())))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("approver.log").toFile())
            .start();
    try (SimulatedKubelet kubelet = cluster.registeredNode()) {
      kubelet.rotateServing();
      assertThat(kubelet.servingCertificate()).isPresent();
      Path request = directory.resolve("request.json");
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
      assertThat(FlightRecording.of(approver.pid(), directory))
          .contains("jdk.ThreadStart", "jdk.JVMInformation");
    } finally {
      CountersignProcess.stop(approver);
    }
  }

  /** By its own launcher, with the C library that the approver's image has. */
  @Test
  @RequiresTool("qemu-aarch64-static")
  void program_ofArm64_explainsAsThatOfAmd64Does() throws Exception {
    Arm64.require();
    Path archive = directory.resolve("first/countersign-" + VERSION + "-linux-arm64.tar.gz");
    Ran.run(List.of("tar", "-C", directory.toString(), "-xzf", archive.toString())).orThrow();
    String there = directory + "/countersign-" + VERSION + "-linux-arm64/bin/countersign";
    Map<String, String> libraries = Map.of("QEMU_LD_PREFIX", librariesOfArm64().toString());
    assertThat(Ran.run("", libraries, Arm64.command(List.of(there, "--version"))).orThrow())
        .startsWith("countersign " + VERSION);
    Map<String, String> classes = new HashMap<>(libraries);
    classes.putAll(CLASSES);
    assertThat(Ran.run("", classes, Arm64.command(List.of(there, "help"))).orThrow())
        .contains(FROM_THE_ARCHIVE);
    String request = Path.of("../examples/requests/worker-1.yaml").toRealPath().toString();
    List<String> explain = List.of("csr", "explain", "--file", request);
    Ran here = withoutJava(explain.toArray(String[]::new));
    List<String> words = new ArrayList<>(List.of(there));
    words.addAll(explain);
    assertThat(Ran.run("", libraries, Arm64.command(words))).isEqualTo(here);
    assertThat(here.out()).contains("worker-1", "RequestIsReadable");
  }

  private static Path librariesOfArm64() throws Exception {
    Path packages = directory.resolve("packages");
    List<String> fetch =
        new ArrayList<>(List.of("image", "fetch", "--lock=../images/approver.lock.json"));
    for (String name : List.of("libc6", "libgcc-s1", "libstdc++6", "zlib1g")) {
      fetch.add("--package=" + name);
    }
    fetch.add("--to=" + packages);
    fetch.addAll(DebianMirrors.options());
    Command.run(fetch.toArray(String[]::new)).orThrow();
    Path root = Files.createDirectory(directory.resolve("arm64"));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(packages, "*_arm64.deb")) {
      for (Path file : files) {
        Ran.run(List.of("dpkg-deb", "-x", file.toString(), root.toString())).orThrow();
      }
    }
    Files.createSymbolicLink(root.resolve("lib"), Path.of("usr/lib"));
    return root;
  }

  @Test
  void package_installsIntoAnEmptyRoot_andCarriesManualPages() throws Exception {
    Path root = Files.createDirectory(directory.resolve("root"));
    Ran.run(
            List.of(
                "dpkg-deb",
                "-x",
                directory.resolve("first/countersign_" + VERSION + "_amd64.deb").toString(),
                root.toString()))
        .orThrow();
    assertThat(root.resolve("usr/share/man/man1/countersign-csr-explain.1.gz")).isRegularFile();
    assertThat(root.resolve("usr/share/bash-completion/completions/countersign")).isRegularFile();
    assertThat(
            Ran.run(List.of(root.resolve("usr/bin/countersign").toString(), "--version")).orThrow())
        .startsWith("countersign " + VERSION);
  }

  /** The earlier package is this release's program under another version. */
  @Test
  void package_isUpgraded_underARunningApprover(Cluster cluster) throws Exception {
    Path now = directory.resolve("first/countersign_" + VERSION + "_amd64.deb");
    Path before = directory.resolve("countersign_" + BEFORE + "_amd64.deb");
    Path content = directory.resolve("content");
    Ran.run(List.of("dpkg-deb", "-R", now.toString(), content.toString())).orThrow();
    Path control = content.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replace("Version: " + VERSION, "Version: " + BEFORE));
    Ran.run(List.of("dpkg-deb", "-Znone", "--build", content.toString(), before.toString()))
        .orThrow();
    Path root = Files.createDirectories(directory.resolve("machine"));
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
    assertThat(directory.resolve("new.log")).content().contains("leading", "approved");
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
        .redirectOutput(directory.resolve(log).toFile())
        .start();
  }

  private static void moreAreApproved(SteadyRequests requests) throws Exception {
    int before = requests.approved();
    eventually("more approvals", () -> requests.approved() > before + 4);
  }
}
