package dev.countersign.testbed.machine;

import java.util.Arrays;

/** The machines of {@code demo --real-node}, in their order; each has namespaces of its own. */
public enum DemoPart {
  /** A controller: its rendered control plane in static pods. */
  CONTROLLER("controller"),
  /** A worker, with the approver as a pod on it. */
  WORKER("worker");

  private final String word;

  DemoPart(String word) {
    this.word = word;
  }

  /** Its name in paths and in the environment. */
  public String word() {
    return word;
  }

  public static DemoPart of(String word) {
    return Arrays.stream(values())
        .filter(each -> each.word.equals(word))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("part: got " + word + "; want controller, worker"));
  }
}
