package dev.countersign.cli.render;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.Asset;
import dev.countersign.render.AssetPath;
import dev.countersign.render.AssetTree;
import dev.countersign.render.ExistingSecrets;
import dev.countersign.render.RandomSource;
import dev.countersign.render.RenderOptions;
import dev.countersign.render.Renderer;
import dev.countersign.render.Rendering;
import dev.countersign.render.node.Snippets;
import dev.countersign.render.pki.SuppliedAuthority;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.PkiSpec.AuthorityFiles;
import dev.countersign.render.spec.StarterSpec;
import dev.countersign.render.upgrade.RenderedImages;
import dev.countersign.render.upgrade.UpgradePlan;
import dev.countersign.render.upgrade.UpgradePlanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code render}. */
@Command(
    name = "render",
    mixinStandardHelpOptions = true,
    description =
        "Render a cluster's files from one spec: keys and certificates, kubeconfigs, static pods,"
            + " manifests, machines. Rendering again keeps every authority, key and token that"
            + " exists.",
    footer = {
      "",
      "Examples:",
      "  countersign render --init --spec cluster.yaml",
      "  countersign render --spec cluster.yaml --out assets",
      "  countersign render --spec cluster.yaml --out assets --check",
      "",
      "Where the spec has another kubernetesVersion than the files, the result ends with a plan:"
          + " what to",
      "replace on which machine, in which order.",
      "",
      "Exit status: 0 done, 2 the spec is off, 3 --check found a difference."
    })
