package dev.countersign.render.pki;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.AssetPath;
import dev.countersign.render.ExistingSecrets;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the keys and certificates that exist, and collects why they cannot be kept. */
final class ExistingPki {
  private final ClusterSpec spec;
  private final ExistingSecrets existing;
  private final List<ParseError> problems = new ArrayList<>();

  /** What is there of a certificate and its key. */
  record Found(Optional<Certificate> certificate, Optional<KeyPair> keys) {}

  ExistingPki(ClusterSpec spec, ExistingSecrets existing) {
    this.spec = spec;
    this.existing = existing;
  }

  List<ParseError> problems() {
    return List.copyOf(problems);
  }

  /** The key that signs tokens of ServiceAccounts. */
  Optional<KeyPair> serviceAccount() {
    return existing
        .find(PkiPaths.SERVICE_ACCOUNT_KEY)
        .flatMap(text -> key(PkiPaths.SERVICE_ACCOUNT_KEY, text));
  }

  Found authority(AuthorityName name) {
    AssetPath certificatePath = PkiPaths.certificates(name).getFirst();
    AssetPath keyPath = PkiPaths.key(name);
    Optional<Certificate> certificate = Optional.empty();
    for (AssetPath path : PkiPaths.certificates(name)) {
      Optional<Certificate> each = existing.find(path).flatMap(text -> certificate(path, text));
      if (certificate.isEmpty()) {
        certificate = each;
      } else if (each.isPresent() && !each.equals(certificate)) {
        problem(
            path.value(),
            "another certificate than in " + certificatePath,
            "the same one",
            "restore whichever is right; an authority is never replaced");
      }
    }
    Optional<KeyPair> keys = existing.find(keyPath).flatMap(text -> key(keyPath, text));
    if (certificate.isEmpty() && keys.isPresent()) {
      problem(
          certificatePath.value(),
          "nothing beside " + keyPath,
          "the authority's certificate",
          "restore it, or move the key away to start a new cluster");
    }
    return spec.pki().supplied().containsKey(name)
        ? supplied(name, certificatePath, certificate)
        : new Found(certificate, keys);
  }

  private Found supplied(
      AuthorityName name, AssetPath certificatePath, Optional<Certificate> certificate) {
    String path = "pki.authorities." + name.key();
    Optional<SuppliedAuthority> supplied = existing.supplied(name);
    if (supplied.isEmpty()) {
      problem(path, "no content", "the files that it names, read by the caller", "");
      return new Found(certificate, Optional.empty());
    }
    Optional<Certificate> own =
        read(path + ".certificateFile", Certificate.parsePem(supplied.get().certificatePem()));
    Optional<KeyPair> keys = read(path + ".keyFile", PrivateKeys.parsePem(supplied.get().keyPem()));
    if (certificate.isPresent() && own.isPresent() && !own.equals(certificate)) {
      problem(
          certificatePath.value(),
          "another authority than " + path,
          "the same one",
          "an authority is never replaced; render into another directory to start a new cluster");
    }
    return new Found(own, keys);
  }

  Found leaf(CertificateName name) {
    AssetPath certificatePath = PkiPaths.certificate(name);
    AssetPath keyPath = PkiPaths.key(name);
    if (!PkiPaths.isInKubeconfig(name)) {
      return new Found(
          existing.find(certificatePath).flatMap(text -> certificate(certificatePath, text)),
          existing.find(keyPath).flatMap(text -> key(keyPath, text)));
    }
    Optional<KubeconfigReader.Content> content =
        existing
            .find(certificatePath)
            .flatMap(text -> read(certificatePath.value(), KubeconfigReader.certificateUser(text)));
    return new Found(
        content.flatMap(each -> certificate(certificatePath, each.certificatePem())),
        content.flatMap(each -> key(keyPath, each.keyPem())));
  }

  private Optional<Certificate> certificate(AssetPath path, SecretText text) {
    return read(
        path.value(),
        Certificate.parsePem(text.reveal(SecretAccess.because("a certificate is read from it"))));
  }

  private Optional<KeyPair> key(AssetPath path, SecretText text) {
    return read(path.value(), PrivateKeys.parsePem(text));
  }

  <T> Optional<T> read(String path, ParseResult<T> reading) {
    return switch (reading) {
      case ParseResult.Parsed<T>(T value) -> Optional.of(value);
      case ParseResult.Refused<T>(List<ParseError> errors) -> {
        for (ParseError error : errors) {
          problem(
              path,
              error.got() + (error.path().isEmpty() ? "" : " at " + error.path()),
              error.want(),
              "restore the file; what exists is never replaced");
        }
        yield Optional.empty();
      }
    };
  }

  void problem(String path, String got, String want, String next) {
    ParseError error = new ParseError(path, got, want);
    problems.add(next.isEmpty() ? error : error.then(next));
  }
}
