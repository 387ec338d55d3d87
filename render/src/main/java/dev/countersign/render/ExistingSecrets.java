package dev.countersign.render;

import dev.countersign.common.secret.SecretText;
import dev.countersign.render.pki.SuppliedAuthority;
import dev.countersign.render.spec.AuthorityName;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The keys, certificates and tokens of an earlier rendering, which a new one keeps.
 *
 * <p>Immutable. Shown without its content.
 */
public final class ExistingSecrets {
  private static final ExistingSecrets NONE = new ExistingSecrets(Map.of(), Map.of());

  private final Map<AssetPath, SecretText> files;

  private final Map<AuthorityName, SuppliedAuthority> supplied;

  private ExistingSecrets(
      Map<AssetPath, SecretText> files, Map<AuthorityName, SuppliedAuthority> supplied) {
    this.files = new TreeMap<>(files);
    this.supplied = Map.copyOf(supplied);
  }

  /** A first rendering. */
  public static ExistingSecrets none() {
    return NONE;
  }

  /** The files of an earlier rendering; those that hold no secret do no harm. */
  public static ExistingSecrets of(Map<AssetPath, SecretText> files) {
    return new ExistingSecrets(files, Map.of());
  }

  /** The same with the authorities that the spec says the operator brings. */
  public ExistingSecrets withSupplied(Map<AuthorityName, SuppliedAuthority> authorities) {
    return new ExistingSecrets(files, authorities);
  }

  /** An authority that the operator brings. */
  public Optional<SuppliedAuthority> supplied(AuthorityName name) {
    return Optional.ofNullable(supplied.get(name));
  }

  /** A file, where there is one. */
  public Optional<SecretText> find(AssetPath path) {
    return Optional.ofNullable(files.get(path));
  }

  @Override
  public String toString() {
    return "ExistingSecrets" + files.keySet();
  }
}
