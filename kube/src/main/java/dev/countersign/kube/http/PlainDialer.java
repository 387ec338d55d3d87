package dev.countersign.kube.http;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** Opens connections without TLS, as to {@code kubectl proxy}. Thread-safe. */
public final class PlainDialer implements Dialer {
  private final ServerEndpoint endpoint;
  private final Duration timeout;

  /**
   * One for {@code endpoint}; nothing is connected yet.
   *
   * @param timeout for the connection
   */
  public PlainDialer(ServerEndpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
  }

  @Override
  public Dialed dial() throws IOException {
    Socket socket =
        endpoint.proxy().isPresent()
            ? endpoint.proxy().get().open(endpoint, timeout)
            : TcpConnector.connect(endpoint.host(), endpoint.port(), timeout);
    // From here on Deadlines looks after it.
    socket.setSoTimeout(0);
    return new Dialed(socket, socket, Optional.empty());
  }
}
