package dev.countersign.kube.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kube.FakeApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static HttpRequest get(Duration limit) {
    return HttpRequest.of(HttpRequest.Method.GET, "/x", "application/json", limit);
  }

  private static HttpTransport transport(FakeApiServer server) {
    return new HttpTransport(server.endpoint("127.0.0.1"), "test", Duration.ofSeconds(10));
  }

  private static long watchers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("deadlines"))
        .count();
  }

  private static FakeApiServer silent(CountDownLatch asked, CountDownLatch end) {
    return FakeApiServer.start(
        (n, request, out) -> {
          asked.countDown();
          end.await();
          return false;
        });
  }

  /** The one who looks after them sleeps until the first of them by then. */
  @Test
  void begun_earlierThanAllBefore_isCutInItsTime() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Exception> patient = new AtomicReference<>();
    try (FakeApiServer server = silent(asked, end)) {
      Thread waits;
      try (HttpTransport transport = transport(server)) {
        waits = Thread.ofVirtual().start(() -> send(transport, patient));
        asked.await();
        long started = System.nanoTime();
        assertThatThrownBy(() -> transport.send(get(Duration.ofMillis(300))))
            .isInstanceOf(SocketTimeoutException.class)
            .hasMessageContaining("nothing received for");
        assertThat(Duration.ofNanos(System.nanoTime() - started))
            .isBetween(Duration.ofMillis(300), Duration.ofSeconds(30));
        assertThat(patient.get()).isNull();
      }
      waits.join(Duration.ofSeconds(20));
      assertThat(patient.get()).isInstanceOf(IOException.class);
      end.countDown();
    }
  }

  private static void send(HttpTransport transport, AtomicReference<Exception> failure) {
    try {
      transport.send(get(LONG)).close();
    } catch (IOException e) {
      failure.set(e);
    }
  }

  @Test
  void answersInTime_keepTheConnection() throws Exception {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  Thread.sleep(50);
                  FakeApiServer.json(out, 200, "{}");
                  return true;
                });
        HttpTransport transport = transport(server)) {
      for (int i = 0; i < 20; i++) {
        try (HttpResponse response = transport.send(get(Duration.ofSeconds(20)))) {
          assertThat(response.body().readAllBytes()).hasSize(2);
        }
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void writeThatNobodyTakes_isCut() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new Socket(listening.getInetAddress(), listening.getLocalPort());
        FakeApiServer unused = FakeApiServer.start((n, request, out) -> false);
        HttpTransport transport = transport(unused)) {
      HttpConnection connection = new HttpConnection(transport, socket, socket);
      transport.adopt(connection);
      byte[] more = new byte[64 * 1024 * 1024];
      assertThatThrownBy(() -> connection.exchange(get(Duration.ofMillis(300)), more))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(connection.isUsable()).isFalse();
    }
  }

  @Test
  void close_endsTheThread() throws Exception {
    long before = watchers();
    CountDownLatch end = new CountDownLatch(0);
    try (FakeApiServer server = silent(new CountDownLatch(1), end)) {
      try (HttpTransport transport = transport(server)) {
        assertThatThrownBy(() -> transport.send(get(LONG))).isInstanceOf(IOException.class);
        assertThat(watchers()).isEqualTo(before + 1);
      }
      for (int i = 0; i < 1000 && watchers() > before; i++) {
        Thread.sleep(10);
      }
      assertThat(watchers()).isEqualTo(before);
    }
  }

  @Test
  void begun_afterTheThreadDied_startsAnother() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    Deadlines deadlines =
        new Deadlines(
            new AbstractSet<>() {
              @Override
              public Iterator<HttpConnection> iterator() {
                if (broken.getAndSet(false)) {
                  throw new IllegalStateException("as for want of memory");
                }
                return Collections.emptyIterator();
              }

              @Override
              public int size() {
                return 0;
              }
            });
    long before = watchers();
    deadlines.begun(deadlines.now() + LONG.toNanos());
    for (int i = 0; i < 1000 && watchers() > before; i++) {
      Thread.sleep(10);
    }
    assertThat(watchers()).isEqualTo(before);
    deadlines.begun(deadlines.now() + LONG.toNanos());
    assertThat(watchers()).isEqualTo(before + 1);
    deadlines.close();
  }
}
