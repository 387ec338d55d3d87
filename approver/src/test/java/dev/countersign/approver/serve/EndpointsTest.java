package dev.countersign.approver.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.queue.FairQueue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final int PATIENCE_MILLIS = 20_000;

  private final List<Socket> sockets = new ArrayList<>();
  private Endpoints endpoints;

  @BeforeEach
  void begin() throws IOException {
    Health health = new Health(List.of(), new FairQueue(1), () -> true);
    endpoints =
        Endpoints.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            health,
            new ApproverMetrics());
  }

  @AfterEach
  void end() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    endpoints.close();
  }

  private Socket send(String text) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.connect(endpoints.address(), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** What comes until the server closes; nothing where it does so at once. */
  private static String answer(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException e) {
      // It had not read everything when it closed.
      return "";
    }
  }

  private static String get(String path, String more) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n";
  }

  @Test
  void probes_answer() throws IOException {
    assertThat(answer(send(get("/livez", "")))).startsWith("HTTP/1.1 200").endsWith("ok\n");
    assertThat(answer(send(get("/readyz", "")))).startsWith("HTTP/1.1 200").endsWith("ok\n");
    assertThat(answer(send(get("/livezz", "")))).startsWith("HTTP/1.1 404");
    assertThat(answer(send(get("/metrics", "")))).contains("countersign_");
  }

  /** Anyone who reaches the port could have us keep what they send, and never finish it. */
  @Test
  void headerLargerThanAnyClientSends_isRefused() throws IOException {
    assertThat(answer(send(get("/livez", "X: " + "v".repeat(60_000) + "\r\n"))))
        .doesNotContain("HTTP/1.1 200");
  }

  @Test
  void requestThatIsNeverFinished_isClosed_andProbesAnswerMeanwhile() throws IOException {
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      slow.add(send("GET /livez HTTP/1.1\r\nX: "));
    }
    assertThat(answer(send(get("/livez", "")))).startsWith("HTTP/1.1 200");
    for (Socket socket : slow) {
      assertThat(answer(socket)).doesNotContain("HTTP/1.1 200");
    }
  }

  @Test
  void moreConnectionsThanServed_areClosed() throws IOException {
    List<Socket> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      all.add(send("GET"));
    }
    all.getLast().setSoTimeout(3000);
    assertThat(answer(all.getLast())).as("at once, not after the time for a request").isEmpty();
  }
}
