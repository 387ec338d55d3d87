package dev.countersign.render.platform;

/** Google Compute Engine. */
final class GoogleCloud implements NodePlatform {
  @Override
  public boolean kubeconfigInUserData() {
    return true;
  }

  @Override
  public boolean deletesNode() {
    return true;
  }
}
