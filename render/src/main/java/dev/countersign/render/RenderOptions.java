package dev.countersign.render;

import dev.countersign.render.node.Snippets;
import java.util.Objects;

/**
 * What a rendering is asked to do beyond keeping what exists.
 *
 * @param renew re-issue leaf certificates that are due
 * @param rotateToken replace the bootstrap token
 * @param publicOnly leave out every file that holds a secret, and make none
 * @param snippets of the spec
 */
public record RenderOptions(
    boolean renew, boolean rotateToken, boolean publicOnly, Snippets snippets) {

  public RenderOptions {
    Objects.requireNonNull(snippets, "snippets");
    if (publicOnly && (renew || rotateToken)) {
      throw new IllegalArgumentException("publicOnly: must not be asked to renew or rotate");
    }
  }

  /** Options for a spec without snippets. */
  public RenderOptions(boolean renew, boolean rotateToken, boolean publicOnly) {
    this(renew, rotateToken, publicOnly, Snippets.none());
  }

  /** Keep everything that exists. */
  public static RenderOptions defaults() {
    return new RenderOptions(false, false, false);
  }
}
