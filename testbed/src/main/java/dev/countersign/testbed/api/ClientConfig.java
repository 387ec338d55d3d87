package dev.countersign.testbed.api;

import dev.countersign.common.secret.SecretText;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What a kubeconfig of one cluster and one user says. Holds secrets: shown as its server only.
 *
 * <p>This is for the files that countersign's renderer and kubelets write, so the first cluster and
 * the first user are meant and exec plugins are not known.
 */
public final class ClientConfig {
  private final URI server;
  private final List<X509Certificate> authorities;
  private final Optional<Identity> identity;
  private final Optional<SecretText> token;

  private ClientConfig(
      URI server,
      List<X509Certificate> authorities,
      Optional<Identity> identity,
      Optional<SecretText> token) {
    this.server = Objects.requireNonNull(server);
    this.authorities = List.copyOf(authorities);
    this.identity = identity;
    this.token = token;
  }

  /** Of a certificate. */
  public static ClientConfig of(URI server, List<X509Certificate> authorities, Identity identity) {
    return new ClientConfig(server, authorities, Optional.of(identity), Optional.empty());
  }

  /** Of a bearer token. */
  public static ClientConfig of(URI server, List<X509Certificate> authorities, SecretText token) {
    return new ClientConfig(server, authorities, Optional.empty(), Optional.of(token));
  }

  /** Of nobody. */
  public static ClientConfig anonymous(URI server, List<X509Certificate> authorities) {
    return new ClientConfig(server, authorities, Optional.empty(), Optional.empty());
  }

  /** Reads a kubeconfig. */
  public static ClientConfig read(Path kubeconfig) throws ControlPlaneFailure {
    try {
      Object root =
          new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(kubeconfig));
      Map<?, ?> cluster = first(root, "clusters", "cluster");
      Map<?, ?> user = first(root, "users", "user");
      List<X509Certificate> authorities =
          Identity.parseCertificates(text(kubeconfig, cluster, "certificate-authority").orElse(""));
      Optional<String> certificate = text(kubeconfig, user, "client-certificate");
      Optional<String> key = text(kubeconfig, user, "client-key");
      Optional<Identity> identity =
          certificate.isPresent() && key.isPresent()
              ? Optional.of(Identity.parse(certificate.get(), SecretText.of(key.get())))
              : Optional.empty();
      return new ClientConfig(
          URI.create(String.valueOf(cluster.get("server"))),
          authorities,
          identity,
          Optional.ofNullable(user.get("token")).map(Object::toString).map(SecretText::of));
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: got %s; want a kubeconfig that this user can read"
              .formatted(kubeconfig, e.getClass().getSimpleName()),
          e);
    } catch (GeneralSecurityException | YAMLException | IllegalArgumentException e) {
      // The parsers' messages may quote the text, and so a key.
      throw new ControlPlaneFailure(
          kubeconfig + ": got something else; want a kubeconfig with a server and one user");
    }
  }

  private static Map<?, ?> first(Object root, String list, String entry) {
    if (root instanceof Map<?, ?> map
        && map.get(list) instanceof List<?> entries
        && !entries.isEmpty()
        && entries.getFirst() instanceof Map<?, ?> named
        && named.get(entry) instanceof Map<?, ?> value) {
      return value;
    }
    throw new IllegalArgumentException(list + ": must have an entry with " + entry);
  }

  private static Optional<String> text(Path kubeconfig, Map<?, ?> map, String key)
      throws IOException {
    if (map.get(key + "-data") instanceof String data) {
      return Optional.of(new String(Base64.getDecoder().decode(data), StandardCharsets.US_ASCII));
    }
    return map.get(key) instanceof String file
        ? Optional.of(Files.readString(kubeconfig.resolveSibling(file)))
        : Optional.empty();
  }

  /** The API server's address. */
  public URI server() {
    return server;
  }

  /** Who issued the API server's certificate. */
  public List<X509Certificate> authorities() {
    return authorities;
  }

  /** The client certificate, where that is how the user shows who it is. */
  public Optional<Identity> identity() {
    return identity;
  }

  /** The bearer token, where that is how the user shows who it is. */
  public Optional<SecretText> token() {
    return token;
  }

  @Override
  public String toString() {
    return "ClientConfig[" + server + ", user redacted]";
  }
}
