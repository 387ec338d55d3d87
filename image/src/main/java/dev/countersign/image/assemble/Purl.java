package dev.countersign.image.assemble;

import com.github.packageurl.MalformedPackageURLException;
import com.github.packageurl.PackageURL;
import com.github.packageurl.PackageURLBuilder;
import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import java.util.Optional;

/** Package URLs in their canonical form (purl-spec), by which scanners know packages. */
final class Purl {
  private Purl() {}

  /** A part of a URL is set here. */
  private interface Parts {
    PackageURLBuilder set(PackageURLBuilder builder) throws MalformedPackageURLException;
  }

  private static String of(String what, Parts parts) {
    try {
      return text(parts.set(PackageURLBuilder.aPackageURL()).build());
    } catch (MalformedPackageURLException malformed) {
      throw (ImageException)
          new ImageException(what, String.valueOf(malformed.getMessage()), "a package URL")
              .initCause(malformed);
    }
  }

  /** The specification has the colon never encoded; the library encodes it. */
  private static String text(PackageURL url) {
    return url.canonicalize().replace("%3A", ":");
  }

  /** A Debian package; {@code source} is its source package where that has another name. */
  static String deb(
      ImageLock.LockedPackage locked, Optional<String> suite, Optional<String> source) {
    return of(
        locked.name().word(),
        builder -> {
          builder
              .withType("deb")
              .withNamespace("debian")
              .withName(locked.name().word())
              .withVersion(locked.version().toString())
              .withQualifier("arch", locked.architecture());
          if (suite.isPresent()) {
            builder.withQualifier("distro", suite.get());
          }
          if (source.isPresent()) {
            builder.withQualifier("upstream", source.get());
          }
          return builder;
        });
  }

  static String image(String name, Digest manifest, Architecture architecture) {
    return of(
        name,
        builder ->
            builder
                .withType("oci")
                .withName(name)
                .withVersion(manifest.toString())
                .withQualifier("arch", architecture.word()));
  }

  static String download(String name, String version, String url) {
    return of(
        name,
        builder ->
            builder
                .withType("generic")
                .withName(name)
                .withVersion(version)
                .withQualifier("download_url", url));
  }

  static String maven(String group, String artifact, String version) {
    return of(
        artifact,
        builder ->
            builder.withType("maven").withNamespace(group).withName(artifact).withVersion(version));
  }

  /** One that somebody wrote, in its canonical form. */
  static String parse(String path, String text) {
    try {
      return text(new PackageURL(text));
    } catch (MalformedPackageURLException malformed) {
      throw (ImageException)
          new ImageException(path, text, "a package URL like pkg:golang/example.com/m@v1.0.0")
              .initCause(malformed);
    }
  }
}
