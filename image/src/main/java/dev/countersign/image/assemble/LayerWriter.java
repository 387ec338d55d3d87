package dev.countersign.image.assemble;

import dev.countersign.image.fetch.Progress;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;

/** Writes a tree as layers: Debian's packages, upstream releases, own files. */
final class LayerWriter {
  private static final List<String> NAMES =
      List.of("Debian packages", "upstream releases", "own files");
  private static final int DISTRIBUTION_LAYER = 0;
  private static final int UPSTREAM_LAYER = 1;
  private static final int FILES_LAYER = 2;

  private final Compression compression;
  private final Instant epoch;
  private final ExecutorService workers;
  private final Progress progress;

  /** A layer as it is stored, the digest of its tar archive, and what it has. */
  record Layer(Descriptor blob, Digest diffId, String name) {}

  LayerWriter(Compression compression, Instant epoch, ExecutorService workers, Progress progress) {
    this.compression = compression;
    this.epoch = epoch;
    this.workers = workers;
    this.progress = progress;
  }

  /** Writes the layers that are not empty, the lowest first. */
  List<Layer> write(RootFilesystem tree, Layout layout, String stage) throws IOException {
    progress.start(
        stage,
        tree.nodes().values().stream()
            .mapToLong(
                node ->
                    node instanceof RootFilesystem.Node.Regular file
                        ? file.inode().content().size()
                        : 0)
            .sum());
    var layers = new ArrayList<Layer>();
    for (int layer = DISTRIBUTION_LAYER; layer <= FILES_LAYER; layer++) {
      Set<String> paths = paths(tree, layer);
      if (paths.isEmpty()) {
        continue;
      }
      MessageDigest diffId = Digest.Algorithm.SHA256.start();
      Descriptor blob =
          layout.writeBlob(
              compression.mediaType(),
              out -> {
                try (OutputStream compressed =
                        compression.compress(new BufferedOutputStream(out, 1 << 16), workers);
                    var digesting =
                        new BufferedOutputStream(
                            new DigestOutputStream(compressed, diffId), 1 << 16);
                    var tar = new TarWriter(digesting, epoch.getEpochSecond())) {
                  writeTar(tree, paths, tar, stage);
                }
              });
      layers.add(new Layer(blob, Digest.finish(Digest.Algorithm.SHA256, diffId), NAMES.get(layer)));
    }
    progress.finish(stage);
    return layers;
  }

  /** The paths of a layer: what belongs to it, and the directories that lead there. */
  private static Set<String> paths(RootFilesystem tree, int layer) {
    var paths = new TreeSet<String>();
    for (String path : tree.nodes().keySet()) {
      String owner = tree.owner(path).orElse("");
      int its =
          owner.startsWith(TreeAssembler.UPSTREAM_OWNER)
              ? UPSTREAM_LAYER
              : owner.startsWith(TreeAssembler.FILES_OWNER) ? FILES_LAYER : DISTRIBUTION_LAYER;
      if (its != layer) {
        continue;
      }
      paths.add(path);
      for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        paths.add(path.substring(0, slash));
      }
    }
    return paths;
  }

  private void writeTar(RootFilesystem tree, Set<String> paths, TarWriter tar, String stage)
      throws IOException {
    var written = new IdentityHashMap<RootFilesystem.Inode, String>();
    for (String path : paths) {
      switch (tree.get(path).orElse(null)) {
        case RootFilesystem.Node.Directory directory ->
            tar.directory(path, directory.mode(), directory.uid(), directory.gid());
        case RootFilesystem.Node.Symlink link ->
            tar.symlink(path, link.target(), link.uid(), link.gid());
        case RootFilesystem.Node.Regular file -> {
          String first = written.putIfAbsent(file.inode(), path);
          if (first != null) {
            tar.hardLink(path, first, file.mode(), file.uid(), file.gid());
          } else {
            tar.file(path, file.mode(), file.uid(), file.gid(), file.inode().content());
            progress.advance(stage, file.inode().content().size());
          }
        }
        case null -> throw new IllegalStateException("a path of the tree must be in it: " + path);
      }
    }
  }
}
