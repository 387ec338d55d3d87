package dev.countersign.image.debian;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.DebianVersion;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.PackageName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A package as an archive's index describes it. Relations are kept as text and read when the
 * resolver comes to them: an index has tens of thousands of packages and a build needs hundreds.
 *
 * @param archive name of the archive it is in, as the spec calls it
 * @param multiArch value of Multi-Arch, or "no"
 * @param priority how standard it is: among packages that provide the same, a more standard one
 *     wins
 * @param path relative to the archive's root
 * @param size in bytes
 */
public record PackageRecord(
    PackageName name,
    DebianVersion version,
    String architecture,
    String archive,
    String multiArch,
    boolean essential,
    Priority priority,
    String dependsField,
    String preDependsField,
    String providesField,
    String conflictsField,
    String breaksField,
    String path,
    long size,
    Digest sha256) {

  /** Debian Policy 2.5, the most standard first. */
  public enum Priority {
    REQUIRED,
    IMPORTANT,
    STANDARD,
    OPTIONAL;

    static Priority of(String word) {
      return switch (word) {
        case "required" -> REQUIRED;
        case "important" -> IMPORTANT;
        case "standard" -> STANDARD;
        default -> OPTIONAL;
      };
    }
  }

  public PackageRecord {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(sha256, "sha256");
    if (path.startsWith("/") || List.of(path.split("/", -1)).contains("..")) {
      throw new ImageException("Filename of " + name, path, "a path inside the archive");
    }
  }

  /** Reads a stanza of a Packages index; nothing where the name is one we could never ask for. */
  public static Optional<PackageRecord> of(Stanza stanza, String archive) {
    return PackageName.parse(stanza.required("Package"))
        .map(
            name ->
                new PackageRecord(
                    name,
                    DebianVersion.parse(stanza.required("Version")),
                    stanza.required("Architecture"),
                    archive,
                    stanza.field("Multi-Arch").orElse("no"),
                    stanza.field("Essential").filter("yes"::equals).isPresent(),
                    Priority.of(stanza.field("Priority").orElse("optional")),
                    stanza.field("Depends").orElse(""),
                    stanza.field("Pre-Depends").orElse(""),
                    stanza.field("Provides").orElse(""),
                    stanza.field("Conflicts").orElse(""),
                    stanza.field("Breaks").orElse(""),
                    stanza.required("Filename"),
                    size(stanza.required("Size")),
                    Digest.sha256(stanza.required("SHA256"))));
  }

  private static long size(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException notANumber) {
      throw (ImageException)
          new ImageException("Size", digits, "a size in bytes").initCause(notANumber);
    }
  }

  @Override
  public String toString() {
    return name + " " + version;
  }
}
