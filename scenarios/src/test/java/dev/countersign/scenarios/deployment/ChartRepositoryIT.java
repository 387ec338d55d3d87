package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnOwnControlPlane;
import dev.countersign.scenarios.fixture.ProjectVersion;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.LocalRegistry;
import dev.countersign.testkit.RequiresTool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart as a release has it, installed from a registry and from a chart repository. */
@OnOwnControlPlane
class ChartRepositoryIT {
  private static final String VERSION = ProjectVersion.text();
  private static final String PACKAGE = "countersign-chart-" + VERSION + ".tgz";

  @TempDir private Path directory = Path.of(".");

  private Path charts = Path.of(".");

  @BeforeEach
  void pack() throws Exception {
    charts = directory.resolve("charts");
    pack("umask 022", charts);
  }

  private static void pack(String before, Path into) throws Exception {
    Ran.run(List.of("bash", "-c", before + "; exec ../release/chart " + into)).orThrow();
  }

  @Test
  void chart_packedTwice_isTheSameBytes() throws Exception {
    Path again = directory.resolve("again");
    pack("umask 077; export TZ=Asia/Tokyo", again);
    for (String file : List.of(PACKAGE, "index.yaml")) {
      assertThat(again.resolve(file)).hasSameBinaryContentAs(charts.resolve(file));
    }
  }

  @Test
  @RequiresTool("docker-registry")
  void chart_isInstalledFromARegistry(Cluster cluster) throws Exception {
    Helm helm = Helm.obtain(directory.resolve("helm"));
    try (LocalRegistry registry = new LocalRegistry(directory, "registry")) {
      String address = "oci://" + registry.host() + "/charts";
      helm.run(List.of("push", charts.resolve(PACKAGE).toString(), address, "--plain-http"))
          .orThrow();
      installs(cluster, helm, address + "/countersign", "--version=" + VERSION, "--plain-http");
    }
  }

  @Test
  void chart_isInstalledFromARepository(Cluster cluster) throws Exception {
    Helm helm = Helm.obtain(directory.resolve("helm"));
    HttpServer server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            charts.toAbsolutePath(),
            SimpleFileServer.OutputLevel.NONE);
    server.start();
    try {
      String address = "http://127.0.0.1:" + server.getAddress().getPort();
      helm.run(List.of("repo", "add", "releases", address)).orThrow();
      assertThat(helm.run(List.of("search", "repo", "countersign")).orThrow())
          .contains("releases/countersign", VERSION);
      installs(cluster, helm, "releases/countersign");
    } finally {
      server.stop(0);
    }
  }

  private static void installs(Cluster cluster, Helm helm, String chart, String... options)
      throws Exception {
    Path kubeconfig = cluster.plane().layout().adminKubeconfig();
    String[] words = new String[options.length + 2];
    words[0] = chart;
    words[1] = "--create-namespace";
    System.arraycopy(options, 0, words, 2, options.length);
    helm.release("install", kubeconfig, words).orThrow();
    try {
      assertThat(
              cluster
                  .operator()
                  .get(
                      "/apis/apps/v1/namespaces/countersign-system/deployments/countersign-approver")
                  .orThrow("reading the Deployment")
                  .at("/spec/template/spec/containers/0/image")
                  .asText())
          .isEqualTo("quay.io/countersign/approver:" + VERSION);
    } finally {
      helm.release("uninstall", kubeconfig).orThrow();
    }
  }
}
