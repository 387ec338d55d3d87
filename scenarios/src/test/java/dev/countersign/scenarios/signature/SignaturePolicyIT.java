package dev.countersign.scenarios.signature;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.CosignKeys;
import dev.countersign.testkit.GoProgram;
import dev.countersign.testkit.LocalRegistry;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * An image that {@code image build}, {@code push} and {@code sign} made is pulled from a real
 * registry under the policy that {@code render} writes for machines: with the key that signed it,
 * not with another, and not without a signature.
 */
@RequiresTool("docker-registry")
class SignaturePolicyIT {
  private static final String VERSION = KubernetesReleases.supported().byDefault().toString();

  private static final String IMAGE_SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: kubelet
      version: "{kubernetes}"
      tags: kubelet
      architectures: [amd64, arm64]
      files: [{from: data, to: /opt/data}]
      config: {entrypoint: [/opt/data]}
      """;

  @TempDir private Path directory = Path.of(".");

  private Path layout = Path.of(".");
  private LocalRegistry registry;
  private String repository = "";

  @BeforeEach
  void build() throws Exception {
    layout = directory.resolve("image");
    Files.writeString(directory.resolve("data"), "some data");
    Files.writeString(directory.resolve("spec.yaml"), IMAGE_SPEC);
    Files.writeString(directory.resolve("cosign.key"), CosignKeys.PRIVATE);
    Path lock = directory.resolve("lock.json");
    Command.run(
            "image",
            "lock",
            "--spec=" + directory.resolve("spec.yaml"),
            "--inputs=" + directory,
            "--epoch=2026-01-01T00:00:00Z",
            "--out=" + lock)
        .orThrow();
    Command.run("image", "build", "--lock=" + lock, "--inputs=" + directory, "--out=" + layout)
        .orThrow();
    registry = new LocalRegistry(directory, "registry");
    repository = registry.host() + "/you/kubelet";
    Command.run("image", "push", layout.toString(), "--to=http://" + repository).orThrow();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private void sign() throws Exception {
    List<String> command =
        CountersignProcess.command(
            List.of(
                "image",
                "sign",
                layout.toString(),
                "--key=" + directory.resolve("cosign.key"),
                "--to=http://" + repository));
    Ran.run("", Map.of("COSIGN_PASSWORD", CosignKeys.PASSWORD), command).orThrow();
  }

  /** The files that a machine has where its kubelet's image must be signed with a key. */
  private record Policy(Path policy, Path registries) {}

  private Policy rendered(String name, String publicKey) throws Exception {
    Path spec = directory.resolve(name + ".yaml");
    Files.writeString(
        spec,
        Files.readString(Path.of("../examples/clusters/bare-metal-fedora-coreos.yaml"))
            .replace(
                "  os: fedora-coreos\n",
                "  os: fedora-coreos\n  kubeletImageOverride: %s:%s\n  kubeletImageKey: |\n%s"
                    .formatted(repository, VERSION, publicKey.indent(4))));
    Path out = directory.resolve(name);
    Command.run("render", "--spec=" + spec, "--out=" + out).orThrow();
    JsonNode machine = new YAMLMapper().readTree(out.resolve("nodes/node4.yaml").toFile());
    Path registries = Files.createDirectories(directory.resolve(name + "-registries.d"));
    Path policy = directory.resolve(name + "-policy.json");
    Files.writeString(policy, content(machine, "/etc/containers/policy.json"));
    String file = "kubelet-image.yaml";
    Files.writeString(
        registries.resolve(file), content(machine, "/etc/containers/registries.d/" + file));
    return new Policy(policy, registries);
  }

  private static String content(JsonNode machine, String path) {
    for (JsonNode file : machine.at("/storage/files")) {
      if (file.path("path").asText().equals(path)) {
        return file.at("/contents/inline").asText();
      }
    }
    throw new AssertionError("no " + path + " in the rendered machine");
  }

  /** Pulls the image under a policy. */
  private interface Puller {
    Ran pull(Policy policy) throws Exception;
  }

  private void pullsWhatIsSigned(Puller puller) throws Exception {
    Policy right = rendered("right", CosignKeys.PUBLIC);
    Policy wrong = rendered("wrong", CosignKeys.OTHER_PUBLIC);
    Ran unsigned = puller.pull(right);
    assertThat(unsigned.status()).isNotZero();
    assertThat(unsigned.err()).contains("A signature was required, but no signature exists");
    sign();
    Ran signed = puller.pull(right);
    if (signed.err().contains("sigstore disabled")) {
      // Debian 12's.
      throw new TestAbortedException("built without sigstore: " + signed.err().strip());
    }
    signed.orThrow();
    Ran other = puller.pull(wrong);
    assertThat(other.status()).isNotZero();
    assertThat(other.err()).contains("cryptographic signature verification failed");
  }

  private String image() {
    return repository + ":" + VERSION;
  }

  /** In a version of our choice; those of the programs are the packagers'. */
  @Test
  void libraryOfSkopeoAndPodman_pullsWhatIsSigned_andNothingElse() throws Exception {
    Path imagecopy =
        GoProgram.obtainLocal(
            "imagecopy",
            Path.of("src/test/imagecopy"),
            "containers_image_openpgp",
            "exclude_graphdriver_btrfs",
            "exclude_graphdriver_devicemapper");
    pullsWhatIsSigned(
        policy ->
            Ran.run(
                List.of(
                    imagecopy.toString(),
                    policy.policy().toString(),
                    policy.registries().toString(),
                    image(),
                    Files.createTempDirectory(directory, "copied-").toString())));
  }

  @Test
  @RequiresTool("skopeo")
  void skopeo_pullsWhatIsSigned_andNothingElse() throws Exception {
    pullsWhatIsSigned(
        policy ->
            Ran.run(
                List.of(
                    "skopeo",
                    "--policy=" + policy.policy(),
                    "--registries.d=" + policy.registries(),
                    "copy",
                    "--src-tls-verify=false",
                    "docker://" + image(),
                    "dir:" + Files.createTempDirectory(directory, "copied-"))));
  }

  @Test
  @RequiresRoot
  @RequiresTool({"podman", "unshare"})
  void podman_pullsWhatIsSigned_andNothingElse() throws Exception {
    pullsWhatIsSigned(
        policy ->
            Ran.run(
                List.of(
                    "unshare",
                    "--mount",
                    "sh",
                    "-ec",
                    // A storage of its own each time, under a short name, as podman wants it.
                    """
                    mount -t tmpfs none /etc/containers
                    mount -t tmpfs none /mnt
                    cp "$0" /etc/containers/policy.json
                    cp -r "$1" /etc/containers/registries.d
                    exec podman --root=/mnt/root --runroot=/mnt/run --storage-driver=vfs \
                      pull --tls-verify=false "$2"
                    """,
                    policy.policy().toString(),
                    policy.registries().toString(),
                    image())));
  }
}
