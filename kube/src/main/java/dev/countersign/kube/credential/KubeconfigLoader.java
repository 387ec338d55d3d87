package dev.countersign.kube.credential;

import dev.countersign.common.text.SafeText;
import dev.countersign.kube.http.ProxyTunnel;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds kubeconfig files, and reads what a context of them means, as client-go's {@code
 * ClientConfigLoadingRules} and {@code DirectClientConfig} do: of several files the first that has
 * a name wins. What we do not do and what would change who we are or whom we talk to is refused by
 * its path, never ignored.
 */
public final class KubeconfigLoader {
  private final List<Path> files;

  /** Whether the file must be there: it was asked for by name. */
  private final boolean explicit;

  private KubeconfigLoader(List<Path> files, boolean explicit) {
    this.files = List.copyOf(files);
    this.explicit = explicit;
  }

  /** The one file of {@code --kubeconfig}. */
  public static KubeconfigLoader of(Path file) {
    return new KubeconfigLoader(List.of(file), true);
  }

  /**
   * The files of {@code KUBECONFIG}, or {@code ~/.kube/config}; those that are not there count not.
   */
  public static KubeconfigLoader ofEnvironment(Map<String, String> environment, Path home) {
    Set<Path> files = new LinkedHashSet<>();
    for (String name : environment.getOrDefault("KUBECONFIG", "").split(File.pathSeparator, -1)) {
      if (!name.isEmpty()) {
        files.add(Path.of(name));
      }
    }
    return new KubeconfigLoader(
        files.isEmpty() ? List.of(home.resolve(".kube/config")) : List.copyOf(files), false);
  }

  /** The files, whether they are there or not. */
  public List<Path> files() {
    return files;
  }

  /** Whether there is at least one of the files. */
  public boolean isPresent() {
    return files.stream().anyMatch(Files::exists);
  }

  private List<KubeconfigFile> read() throws CredentialProblem {
    List<KubeconfigFile> read = new ArrayList<>();
    for (Path file : files) {
      if (explicit || Files.exists(file)) {
        read.add(KubeconfigFile.read(file));
      }
    }
    if (read.isEmpty()) {
      throw new CredentialProblem(
          "kubeconfig: got none at " + files + "; want one there, or --kubeconfig FILE");
    }
    return read;
  }

