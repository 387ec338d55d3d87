package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cluster.connect.ClusterAccess;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told where the kubeconfig leads to no API server: its address, and plain words. */
class NoApiServerTest {
  @TempDir private Path directory = Path.of(".");

  private void isTold(String url, String words) throws IOException {
    Path kubeconfig = FakeApiServer.kubeconfig(directory, url, "{token: pretended}");
    for (String command : new String[] {"token list", "csr explain csr-1"}) {
      Ran ran = Ran.of((command + " --kubeconfig " + kubeconfig).split(" "));
      assertThat(ran.err())
          .startsWith(
              "error: API server " + url + " (kubeconfig " + kubeconfig + ", context here): got ")
          .contains(words, "; want ")
          .hasLineCount(1);
      assertThat(ran.status()).isEqualTo(1);
    }
  }

  @Test
  void nobodyThere_isConnectionRefused() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    isTold("https://127.0.0.1:" + port, "connection refused");
  }

  @Test
  void nameThatIsNone_isSaid() throws IOException {
    isTold("https://api.invalid:6443", "no such host name");
  }

  @Test
  void plainHttp_isNotHttps() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerPlainly(socket));
      isTold("https://127.0.0.1:" + socket.getLocalPort(), "want https");
    }
  }

  private static void answerPlainly(ServerSocket socket) {
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        connection
            .getOutputStream()
            .write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // the client hung up, or the test is over
      }
    }
  }

  private static ClusterAccess.Options options(Path kubeconfig) {
    return new ClusterAccess.Options(
        Optional.of(kubeconfig), Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void authorityOfAnother_isToldAsSuch() throws IOException {
    Path kubeconfig =
        FakeApiServer.kubeconfig(directory, "https://127.0.0.1:1", "{token: pretended}");
    SSLException handshake =
        new SSLException("PKIX path building failed", new CertPathBuilderException("no path"));
    try (ClusterAccess cluster = ClusterAccess.open(options(kubeconfig))) {
      assertThat(
              ClusterCommand.failure(
                  cluster, new KubernetesClientException("x", new IOException(handshake))))
          .hasMessageContaining("certificate-authority");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 404, 501})
  void webServer_isNoKubernetes(int code) throws IOException {
    try (FakeApiServer server = new FakeApiServer()) {
      server.answerAll(code, "<html>It works!</html>");
      Path kubeconfig = server.kubeconfig(directory);
      Ran ran = Ran.of("token", "list", "--kubeconfig", kubeconfig.toString());
      assertThat(ran.err())
          .startsWith("error: API server " + server.url())
          .contains("no Kubernetes API there");
      assertThat(ran.status()).isEqualTo(1);
    }
  }
}
