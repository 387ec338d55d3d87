package dev.countersign.cli.token;

import dev.countersign.cli.cluster.AuthorityFile;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.token.BootstrapKubeconfig;
import dev.countersign.cluster.token.BootstrapToken;
import dev.countersign.cluster.token.TokenSpec;
import dev.countersign.common.command.CliException;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.node.KubeconfigOnly;
import dev.countersign.x509.certificate.Certificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a new token goes: files for nodes, each of mode 0600. */
public final class OutputOptions {
  @Option(
      names = "--kubeconfig-out",
      paramLabel = "FILE",
      description = "Write a bootstrap kubeconfig for nodes there, mode 0600.")
  private @Nullable Path kubeconfigOut;

  @Option(
      names = "--ignition-out",
      paramLabel = "FILE",
      description = "Write an Ignition configuration with that kubeconfig there, mode 0600.")
  private @Nullable Path ignitionOut;

  @Option(
      names = "--butane-out",
      paramLabel = "FILE",
      description = "Write a Butane file with that kubeconfig there, mode 0600.")
  private @Nullable Path butaneOut;

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "API server as nodes reach it; default: the kubeconfig's.")
  private @Nullable URI server;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Authority nodes are to trust for it, PEM; default: the kubeconfig's.")
  private @Nullable Path authority;

  /** Made by picocli. */
  public OutputOptions() {}

  /** Whether any file is wanted. */
  boolean wanted() {
    return kubeconfigOut != null || ignitionOut != null || butaneOut != null;
  }

  /**
   * Whether the files could be written, asked before a token is made, so that none is made in vain.
   */
  void check(Console console, ClusterAccess cluster) throws CliException, IOException {
    if (!wanted()) {
      return;
    }
    URI url = server == null ? cluster.server() : server;
    if (!"https".equals(url.getScheme())) {
      throw CliException.usage("--server: got " + url + "; want an https URL");
    }
    if (isLoopback(url)) {
      console
          .err()
          .println(
              "warning: --server: got "
                  + url
                  + (server == null ? " from the kubeconfig" : "")
                  + ", which on a node is the node itself; want an address at which nodes reach the"
                  + " API server, unless each has a load balancer of its own there; give --server"
                  + " URL");
    }
    authorities(cluster);
    for (Path path : paths()) {
      Path directory = path.toAbsolutePath().getParent();
      if (Files.isDirectory(path)) {
        throw CliException.usage(path + ": got a directory; want the name of a file to write");
      }
      if (directory == null || !Files.isDirectory(directory)) {
        throw CliException.usage(path + ": got no directory to write it to; want one that exists");
      }
    }
  }

  private static boolean isLoopback(URI url) {
    String host = url.getHost();
    if (host == null) {
      return false;
    }
    boolean literal = host.startsWith("[") || host.matches("[0-9.]+");
    try {
      return host.equalsIgnoreCase("localhost")
          || (literal && InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    for (@Nullable Path path : new @Nullable Path[] {kubeconfigOut, ignitionOut, butaneOut}) {
      if (path != null) {
        paths.add(path);
      }
    }
    return paths;
  }

  private List<Certificate> authorities(ClusterAccess cluster) throws CliException, IOException {
    return AuthorityFile.read("--ca", authority, cluster.authorities());
  }

  /**
   * Fails where a token's secret was to be printed and reached nobody: it can't be shown again,
   * while the token lives.
   */
  void checkShown(Console console, BootstrapToken token) throws CliException {
    Optional<String> lost = wanted() ? Optional.empty() : console.takeUnreadOutput();
    if (lost.isPresent()) {
      throw CliException.environment(
          "standard output: got "
              + lost.get()
              + ", so that nobody has the secret of token "
              + token.id()
              + ", which is good all the same; want a place that takes it; countersign token delete"
              + " "
              + token.id()
              + " takes it back, then make another");
    }
  }

  /** Writes the files that are wanted. */
  void write(Console console, ClusterAccess cluster, BootstrapToken token)
      throws CliException, IOException {
    if (!wanted()) {
      return;
    }
    SecretText kubeconfig =
        BootstrapKubeconfig.of(
            token, server == null ? cluster.server() : server, authorities(cluster));
    KubeconfigOnly machine = KubeconfigOnly.of(kubeconfig);
    write(console, kubeconfigOut, "bootstrap kubeconfig", kubeconfig);
    write(console, ignitionOut, "Ignition configuration", machine.ignition());
    write(console, butaneOut, "Butane file", machine.butane());
  }

  /**
   * Prints a new token; its secret only where no file has it, and this once.
   *
   * @param more what its command has to say about it, for documents
   */
  void show(
      Console console,
      FormatOption format,
      BootstrapToken token,
      TokenSpec spec,
      Map<String, Object> more) {
    SecretAccess access = SecretAccess.because("shown once to the one who made it");
    if (format.isTable()) {
      console.out().println(wanted() ? token.id().value() : token.reveal(access));
      return;
    }
    Map<String, Object> document = Document.ofKind("BootstrapToken");
    document.put("id", token.id().value());
    if (!wanted()) {
      document.put("token", token.reveal(access));
    }
    spec.expiration().ifPresent(end -> document.put("expiration", end.toString()));
    document.putAll(more);
    Document.print(console, format.format(), document);
  }

  private static void write(Console console, @Nullable Path path, String what, SecretText content)
      throws IOException {
    if (path != null) {
      AtomicFiles.writeSecret(path, content);
      console.err().println("wrote " + what + " " + path + " (mode 0600)");
    }
  }
}
