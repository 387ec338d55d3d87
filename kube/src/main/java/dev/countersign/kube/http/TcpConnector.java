package dev.countersign.kube.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** Opens TCP connections. */
final class TcpConnector {
  private static final int KEEPALIVE_AFTER_SECONDS = 10;
  private static final int KEEPALIVE_EVERY_SECONDS = 3;
  private static final int KEEPALIVE_PROBES = 3;
  private static final Pattern IP_LITERAL =
      Pattern.compile("[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*");

  private TcpConnector() {}

  /**
   * Reads ahead, into one buffer however often the stream is asked for: TLS reads a record's header
   * and then its content, each of which would be a system call of its own.
   */
  private static final class ReadingAhead extends Socket {
    private @Nullable InputStream ahead;

    /**
     * Without the JDK's search for a SOCKS proxy, which takes the address apart for each socket.
     */
    ReadingAhead() {
      super(Proxy.NO_PROXY);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      if (ahead == null) {
        ahead = new BufferedInputStream(super.getInputStream());
      }
      return ahead;
    }
  }

  static boolean isAddress(String host) {
    return IP_LITERAL.matcher(host).matches();
  }

  /**
   * Asks the system's resolver on a thread of its own: a lookup holds the thread that carries a
   * virtual one, hence all the others, for as long as a name server is silent.
   */
  static InetAddress[] resolve(String host) throws IOException {
    FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> InetAddress.getAllByName(host));
    if (isAddress(host)) {
      lookup.run();
    } else {
      Thread.ofPlatform().daemon().name("resolve " + host).start(lookup);
    }
    try {
      return lookup.get();
    } catch (ExecutionException e) {
      throw new IOException("the name " + host + " has no address", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the name " + host + " was looked up");
    }
  }

  /**
   * Connects to a host, trying its addresses in turn.
   *
   * @param timeout for the connection, then for each read
   * @throws IOException what the last of the addresses had to say
   */
  static Socket connect(String host, int port, Duration timeout) throws IOException {
    IOException last = new IOException("no address to connect to");
    for (InetAddress address : resolve(host)) {
      try {
        return connect(address, port, timeout);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Connects to one address. */
  static Socket connect(InetAddress address, int port, Duration timeout) throws IOException {
    Socket socket = new ReadingAhead();
    boolean done = false;
    try {
      socket.setTcpNoDelay(true);
      probeWhenSilent(socket);
      int millis = (int) timeout.toMillis();
      socket.connect(new InetSocketAddress(address, port), millis);
      socket.setSoTimeout(millis);
      done = true;
      return socket;
    } finally {
      if (!done) {
        socket.close();
      }
    }
  }

  /** A peer that is gone without a word is noticed in about 20 seconds instead of two hours. */
  private static void probeWhenSilent(Socket socket) throws IOException {
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    Set<SocketOption<?>> supported = socket.supportedOptions();
    if (supported.contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_AFTER_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_EVERY_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
    }
  }
}
