package dev.countersign.kube.credential;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A kubeconfig as text (client-go's {@code clientcmd/api/v1}). Everything that would weaken or
 * redirect the connection and that we do not do is an error, never ignored.
 */
final class KubeconfigFile {
  private static final long MAX_BYTES = 4 * 1024 * 1024;

  private final Path file;
  private final Map<String, Object> root;

  private KubeconfigFile(Path file, Map<String, Object> root) {
    this.file = file;
    this.root = root;
  }

  static KubeconfigFile read(Path file) throws CredentialProblem {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new CredentialProblem(file + ": got a folder; want a kubeconfig file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new CredentialProblem(file + ": got more than 4 MiB; want a kubeconfig file");
      }
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new CredentialProblem(
          file + ": got no such file; want a kubeconfig; give one with --kubeconfig FILE", e);
    } catch (AccessDeniedException e) {
      throw new CredentialProblem(
          file + ": got no permission to read it; run as its owner or change its mode", e);
    } catch (CredentialProblem e) {
      throw e;
    } catch (IOException e) {
      throw new CredentialProblem(file + ": got unreadable text; want a kubeconfig in UTF-8", e);
    }
    YAMLFactory factory =
        YAMLFactory.builder()
            .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    try (JsonParser parser = factory.createParser(text)) {
      if (parser.nextToken() == JsonToken.START_OBJECT && tree(parser) instanceof Map<?, ?> map) {
        return new KubeconfigFile(file, fields(map));
      }
    } catch (JacksonException e) {
      // The location only: the message quotes the text, which holds keys and tokens.
      throw new CredentialProblem(
          file
              + ": got text that is no YAML or has a field twice, near line "
              + e.getLocation().getLineNr()
              + "; want a kubeconfig");
    } catch (IOException e) {
      throw new CredentialProblem(file + ": got unreadable text; want a kubeconfig", e);
    }
    throw new CredentialProblem(file + ": got no mapping; want a kubeconfig");
  }

  private static @Nullable Object tree(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, tree(parser));
      }
      return map;
    }
    if (token == JsonToken.START_ARRAY) {
      List<@Nullable Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(tree(parser));
      }
      return list;
    }
    return token == null || token == JsonToken.VALUE_NULL ? null : parser.getText();
  }

  private static Map<String, Object> fields(Map<?, ?> map) {
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach(
        (name, value) -> {
          if (value != null) {
            copy.put(String.valueOf(name), value);
          }
        });
    return copy;
  }

  ClientCredentials credentials(Optional<String> contextWanted, InstantSource clock)
      throws CredentialProblem {
    String contextName = contextWanted.orElseGet(() -> text(root, "current-context"));
    if (contextName.isEmpty()) {
      throw new CredentialProblem(
          file + ": current-context: got none; want the name of a context; name one");
    }
    Map<String, Object> context = named("contexts", contextName, "context");
    Map<String, Object> cluster =
        named("clusters", required(context, "contexts", contextName, "cluster"), "cluster");
    String clusterPath = "clusters[" + text(context, "cluster") + "].cluster";
    String userName = text(context, "user");
    Map<String, Object> user = userName.isEmpty() ? Map.of() : named("users", userName, "user");
    String userPath = "users[" + userName + "].user";

    refuse(
        cluster,
        clusterPath,
        "insecure-skip-tls-verify",
        "true",
        "countersign always verifies the API server; give certificate-authority-data instead");
    refusePresent(
        cluster,
        clusterPath,
        "proxy-url",
        "proxies are not supported; give a server address that can be reached directly");
    refusePresent(
        user,
        userPath,
        "exec",
        "credential plugins are not run; create a kubeconfig with a client certificate or a token,"
            + " for example with kubectl create token");
    refusePresent(
        user,
        userPath,
        "auth-provider",
        "it was removed from Kubernetes 1.26; use a client certificate or a token");
    refusePresent(
        user,
        userPath,
        "username",
        "it was removed from Kubernetes 1.19; use a client certificate or a token");
    refusePresent(
        user, userPath, "as", "impersonation is not supported; use the credentials of that user");

    URI server = server(cluster, clusterPath);
    int port = server.getPort() < 0 ? 443 : server.getPort();
    String host = server.getHost();
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    String path = server.getRawPath() == null ? "" : server.getRawPath();
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String name = text(cluster, "tls-server-name");
    Optional<Material> certificate = pem(user, userPath, "client-certificate");
    Optional<Material> key = pem(user, userPath, "client-key");
    if (certificate.isPresent() != key.isPresent()) {
      throw new CredentialProblem(
          file
              + ": "
              + userPath
              + ": got only one of client-certificate and client-key; want both or none");
    }
    TokenSource token = null;
    if (!text(user, "tokenFile").isEmpty()) {
      token =
          new TokenSource(
              Material.file(
                  file + ": " + userPath + ".tokenFile", resolve(text(user, "tokenFile"))),
              clock);
    } else if (!text(user, "token").isEmpty()) {
      token =
          new TokenSource(
              Material.inline(file + ": " + userPath + ".token", text(user, "token")), clock);
    }
    return new ClientCredentials(
        file + ", context " + contextName,
        host,
        port,
        path,
        name.isEmpty() ? host : name,
        new TlsIdentity(pem(cluster, clusterPath, "certificate-authority"), certificate, key),
        token,
        clock);
  }

  private URI server(Map<String, Object> cluster, String path) throws CredentialProblem {
    String text = text(cluster, "server");
    try {
      URI server = new URI(text);
      if ("https".equalsIgnoreCase(server.getScheme())
          && server.getHost() != null
          && server.getUserInfo() == null
          && server.getRawQuery() == null) {
        return server;
      }
    } catch (URISyntaxException e) {
      throw new CredentialProblem(
          file + ": " + path + ".server: got no URL; want https://HOST:PORT", e);
    }
    throw new CredentialProblem(
        file + ": " + path + ".server: got \"" + text + "\"; want https://HOST:PORT");
  }

  private Optional<Material> pem(Map<String, Object> owner, String path, String field)
      throws CredentialProblem {
    String data = text(owner, field + "-data");
    String where = file + ": " + path + "." + field;
    if (!data.isEmpty()) {
      try {
        byte[] decoded = Base64.getMimeDecoder().decode(data);
        return Optional.of(
            Material.inline(where + "-data", new String(decoded, StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        throw new CredentialProblem(where + "-data: got no base64; want PEM in base64");
      }
    }
    String name = text(owner, field);
    return name.isEmpty() ? Optional.empty() : Optional.of(Material.file(where, resolve(name)));
  }

  private Path resolve(String name) {
    Path folder = file.toAbsolutePath().getParent();
    Path path = Path.of(name);
    return folder == null ? path : folder.resolve(path).normalize();
  }

  private Map<String, Object> named(String list, String name, String field)
      throws CredentialProblem {
    List<String> known = new ArrayList<>();
    if (root.get(list) instanceof List<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map<?, ?> map) {
          String entryName = text(fields(map), "name");
          if (entryName.equals(name)) {
            if (map.get(field) instanceof Map<?, ?> value) {
              return fields(value);
            }
            throw new CredentialProblem(
                file + ": " + list + "[" + name + "]." + field + ": got none; want a mapping");
          }
          known.add(entryName);
        }
      }
    }
    throw new CredentialProblem(
        file + ": " + list + ": got " + known + "; want one named \"" + name + "\"");
  }

  private String required(Map<String, Object> owner, String list, String name, String field)
      throws CredentialProblem {
    String value = text(owner, field);
    if (value.isEmpty()) {
      throw new CredentialProblem(
          file + ": " + list + "[" + name + "]." + field + ": got none; want a name");
    }
    return value;
  }

  private void refuse(
      Map<String, Object> owner, String path, String field, String value, String why)
      throws CredentialProblem {
    if (text(owner, field).equalsIgnoreCase(value)) {
      throw new CredentialProblem(
          file + ": " + path + "." + field + ": got " + value + "; want it absent; " + why);
    }
  }

  private void refusePresent(Map<String, Object> owner, String path, String field, String why)
      throws CredentialProblem {
    Object value = owner.get(field);
    if (value != null && !value.equals("")) {
      throw new CredentialProblem(
          file + ": " + path + "." + field + ": got one; want it absent; " + why);
    }
  }

  private static String text(Map<String, Object> owner, String field) {
    return owner.get(field) instanceof String text ? text : "";
  }
}
