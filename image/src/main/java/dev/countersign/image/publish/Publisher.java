package dev.countersign.image.publish;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageRefusal;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Pushes a layout to registries. The order is what keeps readers safe: blobs, then the manifests
 * that refer to them, then the manifest list, then tags; so a tag, once it is there, points to
 * something complete, whenever a push is cut off. Running it again completes it.
 */
public final class Publisher {
  private static final int UPLOADS = 4;

  private final Layout layout;
  private final Progress progress;

  /** What became of a push to one registry. */
  public sealed interface Outcome {
    Repository repository();

    /** All is there under all tags. */
    record Pushed(Repository repository, Descriptor image, List<String> tags) implements Outcome {
      public Pushed {
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
    this.layout = layout;
    this.progress = progress;
  }

  /** All that a layout holds, children before parents. */
  private record Content(
      SequencedSet<Descriptor> blobs,
      SequencedSet<Descriptor> manifests,
      Map<Architecture, Descriptor> images,
      SequencedMap<Descriptor, Descriptor> referrers) {}

  /**
   * Pushes to every registry, side by side. One that fails does not stop the others.
   *
   * @throws ImageRefusal where the layout itself is not complete: then nothing is pushed anywhere
   */
  public List<Outcome> push(List<RegistryClient> registries, TagPlan tags) throws IOException {
    Descriptor image = layout.image();
    Content content = content(image);
    long total = 0;
    for (Descriptor each : content.blobs()) {
      layout.check(each);
      total += each.size();
    }
    for (String tag : tags.single().keySet()) {
      if (!content.images().containsKey(tags.single().get(tag))) {
        throw new ImageRefusal(
            "tag " + tag, "no image for " + tags.single().get(tag), "an image in the layout");
      }
    }
    var outcomes = new ArrayList<Outcome>();
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<Outcome>>();
      for (RegistryClient each : registries) {
        progress.start(each.repository().host(), total);
        Callable<Outcome> task = () -> pushTo(each, image, content, tags);
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

  private Outcome pushTo(RegistryClient registry, Descriptor image, Content content, TagPlan tags) {
    var set = new ArrayList<String>();
    try {
      pushBlobs(registry, content.blobs());
      for (Descriptor each : content.manifests()) {
        registry.pushManifest(each.digest().toString(), each.mediaType(), layout.readSmall(each));
      }
      for (Map.Entry<Descriptor, Descriptor> each : content.referrers().entrySet()) {
        boolean kept =
            registry.pushManifest(
                each.getKey().digest().toString(),
                each.getKey().mediaType(),
                layout.readSmall(each.getKey()));
        if (!kept) {
          tagReferrer(registry, each.getKey(), each.getValue());
        }
      }
      byte[] bytes = layout.readSmall(image);
      registry.pushManifest(image.digest().toString(), image.mediaType(), bytes);
      for (Map.Entry<String, Architecture> each : tags.single().entrySet()) {
        Descriptor single = Objects.requireNonNull(content.images().get(each.getValue()));
        registry.pushManifest(each.getKey(), single.mediaType(), layout.readSmall(single));
        set.add(each.getKey());
      }
      for (String tag : tags.list()) {
        registry.pushManifest(tag, image.mediaType(), bytes);
        set.add(tag);
      }
      progress.finish(registry.repository().host());
      return new Outcome.Pushed(registry.repository(), image, set);
    } catch (IOException | RuntimeException failure) {
      return new Outcome.Incomplete(registry.repository(), reason(failure), set);
    }
  }

  private static String reason(Throwable failure) {
    var text = new StringBuilder();
    Throwable each = failure;
    for (int depth = 0; each != null && depth < 3; depth++, each = each.getCause()) {
      String message =
          Objects.requireNonNullElse(each.getMessage(), each.getClass().getSimpleName());
      if (!text.toString().contains(message)) {
        text.append(text.isEmpty() ? "" : ": ").append(message);
      }
    }
    return text.toString();
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
                failure.getCause() instanceof IOException cause
                    ? cause
                    : new IOException(failure.getCause());
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

  /** The tag that stands for the referrers interface where a registry has none. */
  private static void tagReferrer(RegistryClient registry, Descriptor referrer, Descriptor subject)
      throws IOException {
    String tag = RegistryClient.fallbackTag(subject.digest());
    var entries = new LinkedHashMap<String, Descriptor>();
    Optional<RegistryClient.Served> there = registry.manifest(tag);
    if (there.isPresent()) {
      for (JsonNode each : there.get().json().path("manifests")) {
        Descriptor known = Descriptor.parse(tag, each);
        entries.put(known.digest().toString(), known);
      }
    }
    if (entries.putIfAbsent(referrer.digest().toString(), referrer) != null) {
      return;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2);
    index.put("mediaType", MediaTypes.INDEX);
    ArrayNode manifests = index.putArray("manifests");
    entries.values().forEach(each -> manifests.add(each.toJson()));
    registry.pushManifest(tag, MediaTypes.INDEX, index.toString().getBytes(StandardCharsets.UTF_8));
  }

  private Content content(Descriptor image) throws IOException {
    var content =
        new Content(
            new LinkedHashSet<>(),
            new LinkedHashSet<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    var known = new TreeSet<String>();
    for (Descriptor each : Layout.references(image.digest().toString(), layout.readJson(image))) {
      collect(each, content, known);
      each.platform().ifPresent(platform -> content.images().put(platform, each));
    }
    for (Descriptor each : layout.entries()) {
      JsonNode manifest = layout.readJson(each);
      if (manifest.has("subject")) {
        content
            .referrers()
            .put(each, Descriptor.parse("subject of " + each.digest(), manifest.path("subject")));
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
