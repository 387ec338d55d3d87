package dev.countersign.scenarios.faults;

import dev.countersign.common.secret.SecretText;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.api.Tls;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Stands between an approver and the API server, with the API server's own certificate: forwards,
 * refuses connections, lets them die without a word, or answers some requests itself. To the API
 * server it is the administrator.
 */
final class FaultProxy implements AutoCloseable {
  /** What becomes of connections. */
  enum Mode {
    /** As if it were not there. */
    FORWARD,
    /** Every connection is cut. */
    CUT,
    /** Every connection stays open, and nothing comes through any more, also not later. */
    HALF_OPEN
  }

  private static final int LONGEST_HEAD = 64 << 10;

  private final ServerSocket listener;
  private final ControlPlane plane;
  private final SSLContext toApprover;
  private final SSLContext toServer;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final AtomicInteger throttled = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();
  private final AtomicInteger gone = new AtomicInteger();
  private volatile Mode mode = Mode.FORWARD;
  private volatile int percentThrottled;
  private volatile int percentBroken;

  FaultProxy(ControlPlane plane) throws Exception {
    this.plane = plane;
    ClientConfig admin = ClientConfig.read(plane.layout().adminKubeconfig());
    Path folder = plane.layout().pki();
    Identity server =
        Identity.parse(
            Files.readString(folder.resolve("apiserver.crt")),
            SecretText.of(Files.readString(folder.resolve("apiserver.key"))));
    this.toApprover = Tls.context(admin.authorities(), () -> Optional.of(server));
    this.toServer = Tls.context(admin.authorities(), admin::identity);
    this.listener = new ServerSocket();
    // The certificate is for the API server's address, whatever the port.
    listener.bind(new InetSocketAddress(InetAddress.getByName(plane.placement().loopback()), 0));
    Thread.ofVirtual().name("between").start(this::accept);
  }

  /** Writes the administrator's kubeconfig with this in place of the API server. */
  Path kubeconfig(Path folder) throws IOException {
    String text = Files.readString(plane.layout().adminKubeconfig());
    String own = "https://" + plane.placement().loopback() + ":" + listener.getLocalPort();
    String moved = text.replace(plane.server().toString(), own);
    if (moved.equals(text)) {
      throw new AssertionError("the administrator's kubeconfig has no " + plane.server());
    }
    return Files.writeString(folder.resolve("between.conf"), moved);
  }

  /** What becomes of connections from now on. */
  void mode(Mode now) {
    mode = now;
    switch (now) {
      case FORWARD -> {}
      case CUT -> pairs.forEach(Pair::close);
      case HALF_OPEN -> pairs.forEach(pair -> pair.dead = true);
    }
  }

  /** Answers so many of a hundred requests with 429 and 500 itself. */
  void refuse(int percent429, int percent500) {
    percentThrottled = percent429;
    percentBroken = percent500;
  }

  /** How many requests it answered with 429. */
  int throttled() {
    return throttled.get();
  }

  /** How many requests it answered with 500. */
  int broken() {
    return broken.get();
  }

  /** How often it saw the API server say 410. */
  int gone() {
    return gone.get();
  }

