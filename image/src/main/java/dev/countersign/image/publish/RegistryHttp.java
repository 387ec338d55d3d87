package dev.countersign.image.publish;

import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.HttpProxies;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Makes the HTTP client that registries are talked to with. */
public final class RegistryHttp {
  private RegistryHttp() {}

  /**
   * A client that trusts the runtime's certificate authorities and those in a PEM file.
   *
   * @throws ImageException where the file has no certificate
   */
  public static HttpProxies.Client client(Optional<Path> authorities, HttpProxies proxies)
      throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(20));
    if (authorities.isPresent()) {
      builder.sslContext(context(authorities.get()));
    }
    return proxies.client(builder);
  }

  private static SSLContext context(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int count = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("given-" + count++, each);
      }
      if (count == 0) {
        throw new ImageException(file.toString(), "no certificate", "certificates in PEM");
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager known) {
          for (X509Certificate each : known.getAcceptedIssuers()) {
            trusted.setCertificateEntry("known-" + count++, each);
          }
        }
      }
      factory.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException unreadable) {
      throw new IOException(file + ": got no usable certificates; want PEM", unreadable);
    }
  }
}
