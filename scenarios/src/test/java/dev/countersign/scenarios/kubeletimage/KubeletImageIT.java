package dev.countersign.scenarios.kubeletimage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.scenarios.fixture.Arm64;
import dev.countersign.scenarios.fixture.DebianMirrors;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.testkit.Tools;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Builds the kubelet image of the committed lock twice, for both architectures, by the command line
 * in processes of its own; runs what is in it; pushes it to real registries.
 *
 * <p>Nightly: half a gigabyte of packages and several minutes. {@code
 * COUNTERSIGN_KUBELET_UPSTREAM=DIR} switches it on; the directory has {@code
 * vX.Y.Z/kubernetes-node-linux-ARCH.tar.gz} and {@code .sha512} as the Kubernetes release does. The
 * image module's {@code BuildTest} shows the same on a small archive in every run. Where qemu is,
 * the programs for arm64 start, too.
 */
@EnabledIfEnvironmentVariable(
    named = "COUNTERSIGN_KUBELET_UPSTREAM",
    matches = "/.+",
    disabledReason = "takes minutes and the release of Kubernetes; the nightly job has both")
@RequiresRoot
@RequiresTool({"docker-registry", "skopeo", "podman", "openssl", "htpasswd", "chroot", "unshare"})
final class KubeletImageIT {
  private static final String VERSION = KubernetesReleases.supported().byDefault().toString();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** What the kubelet and its volume plug-ins call, each with arguments that only make it start. */
  private static final List<String> TOOLS =
      List.of(
          "kubelet --version",
          "kubectl version --client",
          "mount --version",
          "umount --version",
          "findmnt --version",
          "losetup --version",
          "nsenter --version",
          "blkid -V",
          "lsblk --version",
          "blockdev --version",
          "fstrim --version",
          "swapon --version",
          "mkfs.ext3 -V",
          "mkfs.ext4 -V",
          "mkfs.xfs -V",
          "fsck -V",
          "fsck.ext4 -V",
          "dumpe2fs -V",
          "xfs_repair -V",
          "xfs_growfs -V",
          "mount.nfs -V",
          "mount.nfs4 -V",
          "rpc.statd -v",
          "showmount --version",
          "mount.cifs -V",
          "mount.glusterfs -V",
          "mount.ceph -h",
          "rbd --version",
          "ceph --version",
          "iptables -V",
          "iptables-nft -V",
          "iptables-legacy -V",
          "iptables-save -V",
          "ip6tables -V",
          "ip6tables-nft -V",
          "ip6tables-legacy -V",
          "ebtables -V",
          "conntrack -V",
          "ethtool --version",
          "socat -V",
          "ip -V",
          "tc -V",
          "ss -V",
          "kmod --version",
          "modprobe --version",
          "udevadm --version",
          "systemd-run --version",
          "jq --version",
          "du --version",
          "tar --version");

  /** What a tool says that started, and then cannot talk to the kernel as qemu has no netfilter. */
  private static final Pattern NO_NETFILTER =
      Pattern.compile("Protocol not supported|Could not initialize nftables layer");

  /** Differences of the file lists that the architectures themselves bring; see the docs. */
  private static final List<String> OF_ONE_ARCHITECTURE =
      List.of(
          "lib64",
          "usr/lib64",
          "lib/ld-linux-",
          "usr/lib/ld-linux-",
          "usr/lib/M/ld-linux-",
          "usr/bin/i386",
          "usr/bin/x86_64",
          "usr/bin/aarch64",
          "usr/bin/linux32",
          "usr/bin/linux64",
          "usr/lib/M/libunwind",
          "usr/share/doc/libunwind8",
          "var/lib/dpkg/info/libunwind8",
          "usr/lib/M/ceph/crypto",
          "usr/lib/M/engines-3/padlock.so");

  @TempDir Path directory;