public final class RenderCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--spec",
      required = true,
      paramLabel = "FILE",
      description = "The spec, kind: ClusterSpec.")
  private Path spec;

  @Option(names = "--out", paramLabel = "DIR", description = "Where the files are, or will be.")
  private @Nullable Path out;

  @Option(names = "--init", description = "Write a commented spec to start from; keeps one there.")
  private boolean init;

  @Option(names = "--check", description = "Write nothing; print what would change.")
  private boolean check;

  @Option(names = "--renew", description = "Issue leaf certificates again that are near their end.")
  private boolean renew;

  @Option(names = "--rotate-token", description = "Replace the bootstrap token.")
  private boolean rotateToken;

  @Option(
      names = "--public-only",
      description = "Only files without secrets, for git; makes no keys.")
  private boolean publicOnly;

  @Option(
      names = "--kubelet-image",
      paramLabel = "IMAGE",
      description = "Put another registry's kubelet image into a systemd drop-in.")
  private @Nullable String kubeletImage;

  @Mixin private FormatOption format = new FormatOption();

  /** The command, which prints to a console. */
  public RenderCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException, IOException {
    Path file = spec;
    if (init) {
      return writeStarter(file);
    }
    if (out == null) {
      throw CliException.usage("--out: got nothing; want the directory for the files");
    }
    if (publicOnly && (renew || rotateToken)) {
      throw CliException.usage(
          "--public-only: got it with --renew or --rotate-token; want it alone, as it makes no"
              + " secrets");
    }
    ClusterSpec parsed = parse(file);
    Map<AssetPath, SecretText> files = new TreeMap<>();
    if (!publicOnly) {
      for (AssetPath path : Renderer.readBack()) {
        Path there = out.resolve(path.value());
        if (Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
          files.put(path, SecretText.of(read(there)));
        }
      }
    }
    Rendering rendering =
        Renderer.render(
            parsed,
            ExistingSecrets.of(files).withSupplied(supplied(file, parsed)),
            RandomSource.of(new SecureRandom()),
            InstantSource.system().instant(),
            new RenderOptions(renew, rotateToken, publicOnly, snippets(file, parsed)));
    return switch (rendering) {
      case Rendering.Rendered(AssetTree tree, List<String> notes) -> {
        notes.forEach(note -> console.err().println("note: " + SafeText.line(note)));
        yield finish(out, parsed, tree);
      }
      case Rendering.Refused(List<ParseError> problems) ->
          throw new CliException(
              ExitStatus.USAGE,
              out
                  + ": got files that cannot be kept; nothing was written\n"
                  + lines(problems, out + "/"));
    };
  }

  private int writeStarter(Path file) throws CliException, IOException {
    try {
      Files.writeString(
          file, StarterSpec.text(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new CliException(
          ExitStatus.USAGE, file + ": got a file already; want a name that is free", e);
    }
    console.out().println(file);
    return ExitStatus.OK.code();
  }

  private ClusterSpec parse(Path file) throws CliException, IOException {
    String text = read(file);
    ParseResult<ClusterSpec> reading =
        kubeletImage == null
            ? ClusterSpec.parse(text)
            : ClusterSpec.parseWithKubeletImage(text, kubeletImage);
    return valid(reading, file.toString());
  }

  private static Snippets snippets(Path file, ClusterSpec spec) throws CliException {
    Path directory = file.toAbsolutePath().getParent();
    Map<String, String> texts = new TreeMap<>();
    for (String snippet : Snippets.files(spec)) {
      texts.put(snippet, read(resolve(directory, snippet)));
    }
    return valid(Snippets.parse(spec, texts), "the snippets of " + file);
  }

  private static <T> T valid(ParseResult<T> reading, String what) throws CliException {
    return switch (reading) {
      case ParseResult.Parsed<T>(T value) -> value;
      case ParseResult.Refused<T>(List<ParseError> problems) ->
          throw CliException.usage(
              problems.size()
                  + (problems.size() == 1 ? " problem" : " problems")
                  + " in "
                  + what
                  + "\n"
                  + lines(problems, ""));
    };
  }

  private static String lines(List<ParseError> problems, String prefix) {
    return problems.stream()
        .map(problem -> prefix + problem.message())
        .collect(Collectors.joining("\n"));
  }

  private static Map<AuthorityName, SuppliedAuthority> supplied(Path file, ClusterSpec spec)
      throws CliException {
    Map<AuthorityName, SuppliedAuthority> result = new EnumMap<>(AuthorityName.class);
    Path directory = file.toAbsolutePath().getParent();
    for (Map.Entry<AuthorityName, AuthorityFiles> each : spec.pki().supplied().entrySet()) {
      AuthorityFiles files = each.getValue();
      result.put(
          each.getKey(),
          new SuppliedAuthority(
              read(resolve(directory, files.certificateFile())),
              SecretText.of(read(resolve(directory, files.keyFile())))));
    }
    return result;
  }

  private static Path resolve(@Nullable Path directory, String path) {
    return directory == null ? Path.of(path) : directory.resolve(path);
  }

  private static String read(Path path) throws CliException {
    return UserFile.read(path, "UTF-8 text");
  }

  private int finish(Path directory, ClusterSpec parsed, AssetTree tree)
      throws CliException, IOException {
    Map<AssetPath, String> changes = new LinkedHashMap<>();
    for (Map.Entry<AssetPath, Asset> each : tree.assets().entrySet()) {
      change(directory.resolve(each.getKey().value()), each.getValue())
          .ifPresent(change -> changes.put(each.getKey(), change));
    }
    Path outputs = directory.resolve(Renderer.OUTPUTS.value());
    Optional<UpgradePlan> plan =
        Files.isRegularFile(outputs)
            ? RenderedImages.parse(read(outputs))
                .flatMap(before -> UpgradePlanner.plan(parsed, before, tree, changes.keySet()))
            : Optional.empty();
    if (!check) {
      tree.batch(directory, changes.keySet()).write();
    }
    RenderReport.print(console, format, changes, plan);
    console
        .err()
        .println(
            (check ? "would change " : "changed ")
                + changes.size()
                + " of "
                + tree.assets().size()
                + " files in "
                + directory);
    return (check && !changes.isEmpty() ? ExitStatus.REFUSED : ExitStatus.OK).code();
  }

  private static Optional<String> change(Path path, Asset asset) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of("create");
    }
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of("replace");
    }
    String text = asset.text(SecretAccess.because("compared with the file"));
    if (!text.equals(Files.readString(path, StandardCharsets.UTF_8))) {
      return Optional.of("change");
    }
    return Files.getPosixFilePermissions(path).equals(asset.mode().permissions())
        ? Optional.empty()
        : Optional.of("mode-" + PosixFilePermissions.toString(asset.mode().permissions()));
  }
}
