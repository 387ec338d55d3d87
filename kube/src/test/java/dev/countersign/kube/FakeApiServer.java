package dev.countersign.kube;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.kube.http.BearerToken;
import dev.countersign.kube.http.ServerEndpoint;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** An HTTPS server on loopback that answers each request as a script says, byte for byte. */
public final class FakeApiServer implements AutoCloseable {
  /** What to do with one request. */
  @FunctionalInterface
  public interface Script {
    /**
     * Answers.
     *
     * @param number of the request, from 0
     * @param request its head and body
     * @return whether the connection is kept
     */
    boolean answer(int number, String request, OutputStream out)
        throws IOException, InterruptedException;
  }

  /** Answers everything with an object that holds nothing, and keeps the connection. */
  public static final Script EMPTY_OBJECTS = answering(200, "{}");

  /** Answers everything with that status and JSON, and keeps the connection. */
  public static Script answering(int status, String body, String... headers) {
    return (number, request, out) -> {
      json(out, status, body, headers);
      return true;
    };
  }

  /** 127.0.0.1. */
  public static final SubjectAltName LOOPBACK = new SubjectAltName.Ip(Bytes.fromHex("7f000001"));

  private final SSLServerSocket listening;
  private final Thread accepting = Thread.ofVirtual().unstarted(this::acceptAll);
  private final Script script;
  private final CertificateAuthority authority;
  private final SSLSocketFactory clientFactory;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());

  private FakeApiServer(
      SSLServerSocket listening,
      Script script,
      CertificateAuthority authority,
      SSLSocketFactory clientFactory) {
    this.listening = listening;
    this.script = script;
    this.authority = authority;
    this.clientFactory = clientFactory;
  }

  /** Starts one whose certificate is for 127.0.0.1. */
  public static FakeApiServer start(Script script) {
    return start(script, LOOPBACK);
  }

  /**
   * Starts one whose certificate is for that name.
   *
   * @param groups the only ones that it agrees on a key by (RFC 8446, section 4.2.7); none: all
   */
  public static FakeApiServer start(Script script, SubjectAltName name, String... groups) {
    try {
      SecureRandom random = new SecureRandom();
      Instant now = Instant.now();
      CertificateAuthority authority =
          CertificateAuthority.create(
              CertificateProfile.authority(
                  DistinguishedName.of(List.of(), "test authority"), Duration.ofDays(1)),
              KeyPair.generate(KeySpec.ECDSA_P256, random),
              random,
              now);
      KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
      Certificate certificate =
          authority.issue(
              CertificateProfile.server(
                  DistinguishedName.of(List.of(), "test server"),
                  List.of(name),
                  Duration.ofDays(1)),
              keys.publicKey(),
              random,
              now);
      char[] password = "memory only".toCharArray();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "server",
          keys.privateKey(SecretAccess.because("a test server's key")),
          password,
          new java.security.cert.Certificate[] {certificate.x509()});
      KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
      keyManagers.init(store, password);
      SSLContext server = SSLContext.getInstance("TLS");
      server.init(keyManagers.getKeyManagers(), null, null);
      SSLServerSocket listening =
          (SSLServerSocket)
              server
                  .getServerSocketFactory()
                  .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      if (groups.length > 0) {
        SSLParameters parameters = listening.getSSLParameters();
        parameters.setNamedGroups(groups);
        listening.setSSLParameters(parameters);
      }
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("authority", authority.certificate().x509());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext client = SSLContext.getInstance("TLS");
      client.init(null, trust.getTrustManagers(), null);
      FakeApiServer fake =
          new FakeApiServer(listening, script, authority, client.getSocketFactory());
      fake.accepting.start();
      return fake;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("the fake server did not start", e);
    }
  }

  private void acceptAll() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean keep = true;
      while (keep) {
        String request = read(in);
        if (request.isEmpty()) {
          return;
        }
        seen.add(request);
        keep = script.answer(requests.getAndIncrement(), request, out);
        out.flush();
      }
    } catch (IOException e) {
      // The client went away, as some tests want it to.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int at = text.indexOf("Content-Length: ");
    if (at < 0) {
      return text;
    }
    int length = Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
    return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /** Writes a whole answer with its length. */
  public static void json(OutputStream out, int status, String body, String... headers)
      throws IOException {
    whole(out, status, "application/json", body.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Writes a whole answer in protobuf. */
  public static void protobuf(OutputStream out, int status, byte[] body) throws IOException {
    whole(out, status, ApiClient.PROTOBUF, body);
  }

  private static void whole(
      OutputStream out, int status, String type, byte[] body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Reason\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Type: ").append(type);
    head.append("\r\nContent-Length: ").append(body.length).append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  /** Begins an answer in chunks. */
  public static void beginChunks(OutputStream out) throws IOException {
    beginChunks(out, "application/json");
  }

  /** Begins an answer of that type in chunks. */
  public static void beginChunks(OutputStream out, String type) throws IOException {
    out.write(
        ("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Writes one chunk; an empty one is the end. */
  public static void chunk(OutputStream out, String text) throws IOException {
    chunk(out, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes one chunk; an empty one is the end. */
  public static void chunk(OutputStream out, byte[] bytes) throws IOException {
    out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(bytes);
    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** The authority that signed the server's certificate. */
  public CertificateAuthority authority() {
    return authority;
  }

  /** The port it listens on. */
  public int port() {
    return listening.getLocalPort();
  }

  /** How many connections were made. */
  public int connections() {
    return connections.get();
  }

  /** All requests so far. */
  public List<String> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  /** A client that trusts it. */
  public ApiClient client() {
    return client(2000, 3);
  }

  /** A client that trusts it and waits that long for an answer. */
  public ApiClient client(int timeoutMillis, int retries) {
    return new ApiClient(
        endpoint("127.0.0.1"),
        new ApiClientOptions(
            "test",
            Duration.ofSeconds(20),
            Duration.ofMillis(timeoutMillis),
            Duration.ofSeconds(20),
            retries,
            Duration.ofMillis(50)),
        ApiObserver.NONE);
  }

  /** An endpoint that expects a certificate for that name. */
  public ServerEndpoint endpoint(String certificateName) {
    return endpoint("127.0.0.1", certificateName);
  }

  /** An endpoint of that host that expects a certificate for that name. */
  public ServerEndpoint endpoint(String host, String certificateName) {
    return new ServerEndpoint() {
      @Override
      public String host() {
        return host;
      }

      @Override
      public int port() {
        return FakeApiServer.this.port();
      }

      @Override
      public String basePath() {
        return "";
      }

      @Override
      public String certificateName() {
        return certificateName;
      }

      @Override
      public SSLSocketFactory socketFactory() {
        return clientFactory;
      }

      @Override
      public Optional<BearerToken> token() {
        return Optional.empty();
      }

      @Override
      public void identityRefused() {}

      @Override
      public Optional<String> identityProblem() {
        return Optional.empty();
      }
    };
  }

  @Override
  public void close() {
    try {
      listening.close();
      // Until then one more connection may be accepted.
      accepting.join();
      synchronized (open) {
        for (Socket socket : open) {
          socket.close();
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
