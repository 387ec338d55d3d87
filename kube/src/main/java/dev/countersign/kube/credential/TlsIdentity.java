package dev.countersign.kube.credential;

import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeys;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authorities we trust and the certificate we show. Built again when one of the
 * files changes; while a new pair is incomplete (certificate and key are rarely replaced in one
 * step) the old one stays in use. Thread-safe.
 */
final class TlsIdentity {
  private record Built(
      SSLSocketFactory factory, X509TrustManager trust, Optional<Instant> clientExpiry) {}

  private final Optional<DataOrFile> authorities;
  private final Optional<DataOrFile> certificate;
  private final Optional<DataOrFile> key;
  private final boolean verifies;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Built built;
  private String builtFrom = "";
  private Optional<String> staleBecause = Optional.empty();

  /**
   * One of these.
   *
   * @param authorities whom to trust; where empty, the authorities of the Java runtime
   * @param verifies false to trust whoever answers ({@code insecure-skip-tls-verify})
   */
  TlsIdentity(
      Optional<DataOrFile> authorities,
      Optional<DataOrFile> certificate,
      Optional<DataOrFile> key,
      boolean verifies) {
    this.authorities = authorities;
    this.certificate = certificate;
    this.key = key;
    this.verifies = verifies;
  }

  /** Certificates of the authorities, in PEM; empty where there are none of its own. */
  Optional<String> authorities() throws CredentialProblem {
    return authorities.isPresent() ? Optional.of(authorities.get().read()) : Optional.empty();
  }

  SSLSocketFactory socketFactory() throws CredentialProblem {
    return current().factory();
  }

  /** What is wrong with the files, also where what they held before stays in use. */
  Optional<String> problem() {
    lock.lock();
    try {
      current();
      return staleBecause;
    } catch (CredentialProblem e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } finally {
      lock.unlock();
    }
  }

  /** Says that the client certificate has run out, if it has. */
  Optional<String> problemAt(Instant now) {
    Built known;
    lock.lock();
    try {
      known = built;
    } finally {
      lock.unlock();
    }
    if (known == null || certificate.isEmpty()) {
      return Optional.empty();
    }
    return known
        .clientExpiry()
        .filter(expiry -> expiry.isBefore(now))
        .map(
            expiry ->
                certificate.get().where()
                    + ": got a client certificate that expired at "
                    + expiry
                    + "; want one that is valid; issue a new one and put it there");
  }

  private Built current() throws CredentialProblem {
    lock.lock();
    try {
      String stamps = DataOrFile.stamps(authorities, certificate, key);
      Built known = built;
      if (known != null && stamps.equals(builtFrom)) {
        return known;
      }
      try {
        known = build();
        built = known;
        builtFrom = stamps;
        staleBecause = Optional.empty();
      } catch (CredentialProblem e) {
        if (known == null) {
          throw e;
        }
        staleBecause = Optional.of(String.valueOf(e.getMessage()));
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private Built build() throws CredentialProblem {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      if (authorities.isPresent()) {
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate authority : certificates(authorities.get())) {
          anchors.add(new TrustAnchor(authority, null));
        }
        PKIXBuilderParameters parameters =
            new PKIXBuilderParameters(anchors, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        trust.init(new CertPathTrustManagerParameters(parameters));
      } else {
        trust.init((java.security.KeyStore) null);
      }
      Optional<Instant> expiry = Optional.empty();
      KeyManager[] keyManagers = new KeyManager[0];
      // A plugin may give a token only; a file that is there to hold a certificate must have one.
      if (certificate.isPresent()
          && key.isPresent()
          && (certificate.get().isFile() || !certificate.get().read().isEmpty())) {
        List<X509Certificate> chain = certificates(certificate.get());
        KeyPair pair = privateKey(key.get());
        if (!pair.publicKey().equals(chain.getFirst().getPublicKey())) {
          throw new CredentialProblem(
              key.get().where()
                  + ": got a key that does not belong to the certificate in "
                  + certificate.get().where()
                  + "; want the pair");
        }
        expiry = Optional.of(chain.getFirst().getNotAfter().toInstant());
        keyManagers =
            new KeyManager[] {
              new OneKey(
                  pair.privateKey(SecretAccess.because("proves who we are in the TLS handshake")),
                  chain)
            };
      }
      TrustManager[] managers =
          verifies ? trust.getTrustManagers() : new TrustManager[] {new UnverifiedServer()};
      context.init(keyManagers, managers, null);
      return new Built(context.getSocketFactory(), only(managers), expiry);
    } catch (CredentialProblem e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new CredentialProblem("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static X509TrustManager only(TrustManager[] managers) throws CredentialProblem {
    for (TrustManager manager : managers) {
      if (manager instanceof X509TrustManager found) {
        return found;
      }
    }
    throw new CredentialProblem("TLS cannot be set up: the Java runtime verifies no certificates");
  }

  /** Verifies a server's chain; for whom it is is not looked at. */
  void verify(X509Certificate[] chain) throws CredentialProblem {
    try {
      current().trust().checkServerTrusted(chain, "UNKNOWN");
    } catch (CertificateException e) {
      throw new CredentialProblem("the chain does not verify: " + e.getMessage(), e);
    }
  }

  private static KeyPair privateKey(DataOrFile source) throws CredentialProblem {
    return switch (PrivateKeys.parsePem(SecretText.of(source.read()))) {
      case ParseResult.Parsed<KeyPair>(KeyPair pair) -> pair;
      case ParseResult.Refused<KeyPair> unreadable ->
          throw new CredentialProblem(source.where() + ": " + unreadable.message());
    };
  }

  private static List<X509Certificate> certificates(DataOrFile source) throws CredentialProblem {
    String text = source.read();
    List<X509Certificate> all = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      String begin = "-----BEGIN CERTIFICATE-----";
      String end = "-----END CERTIFICATE-----";
      // One block at a time: a kubelet keeps its key in the same file.
      for (int from = text.indexOf(begin); from >= 0; from = text.indexOf(begin, from + 1)) {
        int to = text.indexOf(end, from);
        if (to < 0) {
          break;
        }
        byte[] block = text.substring(from, to + end.length()).getBytes(StandardCharsets.US_ASCII);
        Certificate one = factory.generateCertificate(new ByteArrayInputStream(block));
        all.add((X509Certificate) one);
      }
    } catch (CertificateException e) {
      throw new CredentialProblem(
          source.where() + ": got a CERTIFICATE block that is no X.509 certificate", e);
    }
    if (all.isEmpty()) {
      throw new CredentialProblem(
          source.where() + ": got no CERTIFICATE block; want one or more in PEM");
    }
    return all;
  }

  /** Always offers the one key there is; whether it fits is for the handshake to find out. */
  private static final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "own";

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    OneKey(PrivateKey key, List<X509Certificate> chain) {
      this.key = key;
      this.chain = List.copyOf(chain);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return chain.toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }
}
