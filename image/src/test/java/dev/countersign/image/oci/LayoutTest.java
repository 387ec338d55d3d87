package dev.countersign.image.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutTest {
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path directory;

  @Test
  void sameBlob_writtenSideBySide_isThereForEach() throws Exception {
    Layout layout = Layout.create(directory.resolve("image"));
    List<Future<Descriptor>> written = new ArrayList<>();
    try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 1000; i++) {
        written.add(
            writers.submit(() -> layout.writeBlob(MediaTypes.EMPTY, out -> out.write(EMPTY))));
      }
      for (Future<Descriptor> each : written) {
        layout.check(each.get());
      }
    }
    try (var left = Files.list(layout.directory())) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("blobs", "oci-layout");
    }
  }
}
