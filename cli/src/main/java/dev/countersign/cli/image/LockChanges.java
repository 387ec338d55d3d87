package dev.countersign.cli.image;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.text.SafeText;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.ImageLock;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a new lock changes, so that its reviewer need not read digests. */
final class LockChanges {
  private LockChanges() {}

  /**
   * A line for each thing that the image would be made of otherwise; times of archives are none.
   */
  static SortedSet<String> between(ImageLock before, ImageLock after) {
    var lines = new TreeSet<String>();
    if (!before.spec().equals(after.spec())) {
      lines.add("spec: changed");
    }
    for (Architecture architecture : Architecture.values()) {
      var old = versions(before, architecture);
      var fresh = versions(after, architecture);
      var names = new TreeSet<>(old.keySet());
      names.addAll(fresh.keySet());
      for (String name : names) {
        String was = old.getOrDefault(name, "absent");
        String is = fresh.getOrDefault(name, "absent");
        if (!was.equals(is)) {
          lines.add(architecture + ": " + name + " " + was + " -> " + is);
        }
      }
    }
    return lines;
  }

  static void print(Console console, SortedSet<String> lines) {
    lines.forEach(line -> console.out().println(SafeText.line(line)));
  }

  private static SortedMap<String, String> versions(ImageLock lock, Architecture architecture) {
    var versions = new TreeMap<String, String>();
    ImageLock.Platform platform = lock.platforms().get(architecture);
    if (platform != null) {
      platform
          .packages()
          .forEach(each -> versions.put(each.name().word(), each.version().toString()));
      platform
          .upstream()
          .forEach(each -> versions.put(each.name(), each.sha512().hex().substring(0, 12)));
      platform
          .files()
          .forEach(each -> versions.put(each.to(), each.sha256().hex().substring(0, 12)));
    }
    return versions;
  }
}