  /**
   * The names of the contexts to choose from, in the order of the files.
   *
   * @throws IOException where a file is no kubeconfig
   */
  public List<String> contexts() throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (KubeconfigFile file : read()) {
      names.addAll(file.names("contexts"));
    }
    return List.copyOf(names);
  }

  /**
   * The credentials of a context. They may be for a server that is not verified: see {@link
   * ClientCredentials#unverified()}.
   *
   * @param context the context to use; {@code current-context} when empty
   */
  public CredentialsResult credentials(Optional<String> context, InstantSource clock) {
    try {
      ClientCredentials credentials = new Reading(read()).credentials(context, clock);
      credentials.verifyUsable();
      return new CredentialsResult.Usable(credentials);
    } catch (IOException e) {
      return new CredentialsResult.Unusable(String.valueOf(e.getMessage()));
    }
  }

  /** The files taken together. */
  private record Reading(List<KubeconfigFile> files) {
    private Object where() {
      return files.size() == 1
          ? files.getFirst().path()
          : files.stream().map(KubeconfigFile::path).toList();
    }

    private KubeconfigEntry entry(String list, String field, String name) throws CredentialProblem {
      List<String> known = new ArrayList<>();
      for (KubeconfigFile file : files) {
        Optional<KubeconfigEntry> found = file.entry(list, field, name);
        if (found.isPresent()) {
          return found.get();
        }
        known.addAll(file.names(list));
      }
      throw new CredentialProblem(
          where()
              + ": "
              + list
              + ": got "
              + SafeText.list(known, 20)
              + "; want one named "
              + SafeText.quote(name)
              + (list.equals("contexts") ? "; choose one of them with --context NAME" : ""));
    }

    private String current() throws CredentialProblem {
      for (KubeconfigFile file : files) {
        if (!file.currentContext().isEmpty()) {
          return file.currentContext();
        }
      }
      throw new CredentialProblem(
          where() + ": current-context: got none; want one, or --context NAME");
    }

    ClientCredentials credentials(Optional<String> wanted, InstantSource clock)
        throws CredentialProblem {
      String contextName = wanted.isPresent() ? wanted.get() : current();
      KubeconfigEntry context = entry("contexts", "context", contextName);
      String clusterName = context.text("cluster");
      if (clusterName.isEmpty()) {
        throw context.problem("cluster", "none", "the name of a cluster");
      }
      KubeconfigEntry cluster = entry("clusters", "cluster", clusterName);
      String userName = context.text("user");
      KubeconfigEntry user =
          userName.isEmpty()
              ? KubeconfigEntry.empty(files.getFirst().path(), "users[]")
              : entry("users", "user", userName);
      URI server = server(cluster);
      boolean plain = "http".equalsIgnoreCase(server.getScheme());
      Optional<DataOrFile> authority = cluster.pem("certificate-authority");
      boolean skip = cluster.flag("insecure-skip-tls-verify");
      if (skip && authority.isPresent()) {
        throw cluster.problem(
            "insecure-skip-tls-verify",
            "true, and certificate-authority, too",
            "only one of them: kubectl refuses both");
      }
      Optional<ProxyTunnel> proxy = proxy(cluster);
      UserAuthentication who = UserAuthentication.of(user, cluster, clock);
      String source = "kubeconfig " + where() + ", context " + SafeText.line(contextName);
      return new ClientCredentials(
          new ClientCredentials.Server(
              source,
              host(server),
              server.getPort() >= 0 ? server.getPort() : plain ? 80 : 443,
              path(server),
              cluster.text("tls-server-name"),
              proxy,
              plain
                  ? Optional.of(
                      cluster.at("server")
                          + ": got \""
                          + server
                          + "\"; want https://HOST:PORT: without TLS the server is not"
                          + " authenticated")
                  : skip
                      ? Optional.of(
                          cluster.at("insecure-skip-tls-verify")
                              + ": got true; want it absent; give certificate-authority-data"
                              + " instead")
                      : Optional.empty(),
              plain),
          // As kubectl: without TLS no credentials are sent, for everybody could read them.
          plain ? who.withoutCredentials() : who,
          authority,
          SafeText.line(userName),
          clock);
    }

    private static URI server(KubeconfigEntry cluster) throws CredentialProblem {
      String text = cluster.text("server");
      // client-go takes a bare HOST:PORT for https where there are credentials or authorities.
      String url = text.contains("://") || text.isEmpty() ? text : "https://" + text;
      try {
        URI server = new URI(url);
        if (("https".equalsIgnoreCase(server.getScheme())
                || "http".equalsIgnoreCase(server.getScheme()))
            && server.getHost() != null
            && server.getUserInfo() == null) {
          return server;
        }
      } catch (URISyntaxException e) {
        throw cluster.problem("server", "no URL", "https://HOST:PORT");
      }
      throw cluster.problem("server", SafeText.quote(text), "https://HOST:PORT");
    }

    private static String host(URI server) {
      String host = server.getHost();
      return host.startsWith("[") && host.endsWith("]")
          ? host.substring(1, host.length() - 1)
          : host;
    }

    private static String path(URI server) {
      String path = server.getRawPath() == null ? "" : server.getRawPath();
      while (path.endsWith("/")) {
        path = path.substring(0, path.length() - 1);
      }
      return path;
    }

    private static Optional<ProxyTunnel> proxy(KubeconfigEntry cluster) throws CredentialProblem {
      String url = cluster.text("proxy-url");
      if (url.isEmpty()) {
        return Optional.empty();
      }
      Optional<ProxyTunnel> proxy = ProxyTunnel.parse(url);
      if (proxy.isEmpty()) {
        // Without the URL, which may hold a password.
        throw cluster.problem(
            "proxy-url", "no URL of a proxy", "http://, https:// or socks5://HOST:PORT");
      }
      return proxy;
    }
  }
}
