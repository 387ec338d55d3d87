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
public record ListQuery(String path, String fieldSelector, String labelSelector, int pageSize) {
  /** Checks that there is a path and a size. */
  public ListQuery {
    Objects.requireNonNull(path);
    Objects.requireNonNull(fieldSelector);
    Objects.requireNonNull(labelSelector);
    if (pageSize < 1) {
      throw new IllegalArgumentException("pageSize: got " + pageSize + "; want 1 or more");
    }
  }

  /** All objects at a path, 500 at a time. */
  public static ListQuery all(String path) {
    return new ListQuery(path, "", "", 500);
  }

  /** The path and the selectors, to be completed to a target. */
  public ApiQuery selection() {
    return ApiQuery.of(path)
        .with("fieldSelector", fieldSelector)
        .with("labelSelector", labelSelector);
  }

  /** The same with a field selector. */
  public ListQuery withFieldSelector(String selector) {
    return new ListQuery(path, selector, labelSelector, pageSize);
  }

  /** The same with a label selector. */
  public ListQuery withLabelSelector(String selector) {
    return new ListQuery(path, fieldSelector, selector, pageSize);
  }
}
