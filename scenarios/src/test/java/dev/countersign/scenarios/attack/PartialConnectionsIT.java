package dev.countersign.scenarios.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ApproverOptions;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.HonestNeighbour;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Replicas;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whoever reaches the approver's ports and holds on to hundreds of connections, each with half a
 * request, neither has the kubelet restart it nor hides its metrics, and delays no certificate.
 */
@OnControlPlane
class PartialConnectionsIT {
  private static final int MANY = 256;
  private static final InetSocketAddress FREE_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Test
  void connectionsThatNeverFinish_keepNoProbeAndNoCertificateBack(Cluster cluster)
      throws Exception {
    ApproverOptions options =
        ApproverOptions.defaults(cluster.credentials(), new StringWriter())
            .withMetrics(FREE_PORT)
            .withHealthProbes(FREE_PORT);
    List<Socket> held = new ArrayList<>();
    try (Replicas replicas = Replicas.start(options);
        HttpClient client = HttpClient.newHttpClient()) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      for (int phase = 0; phase < 3; phase++) {
        InetSocketAddress probes = replicas.leader().probesAddress().orElseThrow();
        InetSocketAddress metrics = replicas.leader().metricsAddress().orElseThrow();
        hold(held, probes);
        hold(held, metrics);
        for (int i = 0; i < 12; i++) {
          assertThat(get(client, probes, "/livez").statusCode()).isEqualTo(200);
          assertThat(get(client, probes, "/readyz").statusCode()).isEqualTo(200);
        }
        assertThat(get(client, metrics, "/metrics").body()).contains("countersign_");
        neighbour.assertServedSoon();
        replicas.next();
      }
    } finally {
      for (Socket socket : held) {
        socket.close();
      }
    }
  }

  private static void hold(List<Socket> held, InetSocketAddress to) throws IOException {
    for (int i = 0; i < MANY; i++) {
      Socket socket = new Socket();
      held.add(socket);
      socket.bind(new InetSocketAddress("127.0.0.7", 0));
      socket.connect(to, 10_000);
      socket.getOutputStream().write("GET /li".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static HttpResponse<String> get(HttpClient client, InetSocketAddress at, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + at.getPort() + path);
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
