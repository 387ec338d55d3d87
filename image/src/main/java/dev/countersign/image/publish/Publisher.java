package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Architecture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Pushes a layout to registries. The order is what keeps readers safe: blobs, then the manifests
 * that refer to them, then the image index, then tags; so a tag, once it is there, points to
 * something complete, whenever a push is cut off. Running it again completes it.
 */
public final class Publisher {
  private static final int UPLOADS = 4;

  private final Layout layout;
  private final Progress progress;
  private final Artifacts artifacts;

  /** What a registry that refuses the artifacts beside an image, such as its SBOM, means. */
  public enum Artifacts {
    /** The push ends. */
    REQUIRED,
    /** A warning, and the image is pushed without. */
    OPTIONAL
  }

  /** What became of a push to one registry. */
  public sealed interface Outcome {
    Repository repository();

    /** All is there under all tags, but for artifacts beside it that were not taken. */
    record Pushed(Repository repository, Descriptor image, List<String> tags, List<String> warnings)
        implements Outcome {
      public Pushed {
        tags = List.copyOf(tags);
        warnings = List.copyOf(warnings);
      }
    }

    /** What a push would do: nothing was written. */
    record Planned(
        Repository repository,
        Descriptor image,
        List<String> tags,
        int blobs,
        int missingBlobs,
        long missingBytes)
        implements Outcome {
      public Planned {
        tags = List.copyOf(tags);
      }
    }

    /** It ended early; tags set so far point to complete images. */
    record Incomplete(Repository repository, String why, List<String> tags) implements Outcome {
      public Incomplete {
        tags = List.copyOf(tags);
      }
    }
  }

  public Publisher(Layout layout, Progress progress) {
    this(layout, progress, Artifacts.REQUIRED);
  }

  public Publisher(Layout layout, Progress progress, Artifacts artifacts) {
    this.layout = layout;
    this.progress = progress;
    this.artifacts = artifacts;
  }

  /** All that a layout holds, children before parents. */
  private record Content(
      SequencedSet<Descriptor> blobs,
      SequencedSet<Descriptor> manifests,
      Map<Architecture, Descriptor> images,
      SequencedSet<Descriptor> referrers) {}

  /**
   * Pushes to every registry, side by side. One that fails does not stop the others.
   *
   * @throws ImageException where the layout itself is not complete: then nothing is pushed anywhere
   */
  public List<Outcome> push(List<RegistryClient> registries, TagPlan tags) throws IOException {
    Descriptor image = layout.image();
    Content content = checked(image, tags);
    long total = content.blobs().stream().mapToLong(Descriptor::size).sum();
    registries.forEach(each -> progress.start(each.repository().host(), total));
    return each(registries, registry -> pushTo(registry, image, content, tags));
  }

  /** Says what a push would do to each registry; it asks them and changes nothing. */
  public List<Outcome> plan(List<RegistryClient> registries, TagPlan tags) throws IOException {
    Descriptor image = layout.image();
    Content content = checked(image, tags);
    return each(registries, registry -> planFor(registry, image, content, tags));
  }

  private Content checked(Descriptor image, TagPlan tags) throws IOException {
    Content content = content(image);
    for (Descriptor each : content.blobs()) {
      layout.check(each);
    }
    for (var tag : tags.platformTags().entrySet()) {
      if (!content.images().containsKey(tag.getValue())) {
        throw new ImageException(
            "tag " + tag.getKey(), "no image for " + tag.getValue(), "an image in the layout");
      }
    }
    return content;
  }

