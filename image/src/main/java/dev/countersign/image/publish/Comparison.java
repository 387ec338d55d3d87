package dev.countersign.image.publish;

import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How what somebody serves differs from what was rebuilt. Every blob is read and hashed: that the
 * digests agree proves nothing about a registry that serves other bytes under them.
 */
public record Comparison(List<String> differences) {
  public Comparison {
    differences = List.copyOf(differences);
  }

  /** Compares with another layout. */
  public static Comparison of(Layout rebuilt, Layout other) throws IOException {
    var differences = new ArrayList<String>();
    Descriptor want = rebuilt.image();
    Descriptor got = other.image();
    if (!got.digest().equals(want.digest())) {
      differences.add("index: got " + got.digest() + "; want " + want.digest());
      return new Comparison(differences);
    }
    for (Descriptor each : everything(rebuilt)) {
      try {
        other.check(each);
      } catch (ImageException refusal) {
        differences.add(String.valueOf(refusal.getMessage()));
      }
    }
    return new Comparison(differences);
  }

  /** Compares with what a registry serves under a tag or digest. */
  public static Comparison of(Layout rebuilt, RegistryClient registry, String reference)
      throws IOException {
    var differences = new ArrayList<String>();
    Descriptor want = rebuilt.image();
    Optional<ManifestResponse> served = registry.manifest(reference);
    if (served.isEmpty()) {
      differences.add(reference + ": got nothing; want " + want.digest());
      return new Comparison(differences);
    }
    if (!served.get().descriptor().digest().equals(want.digest())) {
      differences.add(
          reference + ": got " + served.get().descriptor().digest() + "; want " + want.digest());
      compareManifests(rebuilt, want, served.get(), differences);
      return new Comparison(differences);
    }
    for (Descriptor each : everything(rebuilt)) {
      try {
        if (each.isManifest()) {
          if (registry.manifest(each.digest().toString()).isEmpty()) {
            differences.add("manifest: got nothing; want " + each.digest());
          }
        } else {
          registry.pullBlob(each, OutputStream.nullOutputStream());
        }
      } catch (ImageException refusal) {
        differences.add(String.valueOf(refusal.getMessage()));
      }
    }
    return new Comparison(differences);
  }

  private static void compareManifests(
      Layout rebuilt, Descriptor want, ManifestResponse served, List<String> differences)
      throws IOException {
    List<Descriptor> wanted = Layout.references(want.digest().toString(), rebuilt.readJson(want));
    List<Descriptor> got = Layout.references("served", served.json());
    for (Descriptor each : wanted) {
      Optional<Descriptor> same =
          got.stream().filter(other -> other.platform().equals(each.platform())).findFirst();
      if (same.isEmpty() || !same.get().digest().equals(each.digest())) {
        differences.add(
            each.platform().map(Object::toString).orElse("manifest")
                + ": got "
                + same.map(other -> other.digest().toString()).orElse("nothing")
                + "; want "
                + each.digest());
      }
    }
  }

  /** All a layout holds: manifests, configs, layers, referrers. */
  private static List<Descriptor> everything(Layout layout) throws IOException {
    var all = new ArrayList<Descriptor>();
    for (Descriptor each : layout.entries()) {
      collect(layout, each, all);
    }
    return all;
  }

  private static void collect(Layout layout, Descriptor descriptor, List<Descriptor> all)
      throws IOException {
    all.add(descriptor);
    if (descriptor.isManifest()) {
      for (Descriptor each :
          Layout.references(descriptor.digest().toString(), layout.readJson(descriptor))) {
        collect(layout, each, all);
      }
    }
  }
}