  private static HttpServer upstream(Path files) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Path file = files.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
          try (exchange;
              OutputStream out = exchange.getResponseBody()) {
            if (!file.startsWith(files) || !Files.isRegularFile(file)) {
              exchange.sendResponseHeaders(404, -1);
              return;
            }
            exchange.sendResponseHeaders(200, Files.size(file));
            Files.copy(file, out);
          }
        });
    server.start();
    return server;
  }

  private record Ended(int status, String output) {}

  private static Ended run(Path in, Map<String, String> environment, List<String> command)
      throws Exception {
    var builder = new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), output);
  }

  /** The command line in a process of its own, under a umask. */
  private String countersign(
      Path in, String umask, Map<String, String> environment, String... words) throws Exception {
    var command = new ArrayList<>(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m", "-cp"));
    command.add(
        Stream.of(System.getProperty("java.class.path").split(":", -1))
            .map(each -> Path.of(each).toAbsolutePath().toString())
            .collect(Collectors.joining(":")));
    command.add("dev.countersign.cli.Countersign");
    command.addAll(List.of(words));
    command.addAll(DebianMirrors.options());
    Ended ended = run(in, environment, command);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private static JsonNode blob(Path layout, String digest) throws IOException {
    return JSON.readTree(Files.readAllBytes(file(layout, digest)));
  }

  private static Path file(Path layout, String digest) {
    return layout.resolve("blobs/sha256").resolve(digest.replace("sha256:", ""));
  }

  private static Map<String, JsonNode> manifests(Path layout) throws IOException {
    var all = new TreeMap<String, JsonNode>();
    JsonNode top = JSON.readTree(Files.readAllBytes(layout.resolve("index.json")));
    for (JsonNode entry : top.path("manifests")) {
      if (entry.path("mediaType").asText().contains("index")) {
        for (JsonNode each : blob(layout, entry.path("digest").asText()).path("manifests")) {
          all.put(
              each.path("platform").path("architecture").asText(),
              blob(layout, each.path("digest").asText()));
        }
      }
    }
    return all;
  }

  private Path unpacked(Path layout, JsonNode manifest, String name) throws Exception {
    Path root = Files.createDirectories(directory.resolve(name));
    for (JsonNode layer : manifest.path("layers")) {
      Ended tar =
          run(
              directory,
              Map.of(),
              List.of(
                  "tar",
                  "-xzf",
                  file(layout, layer.path("digest").asText()).toString(),
                  "-C",
                  root.toString(),
                  "--numeric-owner"));
      assertThat(tar.status()).as(tar.output()).isZero();
    }
    return root;
  }

  private static Set<String> names(Path root, String multiarch) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.map(path -> root.relativize(path).toString().replace(multiarch, "M"))
          .map(path -> path.replaceFirst("^(var/lib/dpkg/info/[^:]*):(amd64|arm64)", "$1:M"))
          .filter(path -> OF_ONE_ARCHITECTURE.stream().noneMatch(path::startsWith))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void image_ofTheCommittedLock_isTheSameTwice_runs_andIsServedByRegistries() throws Exception {
    Path tarballs = Path.of(Objects.requireNonNull(System.getenv("COUNTERSIGN_KUBELET_UPSTREAM")));
    HttpServer server = upstream(tarballs);
    Path lock = directory.resolve("kubelet.lock.json");
    Path first = directory.resolve("one");
    Path second = Files.createDirectories(directory.resolve("two/deeper")).resolve("image");
    try {
      // The default upstream URL's path, on this server instead of the release server's host.
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      countersign(
          directory,
          "022",
          Map.of(),
          "image",
          "lock",
          "--spec",
          ROOT.resolve("examples/kubelet-image.yaml").toString(),
          "--packages-from",
          ROOT.resolve("images/kubelet.lock.json").toString(),
          "--upstream-base",
          base,
          "--out",
          lock.toString());
      String one =
          countersign(
              directory,
              "022",
              Map.of("LC_ALL", "C", "TZ", "UTC"),
              "image",
              "build",
              "--lock",
              lock.toString(),
              "--upstream-base",
              base,
              "--out",
              first.toString());
      String two =
          countersign(
              directory.resolve("two/deeper"),
              "077",
              Map.of("LC_ALL", "tr_TR.UTF-8", "TZ", "Pacific/Kiritimati"),
              "image",
              "build",
              "--lock",
              lock.toString(),
              "--upstream-base",
              base,
              "--out",
              second.toString());
      assertThat(lastWord(two)).isEqualTo(lastWord(one)).startsWith("sha256:");
    } finally {
      server.stop(0);
    }
    Map<String, JsonNode> manifests = manifests(first);
    assertThat(manifests).containsOnlyKeys("amd64", "arm64");
    Path amd64 = unpacked(first, Objects.requireNonNull(manifests.get("amd64")), "amd64");
    Path arm64 = unpacked(first, Objects.requireNonNull(manifests.get("arm64")), "arm64");
    assertThat(names(arm64, "aarch64-linux-gnu")).isEqualTo(names(amd64, "x86_64-linux-gnu"));
    everyToolStarts(amd64, words -> words);
    everyLibraryIsFound(amd64);
    everyElfIsArm64(arm64);
    if (Tools.find("qemu-aarch64-static").isPresent()) {
      Arm64.require();
      everyToolStarts(arm64, Arm64::command);
    } else {
      System.err.println("kubelet image: its arm64 programs are not run: no qemu-aarch64-static");
    }
    registriesServeIt(first);
  }

  private static String lastWord(String output) {
    String[] words = output.strip().split("\\s+", -1);
    return words[words.length - 1];
  }

  private void everyToolStarts(Path root, UnaryOperator<List<String>> machine) throws Exception {
    var failed = new TreeMap<String, String>();
    for (String tool : TOOLS) {
      var command = new ArrayList<>(List.of("chroot", root.toString(), "/usr/bin/env", "-i", PATH));
      command.addAll(Arrays.asList(tool.split(" ", -1)));
      Ended ended = run(directory, Map.of(), machine.apply(command));
      if (ended.status() != 0 && !NO_NETFILTER.matcher(ended.output()).find()) {
        failed.put(tool, ended.status() + " " + ended.output());
      }
    }
    assertThat(failed).isEmpty();
    var iptables = List.of("chroot", root.toString(), "/usr/sbin/iptables", "-V");
    assertThat(run(directory, Map.of(), machine.apply(iptables)).output())
        .containsAnyOf("nf_tables", "initialize nft");
  }

  /**
   * By the image's own loader: ldd of all programs; of libraries, those that say they are meant to
   * be found.
   */
  private void everyLibraryIsFound(Path root) throws Exception {
    Ended ldd =
        run(
            directory,
            Map.of(),
            List.of(
                "chroot",
                root.toString(),
                "/bin/sh",
                "-c",
                "for f in /usr/local/bin/* /usr/bin/* /usr/sbin/* /usr/lib/systemd/systemd*"
                    + " /usr/lib/udev/*; do [ -f \"$f\" ] && ldd \"$f\" 2>/dev/null | grep 'not"
                    + " found' | sed \"s|^|$f:|\"; done; true"));
    assertThat(ldd.output()).isEmpty();
  }

  private static void everyElfIsArm64(Path root) throws IOException {
    var others = new ArrayList<String>();
    int count = 0;
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files =
          walk.filter(path -> Files.isRegularFile(path, java.nio.file.LinkOption.NOFOLLOW_LINKS))
              .toList();
    }
    for (Path file : files) {
      byte[] head = new byte[20];
      try (var in = Files.newInputStream(file)) {
        if (in.readNBytes(head, 0, 20) < 20 || head[0] != 0x7f || head[1] != 'E') {
          continue;
        }
      }
      count++;
      if ((head[18] & 0xff) != 183) {
        others.add(root.relativize(file).toString());
      }
    }
    assertThat(count).isGreaterThan(1000);
    assertThat(others).isEmpty();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process registry(Path storage, int port, String more) throws Exception {
    Path config = directory.resolve("registry-" + port + ".yml");
    Files.writeString(
        config,
        "version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: "
            + storage
            + "}}\nhttp: {addr: '127.0.0.1:"
            + port
            + "'"
            + more);
    Process process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("registry-" + port + ".log").toFile())
            .start();
    for (int attempt = 0; attempt < 600; attempt++) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(socket.isConnected()).isTrue();
        return process;
      } catch (IOException notYet) {
        Thread.sleep(100);
      }
    }
    throw new AssertionError("no registry on port " + port);
  }

  /**
   * Two registries, the second with TLS and basic auth; the first is killed in the middle of a
   * push, which sets no tag there, and started again: a second push makes both whole.
   */
  private void registriesServeIt(Path layout) throws Exception {
    int port = freePort();
    int secured = freePort();
    Path storage = directory.resolve("registry");
    String plainName = "localhost:" + port + "/you/kubelet";
    String securedName = "localhost:" + secured + "/you/kubelet";
    Path authFile = directory.resolve("auth.json");
    Path certificates = Files.createDirectories(directory.resolve("certificates"));
    List<String> to =
        List.of(
            "--to",
            "http://" + plainName,
            "--to",
            securedName,
            "--authfile",
            authFile.toString(),
            "--ca-file",
            certificates.resolve("ca.crt").toString());
    Process victim = registry(storage, port, "}\n");
    Process other =
        registry(directory.resolve("secured"), secured, secured(authFile, certificates, secured));
    Process restarted = victim;
    try {
      Thread killer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 6000 && size(storage) < 60_000_000; i++) {
                        Thread.sleep(20);
                      }
                    } catch (InterruptedException stopped) {
                      Thread.currentThread().interrupt();
                    }
                    victim.destroyForcibly();
                  });
      Ended cutOff = push(layout, to);
      killer.join();
      assertThat(cutOff.status()).as(cutOff.output()).isNotZero();
      restarted = registry(storage, port, "}\n");
      assertThat(
              run(
                      directory,
                      Map.of(),
                      List.of("skopeo", "list-tags", "--tls-verify=false", "docker://" + plainName))
                  .output())
          .doesNotContain(VERSION);
      Ended again = push(layout, to);
      assertThat(again.status()).as(again.output()).isZero();
      List<String> plain = List.of("--tls-verify=false");
      List<String> trusted =
          List.of("--authfile", authFile.toString(), "--cert-dir", certificates.toString());
      isServedWhole(layout, plainName, plain);
      isServedWhole(layout, securedName, trusted);
      comesBack(layout, securedName, authFile, certificates);
      isRunByPodman(securedName, trusted);
    } finally {
      for (Process each : List.of(restarted, other)) {
        each.destroy();
        each.waitFor(10, TimeUnit.SECONDS);
      }
    }
  }

  /** The rest of a registry's configuration, and the files that it and its clients need. */
  private String secured(Path authFile, Path certificates, int port) throws Exception {
    Path key = directory.resolve("key.pem");
    Path certificate = certificates.resolve("ca.crt");
    Ended made =
        run(
            directory,
            Map.of(),
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
    assertThat(made.status()).as(made.output()).isZero();
    Ended hashed = run(directory, Map.of(), List.of("htpasswd", "-Bbn", "pusher", "secret"));
    Path passwords = directory.resolve("htpasswd");
    Files.writeString(passwords, hashed.output().strip() + "\n");
    Files.writeString(
        authFile,
        "{\"auths\":{\"localhost:%d\":{\"auth\":\"%s\"}}}"
            .formatted(
                port,
                Base64.getEncoder()
                    .encodeToString("pusher:secret".getBytes(StandardCharsets.UTF_8))));
    return ", tls: {certificate: %s, key: %s}}\nauth: {htpasswd: {realm: test, path: %s}}\n"
        .formatted(certificate, key, passwords);
  }

  /** The manifest list under every tag, and the SBOM of each of its images as a referrer. */
  private void isServedWhole(Path layout, String name, List<String> access) throws Exception {
    Map<String, JsonNode> digests = new TreeMap<>();
    for (String tag : List.of(VERSION, VERSION + "-amd64", VERSION + "-arm64")) {
      digests.put(tag, raw(name + ":" + tag, access));
    }
    JsonNode list = Objects.requireNonNull(digests.get(VERSION));
    assertThat(list.path("mediaType").asText())
        .isEqualTo("application/vnd.oci.image.index.v1+json");
    assertThat(list.path("manifests")).hasSize(2);
    Map<String, JsonNode> built = manifests(layout);
    for (JsonNode each : list.path("manifests")) {
      String architecture = each.path("platform").path("architecture").asText();
      assertThat(digests.get(VERSION + "-" + architecture)).isEqualTo(built.get(architecture));
      // Debian's registry has no referrers interface: the fallback tag of the OCI specification.
      String digest = each.path("digest").asText();
      JsonNode referrers = raw(name + ":" + digest.replace(':', '-'), access);
      assertThat(referrers.path("manifests")).hasSize(1);
      JsonNode sbom = referrers.path("manifests").get(0);
      assertThat(sbom.path("artifactType").asText()).isEqualTo("application/spdx+json");
      assertThat(
              raw(name + "@" + sbom.path("digest").asText(), access)
                  .path("subject")
                  .path("digest")
                  .asText())
          .isEqualTo(digest);
    }
  }

  private JsonNode raw(String reference, List<String> access) throws Exception {
    var command = new ArrayList<>(List.of("skopeo", "inspect", "--raw"));
    command.addAll(access);
    command.add("docker://" + reference);
    Ended ended = run(directory, Map.of(), command);
    assertThat(ended.status()).as(ended.output()).isZero();
    return JSON.readTree(ended.output());
  }

  private void comesBack(Path layout, String name, Path authFile, Path certificates)
      throws Exception {
    Path back = directory.resolve("back");
    Ended copied =
        run(
            directory,
            Map.of(),
            List.of(
                "skopeo",
                "copy",
                "--all",
                "--src-authfile",
                authFile.toString(),
                "--src-cert-dir",
                certificates.toString(),
                "docker://" + name + ":" + VERSION,
                "oci:" + back + ":back"));
    assertThat(copied.status()).as(copied.output()).isZero();
    assertThat(manifests(back)).isEqualTo(manifests(layout));
  }

  /** Pulled with podman into a storage of its own, and run. */
  private void isRunByPodman(String name, List<String> access) throws Exception {
    List<String> podman =
        List.of(
            "podman",
            "--root",
            directory.resolve("podman").toString(),
            "--runroot",
            directory.resolve("podman-run").toString());
    var pull = new ArrayList<>(podman);
    pull.addAll(List.of("pull", "--quiet"));
    pull.addAll(access);
    pull.add(name + ":" + VERSION);
    Ended pulled = run(directory, Map.of(), pull);
    assertThat(pulled.status()).as(pulled.output()).isZero();
    Ended mounted = with(podman, "image", "mount", name + ":" + VERSION);
    assertThat(mounted.status()).as(mounted.output()).isZero();
    Ended version =
        run(
            directory,
            Map.of(),
            List.of("chroot", lastWord(mounted.output()), "/usr/local/bin/kubelet", "--version"));
    assertThat(with(podman, "image", "unmount", "--all").status()).isZero();
    assertThat(with(podman, "rmi", "--all", "--force").status()).isZero();
    assertThat(version.output()).startsWith("Kubernetes v");
  }

  private Ended with(List<String> first, String... more) throws Exception {
    var command = new ArrayList<>(first);
    command.addAll(List.of(more));
    return run(directory, Map.of(), command);
  }

  /** Of files that come and go meanwhile. */
  private static long size(Path directory) {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.mapToLong(path -> path.toFile().length()).sum();
    } catch (IOException | UncheckedIOException changed) {
      return 0;
    }
  }

  private Ended push(Path layout, List<String> to) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Stream.of(System.getProperty("java.class.path").split(":", -1))
                    .map(each -> Path.of(each).toAbsolutePath().toString())
                    .collect(Collectors.joining(":")),
                "dev.countersign.cli.Countersign",
                "image",
                "push",
                layout.toString()));
    command.addAll(to);
    return run(directory, Map.of(), command);
  }
}
