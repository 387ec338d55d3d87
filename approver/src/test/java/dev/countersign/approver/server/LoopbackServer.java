package dev.countersign.approver.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An HTTPS server on 127.0.0.1 with an authority of its own; its files are in a directory. */
public final class LoopbackServer implements AutoCloseable {
  /** Answers one request. */
  @FunctionalInterface
  public interface Handler {
    /** Answers; {@code body} is the request's, as JSON where it is protobuf. */
    void answer(HttpExchange exchange, String body) throws IOException;
  }

  private static final SecureRandom RANDOM = new SecureRandom();

  private final HttpsServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Path directory;
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  private LoopbackServer(HttpsServer server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /** An authority. */
  public static CertificateAuthority authority() {
    return CertificateAuthority.create(
        CertificateProfile.authority(
            DistinguishedName.of(List.of(), "test authority"), Duration.ofDays(1)),
        KeyPair.generate(KeySpec.ECDSA_P256, RANDOM),
        RANDOM,
        Instant.now());
  }

  /** A server's TLS with a certificate for 127.0.0.1 of that subject; it trusts the authority. */
  public static SSLContext tls(CertificateAuthority authority, DistinguishedName subject) {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    Certificate certificate =
        authority.issue(
            CertificateProfile.server(
                subject,
                List.of(new SubjectAltName.Ip(Bytes.fromHex("7f000001"))),
                Duration.ofDays(1)),
            keys.publicKey(),
            RANDOM,
            Instant.now());
    return tls(authority, keys, certificate.x509());
  }

  /** A server's TLS with that certificate; it trusts the authority. */
  public static SSLContext tls(
      CertificateAuthority authority, KeyPair keys, X509Certificate certificate) {
    try {
      char[] password = "memory only".toCharArray();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "server",
          keys.privateKey(SecretAccess.because("a test server's key")),
          password,
          new X509Certificate[] {certificate});
      KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
      keyManagers.init(store, password);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("authority", authority.certificate().x509());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("no TLS for a test", e);
    }
  }

  /**
   * Starts one.
   *
   * @param clientMustShow whether clients must show a certificate of the authority
   */
  public static LoopbackServer start(Path directory, boolean clientMustShow, Handler handler) {
    try {
      CertificateAuthority authority = authority();
      SSLContext context = tls(authority, DistinguishedName.of(List.of(), "test server"));
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      server.setHttpsConfigurator(
          new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
              var wanted = context.getDefaultSSLParameters();
              wanted.setNeedClientAuth(clientMustShow);
              parameters.setSSLParameters(wanted);
            }
          });
      LoopbackServer started = new LoopbackServer(server, directory);
      server.createContext(
          "/",
          exchange -> {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " ";
            if (Envelope.isAround(sent) != ApiClient.PROTOBUF.equals(type)) {
              started.seen.add(request + "not of the type it says: " + type);
              reply(exchange, 415, "{}");
              return;
            }
            String body = ProtobufText.of(sent);
            started.seen.add(request + body);
            handler.answer(exchange, body);
          });
      server.setExecutor(started.executor);
      server.start();
      Files.writeString(directory.resolve("ca.crt"), authority.certificate().toPem());
      KeyPair client = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
      Certificate shown =
          authority.issue(
              CertificateProfile.client(
                  DistinguishedName.of(List.of(), "approver"), Duration.ofDays(1)),
              client.publicKey(),
              RANDOM,
              Instant.now());
      Files.writeString(directory.resolve("client.crt"), shown.toPem());
      Files.writeString(
          directory.resolve("client.key"),
          client
              .privateKeyPem(PrivateKeyFormat.PKCS8)
              .reveal(SecretAccess.because("a test client's key file")));
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers with a body, in protobuf where that is asked for; {@code body} is it in JSON. */
  public static void reply(HttpExchange exchange, int status, String body) throws IOException {
    if (status < 300 && wantsProtobuf(exchange)) {
      byte[] message = ProtobufText.answer(exchange.getRequestURI().getPath(), body);
      reply(exchange, status, ApiClient.PROTOBUF, message);
    } else {
      reply(exchange, status, ApiClient.JSON, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Whether objects as a whole are to be sent in protobuf. */
  static boolean wantsProtobuf(HttpExchange exchange) {
    return exchange
        .getRequestHeaders()
        .getFirst("Accept")
        .equals(ApiClient.PROTOBUF + "," + ApiClient.JSON);
  }

  /** Answers with a body. */
  public static void reply(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Method, target and body of each request so far. */
  public List<String> seen() {
    return List.copyOf(seen);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public Path directory() {
    return directory;
  }

  /** A client that takes it for an API server. */
  public ApiClient client() {
    return new ApiClient(
        ClientCredentials.ofFiles(
            "127.0.0.1",
            port(),
            directory.resolve("ca.crt"),
            Optional.empty(),
            Optional.empty(),
            InstantSource.system()),
        ApiClientOptions.defaults(),
        ApiObserver.NONE);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
