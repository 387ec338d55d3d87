package dev.countersign.cluster.connect;

import io.fabric8.kubernetes.api.model.ExecConfig;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Which kubeconfig, and which context of it, a command means; and what is wrong with that. */
final class ChosenConfig {
  private ChosenConfig() {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException where it does not say what is asked for
   */
  static Config of(ClusterAccess.Options options) {
    if (options.kubeconfig().isPresent()) {
      Path file = options.kubeconfig().get();
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new IllegalArgumentException(
            "--kubeconfig: got "
                + file
                + (Files.isDirectory(file)
                    ? ", which is a folder"
                    : Files.isRegularFile(file)
                        ? ", which this user may not read"
                        : ", where there is no file")
                + "; want a kubeconfig");
      }
      Config config =
          read(
              List.of(file),
              () -> Config.fromKubeconfig(options.context().orElse(null), file.toFile()));
      return checked(config, options, List.of(file));
    }
    boolean inCluster = System.getenv("KUBERNETES_SERVICE_HOST") != null;
    List<Path> places = Config.getKubeconfigFilenames().stream().map(Path::of).toList();
    List<Path> files = places.stream().filter(Files::isRegularFile).toList();
    if (files.isEmpty() && !inCluster) {
      throw new IllegalArgumentException(
          "kubeconfig: got none at " + places + "; want one there, or --kubeconfig FILE");
    }
    Config config = read(files, () -> Config.autoConfigure(options.context().orElse(null)));
    return inCluster && options.context().isEmpty() ? config : checked(config, options, files);
  }

  private static Config checked(Config config, ClusterAccess.Options options, List<Path> files) {
    Object where = files.size() == 1 ? files.getFirst() : files;
    if (config.getCurrentContext() == null) {
      throw new IllegalArgumentException(
          options
              .context()
              .map(name -> noContext(name, where, options))
              .orElse("current-context: got none in " + where + "; want one, or --context NAME"));
    }
    options
        .context()
        .filter(name -> !name.equals(config.getCurrentContext().getName()))
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(noContext(name, where, options));
            });
    checkPlugin(config, files);
    return config;
  }

  private static String noContext(String name, Object where, ClusterAccess.Options options) {
    return "--context: got \"%s\"; want a context of %s: %s"
        .formatted(name, where, String.join(", ", contexts(options.kubeconfig())));
  }

  /**
   * An exec plugin that gave nothing is only logged by fabric8, which then asks as nobody: the 401
   * of the API server would be told instead.
   */
  private static void checkPlugin(Config config, List<Path> files) {
    String user = config.getCurrentContext().getContext().getUser();
    for (Path file : files) {
      for (NamedAuthInfo entry : parsed(file).getUsers()) {
        if (entry.getName().equals(user)) {
          ExecConfig exec = entry.getUser() == null ? null : entry.getUser().getExec();
          if (exec != null && exec.getCommand() != null && hasNoCredentials(config)) {
            throw new IllegalArgumentException(ofPlugin(file, user, exec));
          }
          return;
        }
      }
    }
  }

  private static String ofPlugin(Path file, String user, ExecConfig exec) {
    String command = exec.getCommand();
    String who = file + ": user " + user + ": exec plugin ";
    if (!isInstalled(command, file)) {
      return who
          + "got "
          + command
          + ", which is not "
          + (command.contains("/") ? "there" : "on the PATH")
          + "; want a program; "
          + (exec.getInstallHint() == null
              ? "install it, or choose another user or --context"
              : exec.getInstallHint().strip());
    }
    return who
        + "got no credentials from "
        + command
        + "; want a token or a certificate; run it by hand to see what it says";
  }

  private static boolean hasNoCredentials(Config config) {
    return config.getOauthToken() == null
        && config.getAutoOAuthToken() == null
        && config.getClientCertData() == null
        && config.getClientCertFile() == null;
  }

  /** As kubectl looks: a path is relative to its kubeconfig, a bare name is on the PATH. */
  private static boolean isInstalled(String command, Path kubeconfig) {
    if (command.contains("/")) {
      return Files.isExecutable(kubeconfig.toAbsolutePath().resolveSibling(command));
    }
    for (String folder :
        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  private static io.fabric8.kubernetes.api.model.Config parsed(Path file) {
    try {
      return Objects.requireNonNull(KubeConfigUtils.parseConfig(file.toFile()));
    } catch (RuntimeException _) {
      throw noKubeconfig(file);
    }
  }

  private static Config read(List<Path> files, Supplier<Config> reading) {
    // Each by itself, for of several it is to be told which one is broken.
    files.forEach(ChosenConfig::parsed);
    try {
      return reading.get();
    } catch (RuntimeException _) {
      throw noKubeconfig(files.size() == 1 ? files.getFirst() : files);
    }
  }

  /**
   * Without the parser's words, also as a cause: they quote the file, which holds keys and tokens.
   */
  private static IllegalArgumentException noKubeconfig(Object where) {
    return new IllegalArgumentException(
        where
            + ": got text that is no kubeconfig; want YAML with clusters, users and contexts:"
            + " compare it with what kubectl config view says of it");
  }

  /** Where the configuration is from, for people. */
  static String origin(Config config, ClusterAccess.Options options) {
    if (config.getCurrentContext() == null) {
      return "the pod's service account";
    }
    String file =
        options
            .kubeconfig()
            .map(Path::toString)
            .orElseGet(() -> String.join(File.pathSeparator, Config.getKubeconfigFilenames()));
    return "kubeconfig " + file + ", context " + config.getCurrentContext().getName();
  }

  /** The names of the contexts to choose from, in the order of the files. */
  static List<String> contexts(Optional<Path> kubeconfig) {
    List<Path> files =
        kubeconfig
            .map(List::of)
            .orElseGet(() -> Config.getKubeconfigFilenames().stream().map(Path::of).toList());
    List<String> names = new ArrayList<>();
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        parsed(file).getContexts().forEach(context -> names.add(context.getName()));
      }
    }
    return names;
  }
}
