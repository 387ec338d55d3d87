package dev.countersign.image.sign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.image.ImageFixture;
import dev.countersign.image.assemble.Compression;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.image.plan.ImageSpec.TagScheme;
import dev.countersign.image.publish.Publisher;
import dev.countersign.image.publish.RegistryClient;
import dev.countersign.image.publish.TagPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Small images of two architectures, pushed and signed with {@link TestKeys}. */
final class SignedImages implements AutoCloseable {
  private final Path directory;
  private final ImageFixture fixture;

  SignedImages(Path directory) throws Exception {
    this.directory = directory;
    fixture = new ImageFixture(directory);
  }

  /** Builds one that has this content in a file. */
  Layout build(String name, String content) throws Exception {
    Files.writeString(fixture.inputs().resolve("data"), content);
    ImageLock lock =
        fixture.lock(
            """
            apiVersion: countersign.dev/v1alpha1
            kind: ImageSpec
            name: tiny
            version: v1.2.3
            files: [{from: data, to: /opt/data}]
            config: {entrypoint: [/opt/data]}
            """);
    Path out = directory.resolve(name);
    ImageOutput.write(
        out,
        made -> fixture.builder(Compression.GZIP).build(lock, lock.platforms().keySet(), made));
    return Layout.open(out);
  }

  /** Pushes it under its release's tags. */
  static void push(Layout layout, RegistryClient registry) throws Exception {
    TagPlan tags =
        TagPlan.of(
            TagScheme.KUBELET,
            "v1.2.3",
            Set.of(Architecture.values()),
            new TagPlan.Build(Optional.empty(), Optional.empty(), true));
    assertThat(new Publisher(layout, Progress.silent()).push(List.of(registry), tags).getFirst())
        .isInstanceOf(Publisher.Outcome.Pushed.class);
  }

  /** Signs it there, and attests to its SBOM and provenance. */
  void sign(Layout signed, RegistryClient registry) throws Exception {
    new ImageSigner(
            signed,
            Layout.create(Files.createTempDirectory(directory, "made")),
            TestKeys.key(),
            "https://builder.example")
        .sign(registry);
  }

  @Override
  public void close() {
    fixture.close();
  }
}
