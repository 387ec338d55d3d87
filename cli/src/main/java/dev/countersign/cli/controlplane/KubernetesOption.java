package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.common.text.SafeText;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which Kubernetes a command runs. */
public final class KubernetesOption {
  @Option(
      names = "--kubernetes",
      paramLabel = "VERSION",
      converter = Converter.class,
      completionCandidates = Tested.class,
      description = {
        "The release to run: one of ${COMPLETION-CANDIDATES}, with or without its patch number."
            + " Default: the one in the directory of KUBEBUILDER_ASSETS, else what a ClusterSpec"
            + " gets that names none."
      })
  private @Nullable KubernetesVersion version;

  /** Made by picocli. */
  public KubernetesOption() {}

  /** Gets the programs of that release. */
  public Binaries binaries(Console console) {
    return new Binaries(console, Optional.ofNullable(version));
  }

  /** The minor versions to choose from, newest last. */
  static final class Tested implements Iterable<String> {
    /** Made by picocli whenever a command is, so that nothing is read before someone asks. */
    Tested() {}

    @Override
    public Iterator<String> iterator() {
      return KubernetesReleases.supported().all().stream()
          .map(release -> release.kubernetes().majorMinor())
          .iterator();
    }
  }

  /** Only what is tested, as only that is pinned. */
  static final class Converter implements ITypeConverter<KubernetesVersion> {
    @Override
    public KubernetesVersion convert(String text) {
      KubernetesReleases supported = KubernetesReleases.supported();
      return supported
          .parseOption(text)
          .filter(version -> supported.tested(version).isPresent())
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "got %s; want one of %s, or a minor version such as %s"
                          .formatted(
                              SafeText.quote(text),
                              supported.list(),
                              supported.byDefault().majorMinor())));
    }
  }
}
