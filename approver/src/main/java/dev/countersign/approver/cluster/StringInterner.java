package dev.countersign.approver.cluster;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One copy of texts that thousands of Nodes have in common, such as label keys and zones. Bounded;
 * texts seen long ago are forgotten, which costs a copy and nothing else. Thread-safe.
 */
final class StringInterner {
  private static final int LIMIT = 1024;
  private static final int LONGEST = 80;

  private final Map<String, String> texts =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > LIMIT;
        }
      };

  String text(String text) {
    if (text.length() > LONGEST) {
      return text;
    }
    synchronized (texts) {
      String known = texts.putIfAbsent(text, text);
      return known == null ? text : known;
    }
  }
}
