package dev.countersign.approver.health;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP/1.1 server (RFC 9112) of a few pages: GET and HEAD, one request on each connection. The
 * JDK's own server has no limit for each client, so one client that sends requests slowly can keep
 * all others out. Thread-safe.
 */
final class HttpListener implements AutoCloseable {
  /** So many connections may wait to be accepted. */
  private static final int BACKLOG = 1024;

  private static final Duration SWEEP_EVERY = Duration.ofMillis(500);

  /** What is read of a request beyond its head, so that the client gets the response in full. */
  private static final int MOST_DRAINED_BYTES = 64 * 1024;

  /** IMF-fixdate of RFC 9110. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  /**
   * What clients may take.
   *
   * @param connections at a time
   * @param perClient of one client address at a time
   * @param exchange how long a request and its response may take together
   * @param headBytes the longest request line with its header fields
   */
  record Limits(int connections, int perClient, Duration exchange, int headBytes) {
    /** 256 connections, 16 of one client, 10 seconds (as long as a scrape may take), 8 KiB. */
    static Limits defaults() {
      return new Limits(256, 16, Duration.ofSeconds(10), 8 * 1024);
    }
  }

  /**
   * What is served at a path.
   *
   * @param contentType of the body
   * @param source writes the body
   */
  record Page(String contentType, Source source) {
    /** Writes a body. */
    @FunctionalInterface
    interface Source {
      /**
       * Writes the body as it is now.
       *
       * @return the status
       */
      int write(OutputStream body) throws IOException;
    }
  }

  /** What stands between a client and the pages. Safe for use by several threads. */
  interface Protection {
    /** The connection to read from and write to, such as TLS on the one that was accepted. */
    Socket secure(Socket accepted) throws IOException;

    /**
     * Whether a client may see the pages.
     *
     * @param authorization the value of its one Authorization header field
     */
    Access access(Optional<String> authorization);
  }

  /** Whether a client may see the pages. */
  enum Access {
    ALLOWED,
    /** It does not prove who it is. */
    UNAUTHENTICATED,
    /** It may not. */
    FORBIDDEN,
    /** Who could say does not answer. */
    UNKNOWN
  }

  private static final String AUTHORIZATION = "authorization:";

  private final ServerSocket server;
  private final Map<String, Page> pages;
  private final Optional<? extends Protection> protection;
  private final Limits limits;
  private final InstantSource clock;
  private final ClientConnections connections;
  private final Thread acceptor;

  private HttpListener(
      ServerSocket server,
      Map<String, Page> pages,
      Optional<? extends Protection> protection,
      Limits limits,
      InstantSource clock) {
    this.server = server;
    this.pages = Map.copyOf(pages);
    this.protection = protection;
    this.limits = limits;
    this.clock = clock;
    this.connections = new ClientConnections(limits, System::nanoTime);
    this.acceptor =
        Thread.ofPlatform()
            .daemon()
            .name("listen " + server.getLocalPort())
            .unstarted(this::acceptAll);
  }

