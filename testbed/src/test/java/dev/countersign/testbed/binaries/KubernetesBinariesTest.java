package dev.countersign.testbed.binaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.BinaryOptions.DownloadSite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs are shell scripts here: what is tested is where they come from. */
final class KubernetesBinariesTest {
  private static final String SCRIPT = "#!/bin/sh\necho Kubernetes v9.8.7\n";

  private static final KubernetesRelease RELEASE =
      KubernetesReleases.supported()
          .ofMinor(KubernetesReleases.supported().byDefault())
          .orElseThrow();

  @TempDir private Path directory;

  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final List<String> progress = new ArrayList<>();
  private HttpServer server;
  private String root;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = served.get(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
    root =
        "http://%s:%d"
            .formatted(
                server.getAddress().getAddress().getHostAddress(), server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void assets_withEveryProgram_areTaken() throws Exception {
    Path assets = assets("etcd", "kube-apiserver", "kube-controller-manager", "kubectl");
    KubernetesBinaries found =
        KubernetesBinaries.obtain(options(Optional.of(assets), Optional.empty(), ""));
    assertThat(found.source()).isEqualTo(KubernetesBinaries.Source.KUBEBUILDER_ASSETS);
    assertThat(found.directory()).isEqualTo(assets);
    assertThat(found.version()).isEqualTo("v9.8.7");
    assertThat(found.has(Program.KUBELET)).isFalse();
  }

  @Test
  void assets_withoutControllerManager_areLeftAndToldOf() throws Exception {
    Path assets = assets("etcd", "kube-apiserver", "kubectl");
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.of(assets), Optional.empty(), "")))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("KUBEBUILDER_ASSETS=" + assets + " has no kube-controller-manager")
        .hasMessageContaining("downloads are off")
        .hasMessageContaining("no go on PATH")
        .hasMessageContaining("install Go 1.26")
        .hasMessageNotContaining("network access");
    assertThat(progress).anyMatch(line -> line.contains("has no kube-controller-manager"));
  }

  @Test
  void download_withItsChecksums_isVerifiedKeptAndNotRepeated() throws Exception {
    serveRelease();
    BinaryOptions options = options(Optional.empty(), Optional.of(site()), "");
    KubernetesBinaries first = KubernetesBinaries.obtain(options);
    assertThat(first.source()).isEqualTo(KubernetesBinaries.Source.DOWNLOADED);
    assertThat(first.file(Program.ETCD)).hasContent("the etcd");
    assertThat(first.file(Program.KUBELET)).isExecutable().hasContent(SCRIPT.strip());
    served.clear();
    assertThat(KubernetesBinaries.obtain(options).directory()).isEqualTo(first.directory());
  }

  @Test
  void downloadsOff_anEarlierOneIsTaken_onlyWhereNothingCanBeBuilt() throws Exception {
    serveRelease();
    Path earlier =
        KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), "")).directory();
    assertThat(
            KubernetesBinaries.obtain(options(Optional.empty(), Optional.empty(), "")).directory())
        .isEqualTo(earlier);
    script(directory.resolve("bin/go"), "#!/bin/sh\necho 'go: it was asked'; exit 1\n");
    String go = directory.resolve("bin").toString();
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.empty(), Optional.empty(), go)))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("it was asked");
    assertThat(
            KubernetesBinaries.obtain(
                    options(Optional.empty(), Optional.of(site()), go).onlyCached())
                .directory())
        .isEqualTo(earlier);
  }

  @Test
  void download_withAnotherChecksum_isRefusedAndNotKept() throws Exception {
    serveRelease();
    served.put(
        path(Program.KUBECTL) + ".sha512", "0".repeat(128).getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), "")))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("kubectl: got content of SHA-512")
        .hasMessageContaining("want " + "0".repeat(128));
    assertThat(entries()).isEmpty();
  }

  @Test
  void download_withSha256Only_isVerifiedByThat() throws Exception {
    serveRelease();
    served.remove(path(Program.KUBECTL) + ".sha512");
    served.put(
        path(Program.KUBECTL) + ".sha256",
        hex("SHA-256", SCRIPT.getBytes(StandardCharsets.US_ASCII)));
    assertThat(
            KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), ""))
                .has(Program.KUBECTL))
        .isTrue();
  }

  @Test
  void download_withoutAnyChecksum_isLeftForAnotherSource() throws Exception {
    serveRelease();
    served.remove(path(Program.KUBECTL) + ".sha512");
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), "")))
        .hasMessageContaining("got HTTP status 404 for its .sha512 and 404 for its .sha256")
        .hasMessageContaining("no go on PATH");
    assertThat(entries()).isEmpty();
  }

  @Test
  void server_thatIsNotThere_isToldOfWithTheNextStep() throws Exception {
    server.stop(0);
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), "")))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("the download is not to be had")
        .hasMessageContaining("or get network access");
  }

  @Test
  void cacheDirectory_thatIsAFile_isToldOfInOneParagraph() throws Exception {
    Files.writeString(directory.resolve("cache"), "not a directory");
    serveRelease();
    assertThatThrownBy(
            () -> KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), "")))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("XDG_CACHE_HOME")
        .hasMessageNotContaining("\n");
  }

  @Test
  void partialEntry_ofADeadProcess_isRemovedByTheNext() throws Exception {
    serveRelease();
    Path stale =
        directory.resolve(
            "cache/kubernetes/%s-upstream-%s.partial-1"
                .formatted(RELEASE.kubernetes(), Platform.current()));
    Files.createDirectories(stale);
    KubernetesBinaries.obtain(options(Optional.empty(), Optional.of(site()), ""));
    assertThat(stale).doesNotExist();
  }

  @Test
  void goThatFails_isToldOfWithItsLastWords() throws Exception {
    script(
        directory.resolve("bin/go"), "#!/bin/sh\necho 'go: lookup proxy: no such host'; exit 1\n");
    assertThatThrownBy(
            () ->
                KubernetesBinaries.obtain(
                    options(
                        Optional.empty(), Optional.empty(), directory.resolve("bin").toString())))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("no such host")
        .hasMessageContaining("GOPROXY");
  }

  @Test
  void goOnAFullDisk_isToldOfAsAFullDisk() throws Exception {
    script(
        directory.resolve("bin/go"),
        "#!/bin/sh\necho 'write x.a: no space left on device'; exit 1\n");
    assertThatThrownBy(
            () ->
                KubernetesBinaries.obtain(
                    options(
                        Optional.empty(), Optional.empty(), directory.resolve("bin").toString())))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageContaining("the disk is full")
        .hasMessageContaining("GOCACHE");
  }

  @Test
  void assets_ofAnotherReleaseThanTheOneAskedFor_areLeftAndToldOf() throws Exception {
    Path assets = assets("etcd", "kube-apiserver", "kube-controller-manager", "kubectl");
    KubernetesVersion wanted = KubernetesReleases.supported().newest();
    assertThatThrownBy(
            () ->
                KubernetesBinaries.obtain(
                    options(Optional.of(assets), Optional.empty(), "").withKubernetes(wanted)))
        .isInstanceOf(ControlPlaneFailure.class)
        .hasMessageStartingWith("Kubernetes " + wanted + ": got no binaries")
        .hasMessageContaining("KUBEBUILDER_ASSETS=" + assets + " has Kubernetes v9.8.7");
  }

  @Test
  void releaseThatIsNotSupported_isRefusedWithTheList() {
    assertThatThrownBy(
            () ->
                KubernetesBinaries.obtain(
                    options(Optional.empty(), Optional.empty(), "")
                        .withKubernetes(new KubernetesVersion(1, 20, 0))))
        .hasMessage(
            "Kubernetes: got v1.20.0; want one of " + KubernetesReleases.supported().list());
  }

  private BinaryOptions options(
      Optional<Path> assets, Optional<DownloadSite> site, String searchPath) {
    // An empty search path is none at all: Go is then looked for nowhere.
    return new BinaryOptions(
        Optional.empty(),
        assets,
        directory.resolve("cache"),
        site,
        Duration.ofSeconds(10),
        searchPath,
        progress::add);
  }

  private DownloadSite site() {
    return new DownloadSite(
        root + "/{version}/{os}/{arch}/{program}",
        root + "/etcd/{version}/etcd-{version}-{os}-{arch}.tar.gz");
  }

  private static String path(Program program) {
    Platform platform = Platform.current();
    return "/%s/%s/%s/%s"
        .formatted(RELEASE.kubernetes(), platform.os(), platform.arch(), program.fileName());
  }

  private void serveRelease() throws Exception {
    byte[] script = SCRIPT.getBytes(StandardCharsets.US_ASCII);
    for (Program program : Program.ofKubernetes()) {
      served.put(path(program), script);
      served.put(path(program) + ".sha512", hex("SHA-512", script));
    }
    String etcd = RELEASE.etcd();
    String archive =
        "etcd-%s-%s-%s.tar.gz".formatted(etcd, Platform.current().os(), Platform.current().arch());
    byte[] content = archive();
    served.put("/etcd/" + etcd + "/" + archive, content);
    served.put(
        "/etcd/" + etcd + "/SHA256SUMS",
        (new String(hex("SHA-256", content), StandardCharsets.US_ASCII).strip()
                + "  "
                + archive
                + "\n")
            .getBytes(StandardCharsets.US_ASCII));
  }

  /** A POSIX archive of a README and of etcd. */
  private static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      for (String[] file : new String[][] {{"e/README.md", "words"}, {"e/etcd", "the etcd"}}) {
        byte[] header = new byte[512];
        put(header, 0, file[0]);
        put(header, 124, "%011o".formatted(file[1].length()));
        header[156] = '0';
        out.write(header);
        byte[] block = new byte[512];
        put(block, 0, file[1]);
        out.write(block);
      }
      out.write(new byte[1024]);
    }
    return bytes.toByteArray();
  }

  private static void put(byte[] target, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  private static byte[] hex(String algorithm, byte[] content) throws Exception {
    return (HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content)) + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private Path assets(String... programs) throws IOException {
    for (String program : programs) {
      script(directory.resolve("assets").resolve(program), SCRIPT);
    }
    return directory.resolve("assets");
  }

  private static Path script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private List<String> entries() throws IOException {
    try (Stream<Path> list = Files.list(directory.resolve("cache/kubernetes"))) {
      return list.map(path -> path.getFileName().toString())
          .filter(name -> !name.endsWith(".lock"))
          .toList();
    }
  }
}
