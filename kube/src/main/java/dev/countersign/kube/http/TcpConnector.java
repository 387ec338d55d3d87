package dev.countersign.kube.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;

/** Opens TCP connections. */
final class TcpConnector {
  private static final int KEEPALIVE_AFTER_SECONDS = 10;
  private static final int KEEPALIVE_EVERY_SECONDS = 3;
  private static final int KEEPALIVE_PROBES = 3;
  private static final Pattern IP_LITERAL =
      Pattern.compile("[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*");

  private TcpConnector() {}

  static boolean isAddress(String host) {
    return IP_LITERAL.matcher(host).matches();
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

  private static InetAddress[] resolve(String host) throws IOException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("the name " + host + " has no address", e);
    }
  }

  private static Socket connect(InetAddress address, int port, Duration timeout)
      throws IOException {
    // The proxy, if any, is the kubeconfig's, never one that the Java runtime was told of.
    Socket socket = new Socket(Proxy.NO_PROXY);
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

  /** Notices a peer that is gone without a word in about 20 seconds instead of two hours. */
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
