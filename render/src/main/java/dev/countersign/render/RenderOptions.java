package dev.countersign.render;

/**
 * What a rendering is asked to do beyond keeping what exists.
 *
 * @param renew re-issue leaf certificates that are due
 * @param rotateToken replace the bootstrap token
 * @param publicOnly leave out every file that holds a secret, and make none
 */
public record RenderOptions(boolean renew, boolean rotateToken, boolean publicOnly) {

  public RenderOptions {
    if (publicOnly && (renew || rotateToken)) {
      throw new IllegalArgumentException("publicOnly: must not be asked to renew or rotate");
    }
  }

  /** Keep everything that exists. */
  public static RenderOptions defaults() {
    return new RenderOptions(false, false, false);
  }
}
