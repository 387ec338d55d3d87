package dev.countersign.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A program in one version: built once from its Go module, with the dependencies that the module
 * itself pins, into the user's cache directory.
 *
 * @param name the program's file name
 * @param module the Go module's path
 * @param version the module's version
 * @param directory of the program's package within the module, such as {@code cmd/helm}
 */
public record GoProgram(String name, String module, String version, String directory) {
  private static final Pattern MODULE_DIRECTORY = Pattern.compile("\"Dir\": \"([^\"]+)\"");

  /** Where it is, if it is built already. */
  public Optional<Path> built() {
    return Optional.of(file()).filter(Files::isExecutable);
  }

  /**
   * Where it is, once it is built. Without Go, or without a module proxy the first time, this
   * throws {@link Tools#missing}.
   */
  public Path obtain() throws IOException, InterruptedException {
    return obtain(name, version, file(), this::build);
  }

  /**
   * Where the program of a module in a directory of this repository is, once it is built. It is
   * linked statically, and built anew when a file of the module changes.
   *
   * @param tags the build tags
   */
  public static Path obtainLocal(String name, Path module, String... tags)
      throws IOException, InterruptedException {
    String version = digest(module).substring(0, 12);
    return obtain(
        name,
        version,
        file(name, version),
        (go, output) ->
            run(
                name,
                go,
                List.of(
                    "build",
                    "-trimpath",
                    "-ldflags=-s -w",
                    "-tags=" + String.join(",", tags),
                    "-o",
                    output.toString(),
                    "."),
                module,
                Map.of("CGO_ENABLED", "0")));
  }

  /** Writes a program with the Go that was found. */
  private interface Build {
    void build(Path go, Path output) throws IOException, InterruptedException;
  }

  private static Path obtain(String name, String version, Path program, Build build)
      throws IOException, InterruptedException {
    if (Files.isExecutable(program)) {
      return program;
    }
    Path go =
        findGo()
            .orElseThrow(
                () ->
                    Tools.missing(
                        "no Go to build %s with: want go on PATH or in /usr/local/go/bin"
                            .formatted(name)));
    Path directory = Files.createDirectories(program.resolveSibling("."));
    Path building = Files.createTempDirectory(directory, "building-");
    System.err.println(name + " " + version + ": building it, once, in some minutes");
    Path output = building.resolve(name);
    build.build(go, output);
    try {
      Files.move(output, program, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          program + ": got a file system without rename; want one that has it", e);
    }
    Files.delete(building);
    return program;
  }

  private void build(Path go, Path output) throws IOException, InterruptedException {
    // A module's own directives (replace) count only where it is the main one.
    Path directory = Objects.requireNonNull(output.getParent());
    String source =
        run(
            name,
            go,
            List.of("mod", "download", "-json", module + "@" + version),
            directory,
            Map.of());
    Matcher where = MODULE_DIRECTORY.matcher(source);
    if (!where.find()) {
      throw Tools.missing(name + ": got no directory of module " + module + ": " + source);
    }
    run(
        name,
        go,
        List.of("build", "-trimpath", "-ldflags=-s -w", "-o", output.toString(), "./" + directory),
        Path.of(where.group(1)),
        Map.of());
  }

  private static String digest(Path module) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(module)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        sha256.update(Files.readAllBytes(file));
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path file() {
    return file(name, version);
  }

  private static Path file(String name, String version) {
    return cache()
        .resolve("countersign/tools")
        .resolve(
            "%s-%s-%s-%s"
                .formatted(
                    name, version, System.getProperty("os.name"), System.getProperty("os.arch"))
                .replace(' ', '-'))
        .resolve(name);
  }

  private static String run(
      String name, Path go, List<String> arguments, Path directory, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile("countersign-go-", ".txt");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(Stream.concat(Stream.of(go.toString()), arguments.stream()).toList())
              .directory(directory.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(said.toFile());
      builder.environment().put("GOFLAGS", "");
      builder.environment().put("GOWORK", "off");
      builder.environment().putAll(environment);
      int status = builder.start().waitFor();
      String output = Files.readString(said);
      if (status != 0) {
        throw Tools.missing(name + " could not be built: " + output.strip());
      }
      return output;
    } finally {
      Files.deleteIfExists(said);
    }
  }

  private static Path cache() {
    String xdg = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).orElse("");
    return xdg.startsWith("/")
        ? Path.of(xdg)
        : Path.of(System.getProperty("user.home")).resolve(".cache");
  }

  private static Optional<Path> findGo() {
    return Tools.find("go")
        .or(
            () ->
                Stream.of("/usr/local/go/bin/go", "/usr/lib/go/bin/go")
                    .map(Path::of)
                    .filter(Files::isExecutable)
                    .findFirst());
  }
}
