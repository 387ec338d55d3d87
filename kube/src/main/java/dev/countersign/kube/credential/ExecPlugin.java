package dev.countersign.kube.credential;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.http.BearerToken;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A program that gives credentials (client-go's {@code exec} plugins, group {@code
 * client.authentication.k8s.io}): run when they are first wanted, when they have expired, and when
 * the server refused them. Thread-safe.
 */
final class ExecPlugin {
  private static final String GROUP = "client.authentication.k8s.io/";
  private static final List<String> VERSIONS = List.of(GROUP + "v1", GROUP + "v1beta1");
  private static final int LONGEST_ANSWER = 1024 * 1024;

  private enum InteractiveMode {
    NEVER("Never"),
    IF_AVAILABLE("IfAvailable"),
    ALWAYS("Always");

    private final String word;

    InteractiveMode(String word) {
      this.word = word;
    }
  }

  /** What a run of it gave. Not a record: it holds secrets. */
  static final class Credential {
    private final Optional<BearerToken> token;
    private final String certificate;
    private final SecretText key;
    private final Optional<Instant> expiry;

    private Credential(
        Optional<BearerToken> token, String certificate, SecretText key, Optional<Instant> expiry) {
      this.token = token;
      this.certificate = certificate;
      this.key = key;
      this.expiry = expiry;
    }

    Optional<BearerToken> token() {
      return token;
    }

    /** Certificates in PEM; empty where it gave none. */
    String certificate() {
      return certificate;
    }

    /** The certificate's key in PEM; empty where it gave none. */
    SecretText key() {
      return key;
    }
  }

  private final KubeconfigEntry exec;
  private final KubeconfigEntry cluster;
  private final String apiVersion;
  private final String command;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private final InteractiveMode mode;
  private final boolean provideClusterInfo;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Credential current;
  private int runs;

  /** One argument for each field of the kubeconfig's {@code exec}, and where errors point. */
  private ExecPlugin(
      KubeconfigEntry exec,
      KubeconfigEntry cluster,
      String apiVersion,
      String command,
      List<String> arguments,
      Map<String, String> environment,
      InteractiveMode mode,
      boolean provideClusterInfo,
      InstantSource clock) {
    this.exec = exec;
    this.cluster = cluster;
    this.apiVersion = apiVersion;
    this.command = command;
    this.arguments = arguments;
    this.environment = environment;
    this.mode = mode;
    this.provideClusterInfo = provideClusterInfo;
    this.clock = clock;
  }

  /** What {@code users[].user.exec} says; nothing is run yet. */
  static ExecPlugin of(KubeconfigEntry exec, KubeconfigEntry cluster, InstantSource clock)
      throws CredentialProblem {
    String version = exec.text("apiVersion");
    if (!VERSIONS.contains(version)) {
      throw exec.problem("apiVersion", SafeText.quote(version), "one of " + VERSIONS);
    }
    String command = exec.text("command");
    if (command.isEmpty()) {
      throw exec.problem("command", "none", "a program");
    }
    // A path is relative to its kubeconfig, a bare name is on the PATH.
    String program = command.contains(File.separator) ? exec.resolve(command).toString() : command;
    Map<String, String> environment = new LinkedHashMap<>();
    for (KubeconfigEntry variable : exec.children("env")) {
      String name = variable.text("name");
      if (name.isEmpty() || name.contains("=")) {
        throw variable.problem("name", SafeText.quote(name), "the name of a variable");
      }
      environment.put(name, variable.text("value"));
    }
    return new ExecPlugin(
        exec,
        cluster,
        version,
        program,
        exec.texts("args"),
        environment,
        mode(exec, version),
        exec.flag("provideClusterInfo"),
        clock);
  }

  private static InteractiveMode mode(KubeconfigEntry exec, String version)
      throws CredentialProblem {
    String word = exec.text("interactiveMode");
    if (word.isEmpty() && version.endsWith("v1beta1")) {
      return InteractiveMode.IF_AVAILABLE;
    }
    for (InteractiveMode mode : InteractiveMode.values()) {
      if (mode.word.equals(word)) {
        return mode;
      }
    }
    throw exec.problem("interactiveMode", SafeText.quote(word), "Never, IfAvailable or Always");
  }

