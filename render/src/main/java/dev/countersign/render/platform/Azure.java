package dev.countersign.render.platform;

/** Microsoft Azure. */
final class Azure implements NodePlatform {
  @Override
  public boolean kubeconfigInUserData() {
    return true;
  }

  @Override
  public boolean deletesNode() {
    return true;
  }
}
