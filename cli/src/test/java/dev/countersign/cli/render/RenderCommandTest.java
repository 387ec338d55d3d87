package dev.countersign.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.kubernetes.KubernetesReleases;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RenderCommandTest {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ClusterSpec
      clusterName: mercury
      apiServers: [mercury.example.com]
      etcdServers: [node1.example.com]
      bootstrapToken: {expiresAfter: never}
      nodes:
        platform: aws
        os: fedora-coreos
        sshAuthorizedKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkY3nsGdTqUX2oXUTBN2xb0nmO0PnHlnZ5Jz5hZ4b0a me]
        controllers: [{name: node1}]
        workers: [{name: pool}]
      """;

  @TempDir private Path directory = Path.of(".");
  private Path spec = directory;
  private Path out = directory;

  private record Result(int status, String out, String err) {}

  @BeforeEach
  void writeSpec() throws IOException {
    spec = directory.resolve("cluster.yaml");
    out = directory.resolve("assets");
    Files.writeString(spec, SPEC);
  }

  private Result render(String... more) {
    StringWriter printed = new StringWriter();
    StringWriter told = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(printed, true), new PrintWriter(told, true)),
            Stream.concat(
                    Stream.of("render", "--spec", spec.toString(), "--out", out.toString()),
                    Stream.of(more))
                .toArray(String[]::new));
    return new Result(status, printed.toString(), told.toString());
  }

  private Result first() {
    Result result = render();
    assertThat(result.status()).as(result.err()).isZero();
    return result;
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }

  private static final String DROP_IN =
      """
      variant: fcos
      version: 1.4.0
      systemd:
        units:
        - name: kubelet.service
          dropins: [{name: 10-image.conf, contents: "[Service]"}]
      """;

  private void writeSnippet(String snippet) throws IOException {
    Files.createDirectories(directory.resolve("snippets"));
    Files.writeString(directory.resolve("snippets/image.yaml"), snippet);
    Files.writeString(
        spec, SPEC.replace("workers:", "workerSnippets: [snippets/image.yaml]\n  workers:"));
  }

  @Test
  void snippet_besideTheSpec_isMergedIntoTheMachines() throws IOException {
    writeSnippet(DROP_IN);
    first();
    assertThat(Files.readString(out.resolve("nodes/pool.ign"))).contains("10-image.conf");
    assertThat(Files.readString(out.resolve("nodes/pool.yaml"))).contains("10-image.conf");
    assertThat(Files.readString(out.resolve("nodes/node1.ign"))).doesNotContain("10-image.conf");
  }

  @Test
  void snippet_thatReplacesAUnit_isNamedWithItsPath_andNothingIsWritten() throws IOException {
    writeSnippet(DROP_IN.replaceAll("dropins: .*", "contents: a"));
    Result result = render();
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err())
        .contains("1 problem in the snippets of " + spec)
        .contains("snippets/image.yaml: systemd.units[0].contents: got those of kubelet.service");
    assertThat(out).doesNotExist();
  }

  @Test
  void snippet_thatIsNotThere_isNamed() throws IOException {
    writeSnippet(DROP_IN);
    Files.delete(directory.resolve("snippets/image.yaml"));
    Result result = render();
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("snippets/image.yaml: got a path where there is nothing");
  }

  @Test
  void firstRendering_saysWhatItMade_andNoSecret() throws IOException {
    Result result = first();
    Map<String, String> files = files(out);
    assertThat(result.out().lines())
        .hasSize(files.size())
        .allMatch(line -> line.startsWith("create "))
        .contains("create tls/k8s/ca.key", "create outputs.json", "create nodes/pool.ign");
    assertThat(result.err()).contains("changed " + files.size() + " of " + files.size());
    String token =
        Objects.requireNonNull(files.get("auth/kubeconfig-bootstrap"))
            .lines()
            .filter(line -> line.contains("token:"))
            .findFirst()
            .orElseThrow()
            .replaceAll(".*: ", "");
    assertThat(result.out() + result.err()).doesNotContain(token, "PRIVATE KEY");
    assertThat(files.get("outputs.json")).contains("\"cluster_dns_service_ip\"", "10.3.0.10");
  }

  @Test
  void again_changesNothing() throws IOException {
    first();
    Map<String, String> before = files(out);
    Result again = first();
    assertThat(again.out()).isEmpty();
    assertThat(again.err()).contains("changed 0 of " + before.size());
    assertThat(files(out)).isEqualTo(before);
  }

  @Test
  void check_writesNothing_andExits3WhereSomethingDiffers() throws IOException {
    assertThat(render("--check").status()).isEqualTo(3);
    assertThat(out).doesNotExist();
    first();
    assertThat(render("--check").status()).isZero();
    Path manifest = out.resolve("static-manifests/kube-scheduler.yaml");
    Path key = out.resolve("tls/k8s/ca.key");
    Files.writeString(manifest, "tampered\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    Map<String, String> before = files(out);
    Result check = render("--check");
    assertThat(check.status()).isEqualTo(3);
    assertThat(check.out().lines())
        .containsExactlyInAnyOrder(
            "change static-manifests/kube-scheduler.yaml", "mode-rw------- tls/k8s/ca.key");
    assertThat(files(out)).isEqualTo(before);
    first();
    assertThat(render("--check").status()).isZero();
  }

  @Test
  void renew_reissuesWhatIsDue_forTheSameKeys() throws IOException {
    Files.writeString(
        spec,
        SPEC
            + "pki: {renewBefore: 1h, validity: {certificate: 720h, certificates: {apiserver:"
            + " 4s}}}\n");
    first();
    Map<String, String> before = files(out);
    Files.writeString(spec, SPEC + "pki: {renewBefore: 719h, validity: {certificate: 720h}}\n");
    Result kept = first();
    assertThat(kept.out()).isEmpty();
    assertThat(kept.err()).contains("tls/k8s/apiserver.crt: ");
    Result renewed = render("--renew");
    assertThat(renewed.status()).isZero();
    assertThat(renewed.out()).isEqualTo("change tls/k8s/apiserver.crt\n");
    Map<String, String> after = files(out);
    after.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
    assertThat(after).containsOnlyKeys("tls/k8s/apiserver.crt");
  }

  @Test
  void rotateToken_changesTheTokenAndWhatCarriesIt() {
    first();
    Result rotated = render("--rotate-token");
    assertThat(rotated.status()).isZero();
    assertThat(rotated.out().lines())
        .containsExactlyInAnyOrder(
            "change auth/kubeconfig-bootstrap",
            "change manifests/bootstrap-token.yaml",
            "change nodes/node1.ign",
            "change nodes/node1.yaml",
            "change nodes/pool.ign",
            "change nodes/pool.yaml");
  }

  @Test
  void publicOnly_holdsNoSecret_andGoesWithNothingElse() throws IOException {
    assertThat(render("--public-only").status()).isZero();
    Map<String, String> files = files(out);
    assertThat(files).containsKeys("outputs.json", "manifests/in-cluster.yaml");
    assertThat(files.keySet())
        .noneMatch(
            path ->
                path.startsWith("auth/")
                    || path.endsWith(".key")
                    || path.contains("bootstrap-token"));
    assertThat(String.join("", files.values())).doesNotContain("PRIVATE KEY", "token-secret");
    assertThat(render("--public-only", "--renew").status()).isEqualTo(2);
    assertThat(render("--public-only", "--rotate-token").status()).isEqualTo(2);
    assertThat(render("--public-only", "--check").status()).isZero();
  }

  @Test
  void kubeletImage_becomesADropIn() throws IOException {
    String image = "docker.io/psdn/kubelet:" + KubernetesReleases.supported().byDefault();
    assertThat(render("--kubelet-image", image).status()).isZero();
    assertThat(files(out).get("nodes/pool.yaml"))
        .contains("10-kubelet-image.conf", "KUBELET_IMAGE=" + image);
    Result wrong = render("--kubelet-image", "kubelet");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("--kubelet-image: got \"kubelet\"; want an image");
  }

  @Test
  void everyFault_isSaidAtOnce_withPathGotWantAndWhatWasMeant() throws IOException {
    Files.writeString(
        spec,
        SPEC.replace("clusterName: mercury", "clusterName: Mercury\nservceCidr: 10.3.0.0/30")
            .replace("platform: aws", "platform: awss"));
    Result result = render();
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(out).doesNotExist();
    assertThat(result.err())
        .contains("3 problems in " + spec)
        .contains("clusterName (line 3): got \"Mercury\"; want ")
        .contains("servceCidr (line 4): got an unknown field; want one of ")
        .contains("did you mean \"serviceCidr\"?")
        .contains("nodes.platform (line 9): got \"awss\"; want one of ")
        .contains("did you mean \"aws\"?");
  }

  @Test
  void damagedAuthority_isNeverReplaced() throws IOException {
    first();
    Path key = out.resolve("tls/k8s/ca.key");
    Files.writeString(key, "no key\n");
    Map<String, String> before = files(out);
    Result result = render();
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("nothing was written", "tls/k8s/ca.key: got ");
    assertThat(files(out)).isEqualTo(before);
  }

  @Test
  void init_writesAStarterThatRenders_andKeepsOneThatIsThere() throws IOException {
    spec = directory.resolve("new.yaml");
    assertThat(render("--init").status()).isZero();
    first();
    String before = Files.readString(spec);
    assertThat(render("--init").status()).isEqualTo(2);
    assertThat(Files.readString(spec)).isEqualTo(before);
  }

  /** A process of its own, as the mask, the locale and the time zone are a process's. */
  @ParameterizedTest
  @ValueSource(strings = {"000", "077"})
  void maskLocaleAndTimeZone_changeNeitherBytesNorModes(String mask) throws Exception {
    first();
    Map<String, String> before = files(out);
    Map<String, String> modes = modes(out);
    assertThat(modes)
        .containsEntry("tls/k8s/ca.key", "rw-------")
        .containsEntry("nodes/pool.ign", "rw-------")
        .containsEntry("manifests/in-cluster.yaml", "rw-r--r--")
        .containsEntry("auth", "rwx------")
        .containsEntry("manifests", "rwx------")
        .containsEntry("nodes", "rwx------")
        .containsEntry("tls/k8s", "rwx------");
    for (String path : before.keySet()) {
      if (!path.startsWith("tls/")
          && !path.endsWith("bootstrap-token.yaml")
          && !path.matches("auth/[a-z-]+\\.conf")) {
        Files.delete(out.resolve(path));
      }
    }
    Path log = directory.resolve("render.log");
    Process process =
        new ProcessBuilder(
                "sh",
                "-ec",
                "umask " + mask + "; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Duser.language=ar",
                "-Duser.country=EG",
                "-Duser.timezone=Pacific/Kiritimati",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.countersign.cli.Countersign",
                "render",
                "--spec",
                spec.toString(),
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    assertThat(files(out)).isEqualTo(before);
    assertThat(modes(out)).isEqualTo(modes);
  }

  private static Map<String, String> modes(Path root) throws IOException {
    Map<String, String> modes = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : walk.skip(1).toList()) {
        modes.put(
            root.relativize(path).toString(),
            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      }
    }
    return modes;
  }

  @Test
  void anotherVersion_printsAPlan_andKeepsEveryKey() throws IOException {
    Files.writeString(spec, SPEC + "kubernetesVersion: v1.35.4\n");
    first();
    Map<String, String> before = files(out);
    Files.writeString(spec, SPEC + "kubernetesVersion: v1.36.3\n");
    Result check = render("--check");
    assertThat(check.status()).isEqualTo(3);
    assertThat(check.out())
        .contains("change static-manifests/kube-apiserver.yaml")
        .contains("\n\nUpgrade plan, Kubernetes v1.35.4 to v1.36.3.")
        .contains(
            "\n3. kube-controller-manager and kube-scheduler, once every kube-apiserver is new\n")
        .contains("tokens, all of them\n");
    assertThat(files(out)).isEqualTo(before);
    Result json = render("--check", "-o", "json");
    assertThat(json.status()).isEqualTo(3);
    JsonNode document = new ObjectMapper().readTree(json.out());
    assertThat(document.at("/files/0/change").asText()).isEqualTo("change");
    assertThat(document.at("/upgrade/from").asText()).isEqualTo("v1.35.4");
    assertThat(document.at("/upgrade/steps/1/images/0/to").asText())
        .isEqualTo("registry.k8s.io/kube-apiserver:v1.36.3");
    assertThat(document.at("/upgrade/identitiesReissued")).isEmpty();
    assertThat(first().out()).contains("Upgrade plan");
    assertThat(first().out()).isEmpty();
    assertThat(files(out))
        .allSatisfy(
            (path, text) -> {
              if (path.startsWith("tls/") || path.startsWith("auth/")) {
                assertThat(text).isEqualTo(before.get(path));
              }
            });
  }
}
