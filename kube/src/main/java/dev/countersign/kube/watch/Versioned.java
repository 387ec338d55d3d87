package dev.countersign.kube.watch;

/** An object that knows the version of its latest change. */
public interface Versioned {
  /** {@code metadata.resourceVersion}. */
  String resourceVersion();
}