  private static List<Outcome> each(
      List<RegistryClient> registries, Function<RegistryClient, Outcome> work) throws IOException {
    var outcomes = new ArrayList<Outcome>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<Outcome>>();
      for (RegistryClient each : registries) {
        Callable<Outcome> task = () -> work.apply(each);
        running.add(workers.submit(task));
      }
      for (Future<Outcome> each : running) {
        try {
          outcomes.add(each.get());
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failure) {
          throw new IOException("pushing", failure.getCause());
        }
      }
    }
    return outcomes;
  }

  private static Outcome planFor(
      RegistryClient registry, Descriptor image, Content content, TagPlan tags) {
    try {
      int missing = 0;
      long bytes = 0;
      for (Descriptor each : content.blobs()) {
        if (!registry.hasBlob(each.digest())) {
          missing++;
          bytes += each.size();
        }
      }
      return new Outcome.Planned(
          registry.repository(), image, tags.all(), content.blobs().size(), missing, bytes);
    } catch (IOException | RuntimeException failure) {
      return new Outcome.Incomplete(registry.repository(), reason(failure), List.of());
    }
  }

  private Outcome pushTo(RegistryClient registry, Descriptor image, Content content, TagPlan tags) {
    var set = new ArrayList<String>();
    var warnings = new ArrayList<String>();
    try {
      pushBlobs(registry, content.blobs());
      for (Descriptor each : content.manifests()) {
        registry.pushManifest(each.digest().toString(), each.mediaType(), layout.readSmall(each));
      }
      for (Descriptor each : content.referrers()) {
        pushReferrer(registry, each, warnings);
      }
      byte[] bytes = layout.readSmall(image);
      registry.pushManifest(image.digest().toString(), image.mediaType(), bytes);
      for (Map.Entry<String, Architecture> each : tags.platformTags().entrySet()) {
        Descriptor platform = Objects.requireNonNull(content.images().get(each.getValue()));
        registry.pushManifest(each.getKey(), platform.mediaType(), layout.readSmall(platform));
        set.add(each.getKey());
      }
      for (String tag : tags.indexTags()) {
        registry.pushManifest(tag, image.mediaType(), bytes);
        set.add(tag);
      }
      progress.finish(registry.repository().host());
      return new Outcome.Pushed(registry.repository(), image, set, warnings);
    } catch (IOException | RuntimeException failure) {
      return new Outcome.Incomplete(registry.repository(), reason(failure), set);
    }
  }

  private void pushReferrer(RegistryClient registry, Descriptor referrer, List<String> warnings)
      throws IOException {
    try {
      registry.pushReferrer(referrer, layout.readSmall(referrer));
    } catch (RegistryException refused) {
      if (!refused.isRefusal()) {
        throw refused;
      }
      String what = referrer.artifactType().orElse("an artifact") + " of the image was refused: ";
      if (artifacts == Artifacts.REQUIRED) {
        throw new IOException(
            what + refused.getMessage() + "; push without it by --allow-missing-sbom", refused);
      }
      warnings.add(what + refused.getMessage());
    }
  }

  /** The first message of a failure: those below it say the same in other words. */
  private static String reason(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each.getMessage() != null) {
        return each.getMessage();
      }
    }
    return "a fault of this program (" + failure.getClass().getSimpleName() + ")";
  }

  private void pushBlobs(RegistryClient registry, Set<Descriptor> blobs) throws IOException {
    try (ExecutorService uploads = Executors.newFixedThreadPool(UPLOADS)) {
      var running = new ArrayList<Future<?>>();
      for (Descriptor each : blobs) {
        Callable<Boolean> task =
            () -> {
              registry.pushBlob(each, layout.blob(each.digest()));
              progress.advance(registry.repository().host(), each.size());
              return true;
            };
        running.add(uploads.submit(task));
      }
      IOException first = null;
      for (Future<?> each : running) {
        try {
          each.get();
        } catch (InterruptedException interrupted) {
          uploads.shutdownNow();
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", interrupted);
        } catch (ExecutionException failure) {
          if (first == null) {
            // Not shutdownNow: it leaves uploads that have not begun neither done nor cancelled,
            // and waiting for one of those never ends.
            running.forEach(other -> other.cancel(true));
            first =
                switch (failure.getCause()) {
                  case IOException cause -> cause;
                  case Throwable cause -> new IOException(reason(cause), cause);
                  case null -> new IOException("an upload ended", failure);
                };
          }
        } catch (java.util.concurrent.CancellationException stopped) {
          // Another blob's failure stopped it; that one is reported.
        }
      }
      if (first != null) {
        throw first;
      }
    }
  }

  private Content content(Descriptor image) throws IOException {
    var content =
        new Content(
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashMap<>(),
            new LinkedHashSet<>());
    var known = new TreeSet<String>();
    for (Descriptor each : Layout.references(image.digest().toString(), layout.readJson(image))) {
      collect(each, content, known);
      each.platform().ifPresent(platform -> content.images().put(platform, each));
    }
    for (Descriptor each : layout.entries()) {
      JsonNode manifest = layout.readJson(each);
      if (manifest.has("subject")) {
        content.referrers().add(each);
        for (Descriptor inner : Layout.references(each.digest().toString(), manifest)) {
          if (known.add(inner.digest().toString())) {
            content.blobs().add(inner);
          }
        }
      }
    }
    return content;
  }

  private void collect(Descriptor manifest, Content content, Set<String> known) throws IOException {
    for (Descriptor each :
        Layout.references(manifest.digest().toString(), layout.readJson(manifest))) {
      if (known.add(each.digest().toString())) {
        content.blobs().add(each);
      }
    }
    content.manifests().add(manifest);
  }
}