  /**
   * Starts serving pages by their paths.
   *
   * @throws IOException when the address cannot be bound
   */
  static HttpListener start(
      InetSocketAddress address,
      Map<String, Page> pages,
      Optional<? extends Protection> protection,
      Limits limits,
      InstantSource clock)
      throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setSoTimeout(Math.toIntExact(SWEEP_EVERY.toMillis()));
      server.bind(address, BACKLOG);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    HttpListener listener = new HttpListener(server, pages, protection, limits, clock);
    listener.acceptor.start();
    return listener;
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.add(socket);
        Thread.ofVirtual().name("serve").start(() -> serve(socket));
      } catch (SocketTimeoutException e) {
        // Nobody came; see to those that are there.
      } catch (IOException e) {
        pause();
      }
      connections.closeExpired();
    }
  }

  /** For want of file descriptors, say, which come back. */
  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket accepted) {
    try {
      Socket socket = protection.isPresent() ? protection.get().secure(accepted) : accepted;
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      ByteArrayOutputStream response = new ByteArrayOutputStream(1024);
      respond(head(in), response);
      response.writeTo(out);
      socket.shutdownOutput();
      drain(in);
    } catch (IOException e) {
      // The client went away, or took too long and was closed.
    } finally {
      connections.close(accepted);
    }
  }

  /** To close a connection with unread bytes would take back what was sent. */
  private static void drain(InputStream in) throws IOException {
    byte[] ignored = new byte[4096];
    int drained = 0;
    int read = 0;
    while (read >= 0 && drained < MOST_DRAINED_BYTES) {
      drained += read;
      read = in.read(ignored);
    }
  }

  /** The request line and header fields; cut short where they are too long. */
  private String head(InputStream in) throws IOException {
    byte[] buffer = new byte[limits.headBytes()];
    int length = 0;
    while (length < buffer.length) {
      int read = in.read(buffer, length, buffer.length - length);
      if (read < 0) {
        throw new IOException("the client closed the connection within a request");
      }
      int searchFrom = Math.max(0, length - 3);
      length += read;
      String tail =
          new String(buffer, searchFrom, length - searchFrom, StandardCharsets.ISO_8859_1);
      if (tail.contains("\r\n\r\n") || tail.contains("\n\n")) {
        break;
      }
    }
    return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
  }

  private void respond(String head, ByteArrayOutputStream out) throws IOException {
    String line = head.lines().findFirst().orElse("");
    String[] parts = line.split(" ", -1);
    if (!head.contains("\r\n\r\n") && !head.contains("\n\n")) {
      write(out, "431 Request Header Fields Too Large", "", new byte[0], false);
      return;
    }
    if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
      write(out, "400 Bad Request", "", new byte[0], false);
      return;
    }
    if (protection.isPresent()) {
      Optional<String> refusal = refusal(protection.get().access(authorization(head)));
      if (refusal.isPresent()) {
        write(out, refusal.get(), "WWW-Authenticate: Bearer\r\n", new byte[0], false);
        return;
      }
    }
    boolean headOnly = parts[0].equals("HEAD");
    if (!headOnly && !parts[0].equals("GET")) {
      write(out, "405 Method Not Allowed", "Allow: GET, HEAD\r\n", new byte[0], false);
      return;
    }
    Page page = pages.get(parts[1].replaceFirst("\\?.*", ""));
    if (page == null) {
      write(out, "404 Not Found", "", new byte[0], false);
      return;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(16 * 1024);
    int status = page.source().write(body);
    write(
        out,
        status == 200 ? "200 OK" : status + " Service Unavailable",
        "Content-Type: " + page.contentType() + "\r\nX-Content-Type-Options: nosniff\r\n",
        body.toByteArray(),
        headOnly);
  }

  private static Optional<String> refusal(Access access) {
    return switch (access) {
      case ALLOWED -> Optional.empty();
      case UNAUTHENTICATED -> Optional.of("401 Unauthorized");
      case FORBIDDEN -> Optional.of("403 Forbidden");
      case UNKNOWN -> Optional.of("503 Service Unavailable");
    };
  }

  /** The value of the Authorization header field; none where there are several. */
  private static Optional<String> authorization(String head) {
    List<String> values =
        head.lines()
            .skip(1)
            .filter(line -> line.regionMatches(true, 0, AUTHORIZATION, 0, AUTHORIZATION.length()))
            .map(line -> line.substring(AUTHORIZATION.length()).strip())
            .toList();
    return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
  }

  private void write(
      ByteArrayOutputStream out, String status, String fields, byte[] body, boolean headOnly) {
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nDate: "
            + DATE.format(clock.instant())
            + "\r\n"
            + fields
            + "Content-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    if (!headOnly) {
      out.writeBytes(body);
    }
  }

  /** Where it listens; tells the port where 0 was asked for. */
  InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // Nobody can be accepted any more either way.
    }
    connections.closeAll();
  }
}
