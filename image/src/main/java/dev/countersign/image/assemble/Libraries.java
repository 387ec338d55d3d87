package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The shared libraries of an image: proves that every program finds its own, as ld.so(8) would
 * look, and writes the loader's cache as ldconfig(8) would.
 */
final class Libraries {
  private static final String CACHE = "etc/ld.so.cache";
  private static final int MOST_INCLUDES = 8;

  private final RootFilesystem tree;
  private final Architecture architecture;
  private final Map<RootFilesystem.Inode, Optional<Elf>> known = new HashMap<>();

  Libraries(RootFilesystem tree, Architecture architecture) {
    this.tree = tree;
    this.architecture = architecture;
  }

  /**
   * Checks every ELF file: built for the architecture, its interpreter and libraries present.
   *
   * @return how many ELF files there are
   * @throws ImageException naming each file with a problem
   */
  int check() throws IOException {
    SortedSet<String> problems = new TreeSet<>();
    List<String> directories = directories();
    int count = 0;
    for (var each : tree.nodes().entrySet()) {
      if (!(each.getValue() instanceof RootFilesystem.Node.Regular file)) {
        continue;
      }
      Optional<Elf> elf = elf(file);
      if (elf.isEmpty()) {
        continue;
      }
      count++;
      if (elf.get().machine() != architecture.elfMachine()) {
        problems.add("/" + each.getKey() + " is of ELF machine " + elf.get().machine());
        continue;
      }
      elf.get()
          .interpreter()
          .filter(path -> !tree.exists(path))
          .ifPresent(path -> problems.add("/" + each.getKey() + " needs " + path));
      for (String name : elf.get().needed()) {
        if (!isFound(name, each.getKey(), elf.get(), directories)) {
          problems.add("/" + each.getKey() + " needs " + name);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new ImageException(
          "libraries for " + architecture,
          String.join(", ", problems),
          "only " + architecture + " ELF files, each with all its libraries in the image");
    }
    return count;
  }

  private boolean isFound(String name, String user, Elf elf, List<String> directories)
      throws IOException {
    if (name.contains("/")) {
      return tree.exists(name);
    }
    var places = new ArrayList<String>();
    int slash = user.lastIndexOf('/');
    String origin = "/" + (slash < 0 ? "" : user.substring(0, slash));
    for (String each : elf.searchPath()) {
      String place = each.replace("${ORIGIN}", origin).replace("$ORIGIN", origin);
      places.add(normal(place));
    }
    places.addAll(directories);
    // A plug-in is loaded by a program that has loaded the libraries beside it already.
    places.add(origin);
    places.add(normal(origin + "/.."));
    for (String place : places) {
      if (isUsable(place + "/" + name)) {
        return true;
      }
    }
    // A runtime's libraries are loaded after the one below them: Java's need lib/server/libjvm.so.
    for (String directory : subdirectories(origin.substring(1) + "/")) {
      if (elf.interpreter().isEmpty() && isUsable(directory + "/" + name)) {
        return true;
      }
    }
    // Plug-ins of a language runtime: the runtime's private directory, wherever it is.
    String multiarch = "usr/lib/" + architecture.multiarch() + "/";
    for (String directory : subdirectories(multiarch)) {
      if (elf.interpreter().isEmpty() && isUsable(directory + "/" + name)) {
        return true;
      }
    }
    return false;
  }

  private List<String> subdirectories(String prefix) {
    return tree
        .nodes()
        .subMap(prefix, prefix.substring(0, prefix.length() - 1) + "0")
        .entrySet()
        .stream()
        .filter(each -> each.getValue() instanceof RootFilesystem.Node.Directory)
        .map(Map.Entry::getKey)
        .toList();
  }

  private boolean isUsable(String path) throws IOException {
    if (tree.get(tree.resolve(path)).orElse(null) instanceof RootFilesystem.Node.Regular file) {
      return elf(file).filter(elf -> elf.machine() == architecture.elfMachine()).isPresent();
    }
    return false;
  }

  private Optional<Elf> elf(RootFilesystem.Node.Regular file) throws IOException {
    Optional<Elf> elf = known.get(file.inode());
    if (elf == null) {
      elf = Elf.read(file.inode().content());
      known.put(file.inode(), elf);
    }
    return elf;
  }

  /** A path with {@code ..} taken out; RootFilesystem takes none from archives. */
  private static String normal(String path) {
    var segments = new ArrayList<String>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        if (!segments.isEmpty()) {
          segments.removeLast();
        }
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return "/" + String.join("/", segments);
  }

  /** Where the loader looks: what /etc/ld.so.conf lists, then the directories built into it. */
  private List<String> directories() throws IOException {
    var directories = new LinkedHashSet<String>();
    configured("etc/ld.so.conf", directories, MOST_INCLUDES);
    directories.add("/usr/lib/" + architecture.multiarch());
    directories.add("/usr/lib");
    directories.add("/usr/lib64");
    return List.copyOf(directories);
  }

  private void configured(String file, Set<String> directories, int includesLeft)
      throws IOException {
    if (includesLeft == 0) {
      return;
    }
    for (String line : tree.readText(file).orElse("").lines().toList()) {
      String rule = line.replaceFirst("#.*", "").strip();
      if (rule.startsWith("include ")) {
        String pattern = rule.substring("include ".length()).strip();
        int star = pattern.indexOf('*');
        if (star < 0) {
          configured(pattern, directories, includesLeft - 1);
          continue;
        }
        String before = tree.resolve(pattern.substring(0, pattern.lastIndexOf('/'))) + "/";
        String after = pattern.substring(star + 1);
        for (String path : List.copyOf(tree.nodes().tailMap(before, true).keySet())) {
          if (!path.startsWith(before)) {
            break;
          }
          if (path.endsWith(after) && path.indexOf('/', before.length()) < 0) {
            configured(path, directories, includesLeft - 1);
          }
        }
      } else if (rule.startsWith("/")) {
        directories.add(tree.exists(rule) ? "/" + tree.resolve(rule) : rule);
      }
    }
  }

  private record CacheEntry(String key, String value) {}

  /**
   * Puts {@code /etc/ld.so.cache} in glibc's format (dl-cache.h, "glibc-ld.so.cache1.1"): header,
   * entries in descending order of their names as the loader compares them, strings.
   */
  void writeCache() throws IOException {
    var found = new TreeMap<String, CacheEntry>(LOADER_ORDER.reversed());
    for (String directory : directories()) {
      String prefix = tree.resolve(directory) + "/";
      for (String path : List.copyOf(tree.nodes().tailMap(prefix, false).keySet())) {
        if (!path.startsWith(prefix)) {
          break;
        }
        String name = path.substring(prefix.length());
        if (name.contains("/")
            || !name.contains(".so")
            || !(name.startsWith("lib") || name.startsWith("ld-"))) {
          continue;
        }
        if (!(tree.get(tree.resolve(path)).orElse(null)
            instanceof RootFilesystem.Node.Regular file)) {
          continue;
        }
        Optional<Elf> elf = elf(file);
        if (elf.isPresent()
            && elf.get().dynamic()
            && elf.get().machine() == architecture.elfMachine()
            && elf.get().soname().orElse(name).equals(name)) {
          found.putIfAbsent(name, new CacheEntry(name, "/" + aliased(path)));
        }
      }
    }
    byte[] bytes = cache(List.copyOf(found.values()));
    tree.set(
        CACHE,
        new RootFilesystem.Node.Regular(
            0644, 0, 0, new RootFilesystem.Inode(RootFilesystem.Content.of(bytes))),
        "ld.so.cache");
  }

  /**
   * ldconfig names the directory as its configuration does: /lib/…, which is a link to /usr/lib/….
   */
  private static String aliased(String path) {
    return path.startsWith("usr/lib/") ? path.substring("usr/".length()) : path;
  }

  private byte[] cache(List<CacheEntry> entries) {
    int headerSize = 48;
    int entrySize = 24;
    var strings = new java.io.ByteArrayOutputStream();
    int stringsAt = headerSize + entrySize * entries.size();
    var offsets = new ArrayList<int[]>();
    for (CacheEntry each : entries) {
      int key = stringsAt + strings.size();
      strings.writeBytes((each.key() + "\0").getBytes(StandardCharsets.UTF_8));
      int value = stringsAt + strings.size();
      strings.writeBytes((each.value() + "\0").getBytes(StandardCharsets.UTF_8));
      offsets.add(new int[] {key, value});
    }
    ByteBuffer cache =
        ByteBuffer.allocate(stringsAt + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
    cache.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII));
    cache.putInt(entries.size());
    cache.putInt(strings.size());
    cache.put((byte) 2); // little-endian
    cache.position(headerSize);
    for (int[] offset : offsets) {
      cache.putInt(architecture.loaderCacheFlags());
      cache.putInt(offset[0]);
      cache.putInt(offset[1]);
      cache.putInt(0);
      cache.putLong(0);
    }
    cache.put(strings.toByteArray());
    return cache.array();
  }

  /** _dl_cache_libcmp: digits by value, and digits after everything else. */
  private static final Comparator<String> LOADER_ORDER =
      (left, right) -> {
        int i = 0;
        int j = 0;
        while (i < left.length()) {
          char a = left.charAt(i);
          char b = j < right.length() ? right.charAt(j) : '\0';
          if (isDigit(a)) {
            if (!isDigit(b)) {
              return 1;
            }
            long x = 0;
            long y = 0;
            while (i < left.length() && isDigit(left.charAt(i))) {
              x = x * 10 + (left.charAt(i++) - '0');
            }
            while (j < right.length() && isDigit(right.charAt(j))) {
              y = y * 10 + (right.charAt(j++) - '0');
            }
            if (x != y) {
              return Long.compare(x, y);
            }
          } else if (isDigit(b)) {
            return -1;
          } else if (a != b) {
            return Character.compare(a, b);
          } else {
            i++;
            j++;
          }
        }
        return j < right.length() ? -1 : 0;
      };

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
