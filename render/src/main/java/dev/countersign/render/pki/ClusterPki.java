package dev.countersign.render.pki;

import dev.countersign.render.Asset;
import dev.countersign.render.AssetPath;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeyFormat;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The keys and certificates of one cluster. Immutable; shown without its keys. */
public final class ClusterPki {
  /** The form Kubernetes' own tools write, which every client library reads for RSA and ECDSA. */
  static final PrivateKeyFormat FORMAT = PrivateKeyFormat.TRADITIONAL;

  private final Map<AuthorityName, Certificate> authorities;
  private final Map<AuthorityName, KeyPair> authorityKeys;
  private final Map<CertificateName, Identity> leaves;
  private final KeyPair serviceAccount;
  private final List<String> notes;

  ClusterPki(
      Map<AuthorityName, Certificate> authorities,
      Map<AuthorityName, KeyPair> authorityKeys,
      Map<CertificateName, Identity> leaves,
      KeyPair serviceAccount,
      List<String> notes) {
    this.authorities = Map.copyOf(authorities);
    this.authorityKeys = Map.copyOf(authorityKeys);
    this.leaves = Map.copyOf(leaves);
    this.serviceAccount = Objects.requireNonNull(serviceAccount, "serviceAccount");
    this.notes = List.copyOf(notes);
  }

  /** An authority's certificate, where the cluster has that authority. */
  public Optional<Certificate> authority(AuthorityName name) {
    return Optional.ofNullable(authorities.get(name));
  }

  /** A leaf certificate and its key, where the cluster has it. */
  public Optional<Identity> identity(CertificateName name) {
    return Optional.ofNullable(leaves.get(name));
  }

  /** What the operator should know. */
  public List<String> notes() {
    return notes;
  }

  /** Every file but kubeconfigs. */
  public Map<AssetPath, Asset> files() {
    Map<AssetPath, Asset> files = new TreeMap<>();
    authorities.forEach(
        (name, certificate) -> {
          for (AssetPath path : PkiPaths.certificates(name)) {
            files.put(path, Asset.publicFile(certificate.toPem()));
          }
        });
    authorityKeys.forEach(
        (name, keys) ->
            files.put(PkiPaths.key(name), Asset.secretFile(keys.privateKeyPem(FORMAT))));
    new EnumMap<>(leaves)
        .forEach(
            (name, identity) -> {
              if (!PkiPaths.isInKubeconfig(name)) {
                files.put(
                    PkiPaths.certificate(name), Asset.publicFile(identity.certificate().toPem()));
                files.put(
                    PkiPaths.key(name), Asset.secretFile(identity.keys().privateKeyPem(FORMAT)));
              }
            });
    files.put(PkiPaths.SERVICE_ACCOUNT_KEY, Asset.secretFile(serviceAccount.privateKeyPem(FORMAT)));
    files.put(PkiPaths.SERVICE_ACCOUNT_PUB, Asset.publicFile(serviceAccount.publicKeyPem()));
    return files;
  }

  @Override
  public String toString() {
    return "ClusterPki" + leaves.keySet();
  }
}
