package dev.countersign.cluster.connect;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Remembers the last server's certificate that a client's own trust manager took. */
final class Witness {
  private volatile @Nullable X509Certificate last;

  /** The certificate, once there was one. */
  Optional<X509Certificate> seen() {
    return Optional.ofNullable(last);
  }

  /** The same trust managers, looked at from over their shoulders. */
  TrustManager @Nullable [] of(TrustManager @Nullable [] managers) {
    if (managers == null) {
      return null;
    }
    TrustManager[] witnessed = managers.clone();
    for (int i = 0; i < witnessed.length; i++) {
      if (witnessed[i] instanceof X509ExtendedTrustManager manager) {
        witnessed[i] = new Witnessed(manager);
      }
    }
    return witnessed;
  }

  private final class Witnessed extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager judge;

    private Witnessed(X509ExtendedTrustManager judge) {
      this.judge = judge;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
        throws CertificateException {
      judge.checkServerTrusted(chain, type, socket);
      last = chain[0];
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
        throws CertificateException {
      judge.checkServerTrusted(chain, type, engine);
      last = chain[0];
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      judge.checkServerTrusted(chain, type);
      last = chain[0];
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      judge.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return judge.getAcceptedIssuers();
    }
  }
}
