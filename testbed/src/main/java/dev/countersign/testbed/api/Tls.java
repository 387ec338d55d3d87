package dev.countersign.testbed.api;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts of one identity and a few trusted authorities. */
public final class Tls {
  private Tls() {}

  /**
   * A context that trusts the authorities alone.
   *
   * @param identity asked at each handshake, so that a rotated certificate is served at once; empty
   *     to show none
   */
  public static SSLContext context(
      List<X509Certificate> authorities, Supplier<Optional<Identity>> identity)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new CurrentIdentity(identity)}, trusting(authorities), null);
    return context;
  }

  private static TrustManager[] trusting(List<X509Certificate> authorities)
      throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority-" + i, authorities.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException e) {
      throw new IllegalStateException("an empty key store is read from nowhere", e);
    }
  }

  /** Shows whatever identity there is, whichever authorities the other side names. */
  private static final class CurrentIdentity extends X509ExtendedKeyManager {
    private static final String ALIAS = "current";

    private final Supplier<Optional<Identity>> identity;

    private CurrentIdentity(Supplier<Optional<Identity>> identity) {
      this.identity = identity;
    }

    private @Nullable String alias(String @Nullable ... keyTypes) {
      Optional<Identity> current = identity.get();
      if (current.isEmpty() || keyTypes == null) {
        return null;
      }
      String algorithm = current.get().key().getAlgorithm();
      for (String keyType : keyTypes) {
        if (keyType != null
            && (keyType.equals(algorithm)
                || (keyType.startsWith("EC") && algorithm.startsWith("EC"))
                || (keyType.startsWith("RSA") && algorithm.startsWith("RSA"))
                || (keyType.startsWith("Ed") && algorithm.startsWith("Ed")))) {
          return ALIAS;
        }
      }
      return null;
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias(keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias(keyType);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return alias(keyType) == null ? null : new String[] {ALIAS};
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return alias(keyType) == null ? null : new String[] {ALIAS};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return identity.get().map(Identity::x509Chain).orElse(null);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return identity.get().map(Identity::key).orElse(null);
    }
  }
}
