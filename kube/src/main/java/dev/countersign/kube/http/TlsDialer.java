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
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** Opens connections to one server, up to the end of the TLS handshake. Thread-safe. */
final class TlsDialer implements Dialer {
  private static final int KEEPALIVE_AFTER_SECONDS = 10;
  private static final int KEEPALIVE_EVERY_SECONDS = 3;
  private static final int KEEPALIVE_PROBES = 3;
  private static final Pattern IP_LITERAL =
      Pattern.compile("[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*");

  /** The groups of NIST (RFC 8446, section 4.2.7), which AWS-LC computes; the rest the JDK does. */
  private static final String[] NIST_GROUPS = {"secp256r1", "secp384r1", "secp521r1"};

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

  private final ServerEndpoint endpoint;
  private final Duration timeout;
  private final BooleanSupplier awsLc;
  private volatile boolean wantsOtherGroups;

  /**
   * One for {@code endpoint}; nothing is connected yet.
   *
   * @param timeout for the connection, then for each answer in the handshake
   * @param awsLc whether AWS-LC does the cryptography
   */
  TlsDialer(ServerEndpoint endpoint, Duration timeout, BooleanSupplier awsLc) {
    this.endpoint = endpoint;
    this.timeout = timeout;
    this.awsLc = awsLc;
  }

  /**
   * Tries the server's addresses in turn.
   *
   * @throws IOException what the last of them had to say
   */
  @Override
  public Dialed dial() throws IOException {
    InetAddress[] addresses = resolve(endpoint.host());
    IOException last = new IOException("no address to connect to");
    for (InetAddress address : addresses) {
      try {
        return dial(address);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /**
   * Asks the system's resolver on a thread of its own: a lookup holds the thread that carries a
   * virtual one, hence all the others, for as long as a name server is silent.
   */
  private static InetAddress[] resolve(String host) throws IOException {
    FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> InetAddress.getAllByName(host));
    if (IP_LITERAL.matcher(host).matches()) {
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

  private Dialed dial(InetAddress address) throws IOException {
    boolean nistOnly = awsLc.getAsBoolean() && !wantsOtherGroups;
    try {
      return dial(address, nistOnly);
    } catch (SSLException e) {
      if (!nistOnly || e.getCause() instanceof CertificateException) {
        throw e;
      }
      Dialed dialed = dial(address, false);
      // An alert has no cause. A server that hung up has not said what it wants.
      wantsOtherGroups = e.getCause() == null;
      return dialed;
    }
  }

  private Dialed dial(InetAddress address, boolean nistOnly) throws IOException {
    Socket raw = new ReadingAhead();
    boolean done = false;
    try {
      raw.setTcpNoDelay(true);
      probeWhenSilent(raw);
      int millis = (int) timeout.toMillis();
      raw.connect(new InetSocketAddress(address, endpoint.port()), millis);
      raw.setSoTimeout(millis);
      String name = endpoint.certificateName();
      SSLSocket secured =
          (SSLSocket) endpoint.socketFactory().createSocket(raw, name, endpoint.port(), true);
      secured.setSSLParameters(parameters(secured.getSSLParameters(), name, nistOnly));
      secured.startHandshake();
      // From here on Deadlines looks after it.
      raw.setSoTimeout(0);
      Optional<X509Certificate> shown =
          secured.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
              ? Optional.of(certificate)
              : Optional.empty();
      done = true;
      return new Dialed(raw, secured, shown);
    } finally {
      if (!done) {
        raw.close();
      }
    }
  }

  private SSLParameters parameters(SSLParameters parameters, String name, boolean nistOnly) {
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    if (!awsLc.getAsBoolean()) {
      parameters.setCipherSuites(chachaFirst(parameters.getCipherSuites()));
    }
    if (nistOnly) {
      parameters.setNamedGroups(NIST_GROUPS);
    }
    if (!IP_LITERAL.matcher(name).matches()) {
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    return parameters;
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

  /**
   * Prefers ChaCha20 to AES: without the optimising compiler, which does not pay in a process that
   * mostly waits, Java's AES-GCM takes four times as long (docs/adr/0011).
   */
  private static String[] chachaFirst(String[] suites) {
    return Stream.concat(
            Stream.of(suites).filter(suite -> suite.contains("CHACHA20")),
            Stream.of(suites).filter(suite -> !suite.contains("CHACHA20")))
        .toArray(String[]::new);
  }
}
