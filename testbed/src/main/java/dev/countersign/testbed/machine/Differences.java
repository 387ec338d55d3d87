package dev.countersign.testbed.machine;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What is not as on a machine of the rendered operating system: a sentence each, each once. */
public final class Differences {
  private final Set<String> sentences = new LinkedHashSet<>();

  public void add(String sentence) {
    sentences.add(sentence);
  }

  /** In the order in which they came up. */
  public List<String> sentences() {
    return List.copyOf(sentences);
  }
}
