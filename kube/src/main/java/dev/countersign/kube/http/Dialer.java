package dev.countersign.kube.http;

import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** Opens connections to one server. Thread-safe. */
@FunctionalInterface
public interface Dialer {
  /**
   * A connection that is ready for requests.
   *
   * @param raw what {@code secured} runs over; the connection ends when it is closed
   * @param secured what requests are written to and answers are read from
   * @param certificate what the server showed, verified
   */
  record Dialed(Socket raw, Socket secured, Optional<X509Certificate> certificate) {}

  /**
   * Opens one.
   *
   * @throws IOException when there is none to be had
   */
  Dialed dial() throws IOException;
}
