package dev.countersign.render.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.AssetPath;
import dev.countersign.render.Specs;
import dev.countersign.render.platform.NodePlatform;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.testkit.GoldenFiles;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class NodeAssetsTest {
  private static final SecretText KUBECONFIG =
      SecretText.of("apiVersion: v1\nkind: Config\nclusters: []\n");

  static Stream<Arguments> machines() {
    return Stream.of(Platform.values())
        .flatMap(
            platform -> Stream.of(OperatingSystem.values()).map(os -> Arguments.of(platform, os)));
  }

  private static Map<String, String> render(Platform platform, OperatingSystem os) {
    return render(Specs.withNodes(platform, os));
  }

  private static Map<String, String> render(String yaml) {
    Map<String, String> files = new TreeMap<>();
    NodeAssets.render(Specs.parse(yaml), Optional.of(KUBECONFIG))
        .forEach(
            (path, asset) ->
                files.put(
                    path.value().replace("nodes/", ""),
                    asset.text(SecretAccess.because("compared in a test"))));
    return files;
  }

  /** The golden files hold for every release, as nothing but tags of images differs. */
  @ParameterizedTest
  @MethodSource("machines")
  void everyMachine_isGolden(Platform platform, OperatingSystem os) {
    GoldenFiles golden = GoldenFiles.in("src/test/golden/nodes/" + os.key() + "/" + platform.key());
    for (KubernetesRelease release : KubernetesReleases.supported().all()) {
      Map<String, String> files = render(Specs.withRelease(Specs.withNodes(platform, os), release));
      assertThat(files).hasSize(os == OperatingSystem.CONTAINER_LINUX ? 2 : 4);
      files.forEach(
          (name, text) -> golden.assertMatches(name, Specs.withoutVersions(text, release)));
    }
  }

  /** Butane's published keys (config specs fcos 1.4.0, flatcar 1.0.0), those that we use. */
  @ParameterizedTest
  @MethodSource("machines")
  void butane_translatesToExactlyOurIgnition(Platform platform, OperatingSystem os) {
    Map<String, String> files = render(platform, os);
    for (String name : List.of("node1", "pool")) {
      Map<?, ?> butane = (Map<?, ?>) load(Objects.requireNonNull(files.get(name + ".yaml")));
      if (os == OperatingSystem.CONTAINER_LINUX) {
        assertThat(butane.keySet()).hasToString("[systemd, storage, passwd]");
        assertThat(files).doesNotContainKey(name + ".ign");
        continue;
      }
      boolean fcos = os == OperatingSystem.FEDORA_COREOS;
      assertThat(butane.get("variant")).isEqualTo(fcos ? "fcos" : "flatcar");
      assertThat(butane.get("version")).isEqualTo(fcos ? "1.4.0" : "1.0.0");
      Object ignition = load(Objects.requireNonNull(files.get(name + ".ign")));
      assertThat(ignition).isEqualTo(translate(butane));
    }
  }

  /**
   * The rules of coreos.github.io/butane, "Upgrading" and "Specs": snake to camel, inline to URL.
   */
  private static Map<String, Object> translate(Map<?, ?> butane) {
    assertThat(butane.keySet().stream().map(String::valueOf))
        .isSubsetOf("variant", "version", "systemd", "storage", "passwd");
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ignition", Map.of("version", "3.3.0"));
    if (butane.get("passwd") instanceof Map<?, ?> passwd) {
      List<Object> users = new ArrayList<>();
      for (Object each : list(passwd, "users")) {
        Map<?, ?> user = (Map<?, ?>) each;
        assertThat(user.keySet()).hasToString("[name, ssh_authorized_keys]");
        users.add(
            Map.of(
                "name",
                Objects.requireNonNull(user.get("name")),
                "sshAuthorizedKeys",
                list(user, "ssh_authorized_keys")));
      }
      result.put("passwd", Map.of("users", users));
    }
    Map<?, ?> storage = (Map<?, ?>) Objects.requireNonNull(butane.get("storage"));
    List<Object> files = new ArrayList<>();
    for (Object each : list(storage, "files")) {
      Map<?, ?> file = (Map<?, ?>) each;
      assertThat(file.keySet().stream().map(String::valueOf))
          .isSubsetOf("path", "mode", "overwrite", "contents");
      Map<String, Object> translated = new LinkedHashMap<>();
      file.forEach((key, value) -> translated.put(String.valueOf(key), value));
      Map<?, ?> contents = (Map<?, ?>) Objects.requireNonNull(file.get("contents"));
      assertThat(contents.keySet()).hasToString("[inline]");
      translated.put("contents", Map.of("inline", Objects.requireNonNull(contents.get("inline"))));
      files.add(translated);
    }
    result.put("storage", Map.of("directories", list(storage, "directories"), "files", files));
    result.put("systemd", Objects.requireNonNull(butane.get("systemd")));
    return result;
  }

  private static List<?> list(Map<?, ?> map, String key) {
    return (List<?>) Objects.requireNonNull(map.get(key), key);
  }

  /** YAML, or JSON, which is YAML; data URLs are read so that contents can be compared. */
  private static Object load(String text) {
    Object value = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    if (text.startsWith("{")) {
      Map<?, ?> root = (Map<?, ?>) value;
      Map<?, ?> storage = (Map<?, ?>) Objects.requireNonNull(root.get("storage"));
      for (Object each : list(storage, "files")) {
        @SuppressWarnings("unchecked")
        Map<String, Object> file = (Map<String, Object>) each;
        Map<?, ?> contents = (Map<?, ?>) Objects.requireNonNull(file.get("contents"));
        assertThat(contents.get("compression")).isEqualTo("");
        file.put("contents", Map.of("inline", data(String.valueOf(contents.get("source")))));
      }
    }
    return value;
  }

  private static String data(String url) {
    if (url.startsWith("data:;base64,")) {
      return new String(
          Base64.getDecoder().decode(url.substring("data:;base64,".length())),
          StandardCharsets.UTF_8);
    }
    assertThat(url).startsWith("data:,").doesNotContain("+");
    return URLDecoder.decode(url.substring("data:,".length()), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("machines")
  @RequiresTool("ignition-validate")
  void ignition_isValid(Platform platform, OperatingSystem os, @TempDir Path directory)
      throws Exception {
    if (os == OperatingSystem.CONTAINER_LINUX) {
      return;
    }
    for (Map.Entry<String, String> each : render(platform, os).entrySet()) {
      if (each.getKey().endsWith(".ign")) {
        Path file = Files.writeString(directory.resolve(each.getKey()), each.getValue());
        assertThat(run("ignition-validate", file.toString())).isEqualTo(new Ran(0, ""));
      }
    }
  }

  @Test
  @RequiresTool("ignition-validate")
  void ignitionValidate_refusesWhatIsWrong(@TempDir Path directory) throws Exception {
    String text =
        Objects.requireNonNull(render(Platform.AWS, OperatingSystem.FLATCAR).get("pool.ign"));
    Path file =
        Files.writeString(
            directory.resolve("a.ign"), text.replace("\"/etc/kubernetes\"", "\"etc\""));
    assertThat(run("ignition-validate", file.toString()).status()).isNotZero();
  }

  @ParameterizedTest
  @MethodSource("machines")
  @RequiresTool("systemd-analyze")
  void units_areVerifiedBySystemd(Platform platform, OperatingSystem os, @TempDir Path root)
      throws Exception {
    systemRoot(root);
    for (Map.Entry<String, String> each : render(platform, os).entrySet()) {
      if (!each.getKey().endsWith(".yaml")) {
        continue;
      }
      for (Object one : units(each.getValue())) {
        Map<?, ?> unit = (Map<?, ?>) one;
        Path file = root.resolve("etc/systemd/system/" + unit.get("name"));
        if (unit.get("contents") instanceof String contents) {
          Files.writeString(file, contents);
        }
        if (unit.get("dropins") instanceof List<?> dropIns) {
          for (Object dropIn : dropIns) {
            Path dropInFile =
                root.resolve("etc/systemd/system/" + unit.get("name") + ".d")
                    .resolve(String.valueOf(((Map<?, ?>) dropIn).get("name")));
            Files.createDirectories(Objects.requireNonNull(dropInFile.getParent()));
            Files.writeString(dropInFile, String.valueOf(((Map<?, ?>) dropIn).get("contents")));
          }
        }
      }
      for (Object one : units(each.getValue())) {
        Map<?, ?> unit = (Map<?, ?>) one;
        if (unit.containsKey("contents")) {
          assertThat(verify(root, String.valueOf(unit.get("name"))))
              .as("%s %s %s", platform, os, unit.get("name"))
              .isEqualTo(new Ran(0, ""));
        }
      }
    }
  }

  @Test
  @RequiresTool("systemd-analyze")
  void systemdAnalyze_refusesWhatIsWrong(@TempDir Path root) throws Exception {
    systemRoot(root);
    Path unit = root.resolve("etc/systemd/system/a.service");
    Files.writeString(unit, "[Service]\nExecStart=/usr/bin/absent\nNoSuchKey=1\n");
    Ran ran = verify(root, "a.service");
    assertThat(ran.output()).contains("NoSuchKey").contains("/usr/bin/absent");
  }

  private static Ran verify(Path root, String unit) throws Exception {
    return run("systemd-analyze", "verify", "--root=" + root, "--man=no", "--generators=no", unit);
  }

  /** What our units refer to, and nothing else. */
  private static void systemRoot(Path root) throws IOException {
    Files.createDirectories(root.resolve("etc/systemd/system"));
    Path units = Files.createDirectories(root.resolve("usr/lib/systemd/system"));
    for (String target :
        List.of("sysinit", "basic", "shutdown", "network-online", "multi-user", "paths")) {
      Files.writeString(units.resolve(target + ".target"), "[Unit]\nDescription=x\n");
    }
    for (String service :
        List.of(
            "rpc-statd", "afterburn", "coreos-metadata", "containerd", "docker", "locksmithd")) {
      Files.writeString(units.resolve(service + ".service"), "[Service]\nExecStart=/bin/true\n");
    }
    for (String program :
        List.of(
            "bin/true",
            "bin/sh",
            "bin/mkdir",
            "bin/touch",
            "usr/bin/podman",
            "usr/bin/docker",
            "usr/bin/rkt",
            "etc/kubernetes/delete-node")) {
      Path file = root.resolve(program);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, "#!/bin/sh\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
  }

  private static List<?> units(String butane) {
    Map<?, ?> root = (Map<?, ?>) load(butane);
    return list((Map<?, ?>) Objects.requireNonNull(root.get("systemd")), "units");
  }

  @ParameterizedTest
  @MethodSource("machines")
  @RequiresTool("shellcheck")
  void scripts_passShellcheck(Platform platform, OperatingSystem os, @TempDir Path directory)
      throws Exception {
    int scripts = 0;
    for (Map.Entry<String, String> each : render(platform, os).entrySet()) {
      if (!each.getKey().endsWith(".yaml")) {
        continue;
      }
      Map<?, ?> root = (Map<?, ?>) load(each.getValue());
      for (Object one : list((Map<?, ?>) Objects.requireNonNull(root.get("storage")), "files")) {
        Map<?, ?> contents = (Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) one).get("contents"));
        String text = String.valueOf(contents.get("inline"));
        if (text.startsWith("#!")) {
          scripts++;
          Path file = Files.writeString(directory.resolve("script"), text);
          assertThat(run("shellcheck", file.toString())).isEqualTo(new Ran(0, ""));
        }
      }
    }
    assertThat(scripts).isEqualTo(NodePlatform.of(platform).deletesNode() ? 3 : 2);
  }

  @ParameterizedTest
  @MethodSource("machines")
  void kubelet_keepsToTheRules(Platform platform, OperatingSystem os) {
    Map<String, String> files = render(platform, os);
    String controller = Objects.requireNonNull(files.get("node1.yaml"));
    String worker = Objects.requireNonNull(files.get("pool.yaml"));
    for (String text : List.of(controller, worker)) {
      assertThat(text)
          .doesNotContain("/var/lib/cni")
          .doesNotContain("--node-labels=node-role")
          .contains("${KUBELET_IMAGE} ")
          .contains("Environment=KUBELET_IMAGE=")
          .contains(Specs.KUBELET_IMAGE)
          .contains("--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig")
          .contains("--kubeconfig=/var/lib/kubelet/kubeconfig");
      if (os == OperatingSystem.CONTAINER_LINUX) {
        assertThat(text)
            .contains("--volume etc-kubernetes,kind=host,source=/etc/kubernetes,readOnly=true")
            .contains("--volume etc-resolv-conf,kind=host,source=/etc/resolv.conf,readOnly=true")
            .contains("--rotate-server-certificates");
      } else {
        assertThat(text)
            .containsPattern("--volume /etc/kubernetes:/etc/kubernetes:ro(,z)? ")
            .contains("--volume /etc/resolv.conf:/etc/resolv.conf:ro ")
            .contains("serverTLSBootstrap: true")
            .contains("rotateCertificates: true");
      }
    }
    assertThat(controller)
        .contains("--node-labels=node.kubernetes.io/controller=true")
        .contains("--register-with-taints=node-role.kubernetes.io/controller=:NoSchedule")
        .doesNotContain("delete-node");
    assertThat(worker)
        .contains("--node-labels=node.kubernetes.io/node=")
        .contains("--node-labels=role=edge")
        .contains("--register-with-taints=edge=yes:NoSchedule");
    assertThat(worker.contains("name: delete-node.service"))
        .isEqualTo(NodePlatform.of(platform).deletesNode());
    if (NodePlatform.of(platform).deletesNode()) {
      assertThat(worker)
          .contains("kubectl 27 --kubeconfig=/var/lib/kubelet/kubeconfig drain \"$node\"")
          .contains("kubectl 10 --kubeconfig=/var/lib/kubelet/kubeconfig delete node \"$node\"")
          .contains("TimeoutStopSec=45s")
          .contains("InhibitDelayMaxSec=45s")
          .containsPattern(
              os == OperatingSystem.CONTAINER_LINUX
                  ? "--exec=/usr/local/bin/kubectl --"
                  : "--entrypoint /usr/local/bin/kubectl");
    }
    assertThat(worker.contains("--provider-id=aws:///")).isEqualTo(platform == Platform.AWS);
  }

  @Test
  void thousandMachines_haveTheirOwnNames() {
    StringBuilder yaml =
        new StringBuilder(Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS));
    for (int i = 0; i < 1000; i++) {
      yaml.append("  - {name: w").append(i).append(", domain: w").append(i).append(".a.b}\n");
    }
    Set<AssetPath> paths =
        NodeAssets.render(Specs.parse(yaml.toString()), Optional.empty()).keySet();
    assertThat(paths).hasSize(2 * 1002).contains(AssetPath.of("nodes/w999.ign"));
  }

  private record Ran(int status, String output) {}

  private static Ran run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }
}
