package dev.countersign.render;

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

  @Override
  public String toString() {
    return "AssetTree" + assets.keySet();
  }
}
