package dev.countersign.render;

import dev.countersign.common.Bytes;
import dev.countersign.common.file.FileBatch;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything that was rendered, sorted by path.
 *
 * <p>Immutable. Shown without its content.
 */
public final class AssetTree {
  private final Map<AssetPath, Asset> assets;

  private AssetTree(Map<AssetPath, Asset> assets) {
    this.assets = Collections.unmodifiableMap(new TreeMap<>(assets));
  }

  /** A tree of these files. */
  public static AssetTree of(Map<AssetPath, Asset> assets) {
    return new AssetTree(assets);
  }

  /** Every file, in the order of the paths. */
  public Map<AssetPath, Asset> assets() {
    return assets;
  }

  /** One file. */
  public Optional<Asset> find(AssetPath path) {
    return Optional.ofNullable(assets.get(path));
  }

  /**
   * One file that is known to be there.
   *
   * @throws NoSuchElementException where it is not
   */
  public Asset get(String path) {
    return find(AssetPath.of(path)).orElseThrow(() -> new NoSuchElementException(path));
  }

  /** Some of the files, to be written below a directory. */
  public FileBatch batch(Path directory, Collection<AssetPath> paths) {
    FileBatch batch = new FileBatch();
    for (AssetPath path : paths) {
      Path target = directory.resolve(path.value());
      switch (get(path.value())) {
        case Asset.Public file -> batch.add(target, Bytes.ofUtf8(file.text()), file.mode());
        case Asset.Secret file -> batch.addSecret(target, file.secretText());
      }
    }
    return batch;
  }

  @Override
  public String toString() {
    return "AssetTree" + assets.keySet();
  }
}
