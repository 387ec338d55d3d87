package dev.countersign.kube.credential;

import dev.countersign.common.text.PercentEncoding;
import dev.countersign.common.text.SafeText;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a user of a kubeconfig shows who it is, and whom it acts as. Holds secrets: not a record.
 *
 * @see <a href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/">
 *     Authenticating</a>
 */
final class UserAuthentication {
  private final Optional<DataOrFile> certificate;
  private final Optional<DataOrFile> key;
  private final Optional<TokenSource> token;
  private final Optional<ExecPlugin> plugin;
  private final Map<String, List<String>> impersonation;

  private UserAuthentication(
      Optional<DataOrFile> certificate,
      Optional<DataOrFile> key,
      Optional<TokenSource> token,
      Optional<ExecPlugin> plugin,
      Map<String, List<String>> impersonation) {
    this.certificate = certificate;
    this.key = key;
    this.token = token;
    this.plugin = plugin;
    this.impersonation = impersonation;
  }

  /** By a certificate and key, or by nothing. */
  static UserAuthentication ofCertificate(
      Optional<DataOrFile> certificate, Optional<DataOrFile> key) {
    return new UserAuthentication(certificate, key, Optional.empty(), Optional.empty(), Map.of());
  }

  /** By a token. */
  static UserAuthentication ofToken(TokenSource token) {
    return new UserAuthentication(
        Optional.empty(), Optional.empty(), Optional.of(token), Optional.empty(), Map.of());
  }

  /** What a kubeconfig says. */
  static UserAuthentication of(KubeconfigEntry user, KubeconfigEntry cluster, InstantSource clock)
      throws CredentialProblem {
    refuse(user, "auth-provider", "it was removed from Kubernetes 1.26");
    refuse(user, "username", "it was removed from Kubernetes 1.19");
    refuse(user, "password", "it was removed from Kubernetes 1.19");
    Optional<DataOrFile> certificate = user.pem("client-certificate");
    Optional<DataOrFile> key = user.pem("client-key");
    if (certificate.isPresent() != key.isPresent()) {
      throw user.problem("", "only one of client-certificate and client-key", "both or none");
    }
    Optional<TokenSource> token = Optional.empty();
    if (user.has("tokenFile")) {
      token =
          Optional.of(
              new TokenSource(
                  DataOrFile.file(user.at("tokenFile"), user.resolve(user.text("tokenFile"))),
                  clock));
    } else if (user.has("token")) {
      token =
          Optional.of(
              new TokenSource(DataOrFile.inline(user.at("token"), user.text("token")), clock));
    }
    Optional<ExecPlugin> plugin = Optional.empty();
    Optional<KubeconfigEntry> exec = user.child("exec");
    if (exec.isPresent()) {
      ExecPlugin read = ExecPlugin.of(exec.get(), cluster, clock);
      // As client-go: what the kubeconfig gives itself is used instead.
      if (certificate.isEmpty() && token.isEmpty()) {
        plugin = Optional.of(read);
        certificate = Optional.of(DataOrFile.ofPlugin(user.at("exec"), read, true));
        key = Optional.of(DataOrFile.ofPlugin(user.at("exec"), read, false));
      }
    }
    return new UserAuthentication(certificate, key, token, plugin, impersonation(user));
  }

  private static void refuse(KubeconfigEntry user, String field, String why)
      throws CredentialProblem {
    if (user.has(field)) {
      throw user.problem(
          field, "one", "it absent; " + why + "; use a client certificate or a token");
    }
  }

  /** The headers of client-go's {@code ImpersonationConfig}. */
  private static Map<String, List<String>> impersonation(KubeconfigEntry user)
      throws CredentialProblem {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    String name = header(user, "as", user.text("as"));
    if (name.isEmpty()) {
      for (String field : List.of("as-uid", "as-groups", "as-user-extra")) {
        if (user.has(field)) {
          throw user.problem(field, "one without as", "as, too: whom to act as");
        }
      }
      return Map.of();
    }
    headers.put("Impersonate-User", List.of(name));
    if (user.has("as-uid")) {
      headers.put("Impersonate-Uid", List.of(header(user, "as-uid", user.text("as-uid"))));
    }
    List<String> groups = user.texts("as-groups");
    for (String group : groups) {
      header(user, "as-groups", group);
    }
    if (!groups.isEmpty()) {
      headers.put("Impersonate-Group", groups);
    }
    Optional<KubeconfigEntry> extra = user.child("as-user-extra");
    if (extra.isPresent()) {
      for (String key : extra.get().names()) {
        List<String> values = extra.get().texts(key);
        for (String value : values) {
          header(extra.get(), key, value);
        }
        String escaped = PercentEncoding.encode(key);
        headers.put("Impersonate-Extra-" + escaped, values);
      }
    }
    return Collections.unmodifiableMap(headers);
  }

  private static String header(KubeconfigEntry entry, String field, String value)
      throws CredentialProblem {
    if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw entry.problem(field, SafeText.quote(value), "printable ASCII, for an HTTP header");
    }
    return value;
  }

  /** The same credentials, to act as another user than the kubeconfig says. */
  UserAuthentication as(Impersonation other) {
    return new UserAuthentication(certificate, key, token, plugin, other.headers());
  }

  /** Who it acts as stays; nothing is shown that others could take. */
  UserAuthentication withoutCredentials() {
    return new UserAuthentication(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), impersonation);
  }

  Optional<DataOrFile> certificate() {
    return certificate;
  }

  Optional<DataOrFile> key() {
    return key;
  }

  Optional<TokenSource> token() {
    return token;
  }

  Optional<ExecPlugin> plugin() {
    return plugin;
  }

  Map<String, List<String>> impersonation() {
    return impersonation;
  }

  @Override
  public String toString() {
    return "UserAuthentication[redacted]";
  }
}