  /** The credentials; those of an earlier run while they have not expired. */
  Credential credential() throws CredentialProblem {
    lock.lock();
    try {
      Credential known = current;
      if (known == null || known.expiry.filter(end -> !clock.instant().isBefore(end)).isPresent()) {
        known = run();
        current = known;
        runs++;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** Says that the server refused them: it is run again when they are next wanted. */
  void refused() {
    lock.lock();
    try {
      current = null;
    } finally {
      lock.unlock();
    }
  }

  /** Changes when the credentials change. */
  String stamp() {
    lock.lock();
    try {
      return runs + (current == null ? " refused" : "");
    } finally {
      lock.unlock();
    }
  }

  private Credential run() throws CredentialProblem {
    boolean terminal = isTerminal();
    if (mode == InteractiveMode.ALWAYS && !terminal) {
      throw exec.problem(
          "interactiveMode", "Always, and standard input is no terminal", "a terminal");
    }
    boolean interactive = terminal && mode != InteractiveMode.NEVER;
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(command);
    builder.command().addAll(arguments);
    builder.environment().putAll(environment);
    builder.environment().put("KUBERNETES_EXEC_INFO", info(interactive));
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.redirectInput(
        interactive
            ? ProcessBuilder.Redirect.INHERIT
            : ProcessBuilder.Redirect.from(new File("/dev/null")));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw exec.problem(
          "command",
          SafeText.quote(command) + ", which " + (isThere() ? "cannot be run" : "is not there"),
          "a program; " + hint());
    }
    byte[] answer;
    int status;
    try {
      answer = process.getInputStream().readNBytes(LONGEST_ANSWER);
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CredentialProblem(
          exec.at("") + ": interrupted", new InterruptedIOException("interrupted"));
    } catch (IOException e) {
      throw exec.problem("", "an answer that cannot be read", "an ExecCredential");
    } finally {
      process.destroy();
    }
    if (status != 0) {
      throw exec.problem(
          "command",
          SafeText.quote(command) + " ended with status " + status,
          "0; run it by hand to see what it says");
    }
    return decode(answer);
  }

  private Credential decode(byte[] answer) throws CredentialProblem {
    var fields =
        new Object() {
          String version = "";
          String token = "";
          String certificate = "";
          String key = "";
          Instant expiry = Instant.EPOCH;
        };
    try {
      JsonReading.one(
          new ByteArrayInputStream(answer),
          parser -> {
            JsonReading.object(
                parser,
                name -> {
                  switch (name) {
                    case "apiVersion" -> fields.version = JsonReading.string(parser);
                    case "status" ->
                        JsonReading.object(
                            parser,
                            field -> {
                              switch (field) {
                                case "token" -> fields.token = JsonReading.string(parser);
                                case "clientCertificateData" ->
                                    fields.certificate = JsonReading.string(parser);
                                case "clientKeyData" -> fields.key = JsonReading.string(parser);
                                case "expirationTimestamp" ->
                                    fields.expiry = JsonReading.time(parser);
                                default -> {}
                              }
                            });
                    default -> {}
                  }
                });
            return true;
          });
    } catch (IOException e) {
      // Without the parser's words, which quote a token.
      throw exec.problem("", "an answer that is no JSON", "an ExecCredential");
    }
    if (!fields.version.equals(apiVersion)) {
      throw exec.problem(
          "apiVersion",
          apiVersion + ", and an answer of " + SafeText.quote(fields.version),
          "the same version");
    }
    if (fields.certificate.isEmpty() != fields.key.isEmpty()
        || (fields.token.isEmpty() && fields.certificate.isEmpty())) {
      throw exec.problem(
          "",
          "no credentials from " + SafeText.quote(command),
          "a token, or a certificate with its key; run it by hand to see what it says");
    }
    try {
      return new Credential(
          fields.token.isEmpty()
              ? Optional.empty()
              : Optional.of(BearerToken.of(fields.token.strip())),
          fields.certificate,
          SecretText.of(fields.key),
          fields.expiry.equals(Instant.EPOCH) ? Optional.empty() : Optional.of(fields.expiry));
    } catch (IllegalArgumentException e) {
      throw exec.problem("", "a token that is none (" + e.getMessage() + ")", "another");
    }
  }

  /** {@code KUBERNETES_EXEC_INFO}. */
  private String info(boolean interactive) throws CredentialProblem {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String field :
        List.of("server", "tls-server-name", "certificate-authority-data", "proxy-url")) {
      texts.put(field, provideClusterInfo ? cluster.text(field) : "");
    }
    boolean insecure = cluster.flag("insecure-skip-tls-verify");
    byte[] json =
        JsonWriting.object(
            generator -> {
              generator.writeStringField("kind", "ExecCredential");
              generator.writeStringField("apiVersion", apiVersion);
              generator.writeObjectFieldStart("spec");
              generator.writeBooleanField("interactive", interactive);
              if (provideClusterInfo) {
                generator.writeObjectFieldStart("cluster");
                write(generator, texts);
                generator.writeBooleanField("insecure-skip-tls-verify", insecure);
                generator.writeEndObject();
              }
              generator.writeEndObject();
            });
    return new String(json, StandardCharsets.UTF_8);
  }

  private static void write(JsonGenerator generator, Map<String, String> texts) throws IOException {
    for (Map.Entry<String, String> text : texts.entrySet()) {
      if (!text.getValue().isEmpty()) {
        generator.writeStringField(text.getKey(), text.getValue());
      }
    }
  }

  private String hint() throws CredentialProblem {
    String hint = exec.text("installHint").strip();
    return hint.isEmpty()
        ? "install it, or choose another user or --context"
        : SafeText.lines(hint);
  }

  private boolean isThere() {
    if (command.contains(File.separator)) {
      return Files.exists(Path.of(command));
    }
    for (String directory :
        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1)) {
      if (!directory.isEmpty() && Files.exists(Path.of(directory, command))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a person could answer on standard input. */
  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
