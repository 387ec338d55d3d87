package dev.countersign.kube;

import java.util.Objects;

/**
 * Which objects of a collection.
 *
 * @param path the encoded path of the collection, from {@link ApiQuery#path}
 * @param fieldSelector for example {@code spec.signerName=kubernetes.io/kubelet-serving}; empty for
 *     all
 * @param labelSelector empty for all
 * @param pageSize objects in one answer at most
 */
public record ListOptions(String path, String fieldSelector, String labelSelector, int pageSize) {
  /** Checks that there is a path and a size. */
  public ListOptions {
    Objects.requireNonNull(path);
    Objects.requireNonNull(fieldSelector);
    Objects.requireNonNull(labelSelector);
    if (pageSize < 1) {
      throw new IllegalArgumentException("pageSize: got " + pageSize + "; want 1 or more");
    }
  }

  /** All objects at a path, 500 at a time. */
  public static ListOptions all(String path) {
    return new ListOptions(path, "", "", 500);
  }

  /** The path and the selectors, to be completed to a target. */
  public ApiQuery selection() {
    return ApiQuery.of(path)
        .with("fieldSelector", fieldSelector)
        .with("labelSelector", labelSelector);
  }

  /** The same with a field selector. */
  public ListOptions withFieldSelector(String selector) {
    return new ListOptions(path, selector, labelSelector, pageSize);
  }

  /** The same with a label selector. */
  public ListOptions withLabelSelector(String selector) {
    return new ListOptions(path, fieldSelector, selector, pageSize);
  }
}