  private void accept() {
    try {
      while (!listener.isClosed()) {
        Socket raw = listener.accept();
        Thread.ofVirtual().start(() -> serve(raw));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket raw) {
    try (raw) {
      switch (mode) {
        case CUT -> {
          return;
        }
        case HALF_OPEN -> {
          // Not even a handshake: bytes are taken and nothing is said.
          raw.getInputStream().transferTo(OutputStream.nullOutputStream());
          return;
        }
        case FORWARD -> {}
      }
      raw.setTcpNoDelay(true);
      SSLSocket client =
          (SSLSocket) toApprover.getSocketFactory().createSocket(raw, null, raw.getPort(), true);
      client.setUseClientMode(false);
      client.startHandshake();
      try (Socket server = connect()) {
        Pair pair = new Pair(raw, client, server);
        pairs.add(pair);
        try {
          if (mode != Mode.FORWARD) {
            pair.dead = true;
          }
          Thread back = Thread.ofVirtual().start(pair::answers);
          pair.requests();
          back.join();
        } finally {
          pairs.remove(pair);
        }
      }
    } catch (IOException e) {
      // Either side is gone, and so is the other now.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Socket connect() throws IOException {
    Socket socket =
        toServer
            .getSocketFactory()
            .createSocket(plane.placement().loopback(), plane.server().getPort());
    socket.setTcpNoDelay(true);
    return socket;
  }

  private final class Pair {
    private final Socket raw;
    private final Socket client;
    private final Socket server;
    private volatile boolean dead;

    private Pair(Socket raw, Socket client, Socket server) {
      this.raw = raw;
      this.client = client;
      this.server = server;
    }

    private void close() {
      try {
        raw.close();
        server.close();
      } catch (IOException e) {
        // Closing is all that is wanted.
      }
    }

    /** From the API server to the approver, as they come. */
    private void answers() {
      byte[] buffer = new byte[16 << 10];
      String last = "";
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          String seen = last + new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
          if (seen.contains("\"code\":410")) {
            gone.incrementAndGet();
            seen = "";
          }
          last = seen.substring(Math.max(0, seen.length() - 9));
          if (!dead) {
            out.write(buffer, 0, count);
            out.flush();
          }
        }
      } catch (IOException e) {
        // As at the end.
      }
      if (!dead) {
        close();
      }
    }

    /** From the approver to the API server, one by one. */
    private void requests() {
      try {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = server.getOutputStream();
        for (byte[] request = next(in); request.length > 0; request = next(in)) {
          Optional<byte[]> refusal = refusal();
          if (dead) {
            continue;
          }
          if (refusal.isPresent()) {
            // The answer to the request before has been read, or there would be no next one.
            client.getOutputStream().write(refusal.get());
            client.getOutputStream().flush();
          } else {
            out.write(request);
            out.flush();
          }
        }
      } catch (IOException e) {
        // As at the end.
      }
      close();
    }

    private Optional<byte[]> refusal() {
      int dice = ThreadLocalRandom.current().nextInt(100);
      if (dice < percentThrottled) {
        throttled.incrementAndGet();
        return Optional.of(refusal(429, "TooManyRequests", "Retry-After: 1\r\n"));
      }
      if (dice < percentThrottled + percentBroken) {
        broken.incrementAndGet();
        return Optional.of(refusal(500, "InternalError", ""));
      }
      return Optional.empty();
    }

    private static byte[] refusal(int code, String reason, String header) {
      String body =
          """
          {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"%s","code":%d}
          """
              .formatted(reason, code);
      return """
      HTTP/1.1 %d %s\r
      Content-Type: application/json\r
      %sContent-Length: %d\r
      \r
      %s\
      """
          .formatted(code, reason, header, body.length(), body)
          .getBytes(StandardCharsets.US_ASCII);
    }

    /** One request with its body, which is one of a stated length; empty at the end. */
    private static byte[] next(InputStream in) throws IOException {
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      int ending = 0;
      while (ending < 4) {
        int octet = in.read();
        if (octet < 0) {
          return new byte[0];
        }
        request.write(octet);
        ending = octet == "\r\n\r\n".charAt(ending) ? ending + 1 : octet == '\r' ? 1 : 0;
        if (request.size() > LONGEST_HEAD) {
          throw new IOException("a request's head is too long");
        }
      }
      for (String line : List.of(request.toString(StandardCharsets.US_ASCII).split("\r\n", -1))) {
        if (line.startsWith("Content-Length: ")) {
          int length = Integer.parseInt(line.substring("Content-Length: ".length()));
          request.write(in.readNBytes(length));
        }
      }
      return request.toByteArray();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    pairs.forEach(Pair::close);
  }
}
