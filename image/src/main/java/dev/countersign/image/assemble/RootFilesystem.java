package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files of an image before they are written: metadata in memory, content where it lies. Not
 * thread-safe.
 *
 * <p>Paths are relative to the root, without {@code .}, {@code ..} or empty segments; they are kept
 * sorted, so a parent comes before its children. Directories that were merged into {@code /usr} are
 * redirected there, and a path below a symbolic link to a directory is put where the link leads, as
 * unpacking it into a running system would do.
 */
public final class RootFilesystem {
  private static final Set<String> MERGED =
      Set.of("bin", "sbin", "lib", "lib32", "lib64", "libo32", "libx32");
  private static final int MOST_LINKS = 16;

  /** Something at a path. Modes are of twelve bits; owners are numbers. */
  public sealed interface Node {
    int mode();

    int uid();

    int gid();

    record Directory(int mode, int uid, int gid) implements Node {}

    /** A regular file; two paths with the same {@link Inode} are hard links of each other. */
    record Regular(int mode, int uid, int gid, Inode inode) implements Node {}

    record Symlink(String target, int uid, int gid) implements Node {
      @Override
      public int mode() {
        return 0777;
      }
    }
  }

  /** The content of a file, compared by identity. */
  public static final class Inode {
    private final Content content;

    public Inode(Content content) {
      this.content = Objects.requireNonNull(content, "content");
    }

    public Content content() {
      return content;
    }
  }

  /** Bytes that can be read as often as needed. */
  public interface Content {
    /** In bytes. */
    long size();

    InputStream open() throws IOException;

    /** Bytes in memory: for what is generated, which is small. */
    static Content of(byte[] bytes) {
      return new Content() {
        @Override
        public long size() {
          return bytes.length;
        }

        @Override
        public InputStream open() {
          return new java.io.ByteArrayInputStream(bytes);
        }
      };
    }
  }

  private final NavigableMap<String, Node> nodes = new TreeMap<>();
  private final Map<String, String> owners = new TreeMap<>();

  /** All paths and what is there, sorted. */
  public NavigableMap<String, Node> nodes() {
    return java.util.Collections.unmodifiableNavigableMap(nodes);
  }

  /** Which package, or step, put something at the path. */
  public Optional<String> owner(String path) {
    return Optional.ofNullable(owners.get(path));
  }

  /**
   * Where a name from an archive or a spec ends up: normal, merged, links followed.
   *
   * @throws ImageException where it would leave the root
   */
  public String place(String name) {
    List<String> segments = segments(name);
    return segments.isEmpty() ? "" : follow(segments, MOST_LINKS, false);
  }

  /** The same, and the last segment is followed too where it is a link. */
  public String resolve(String name) {
    List<String> segments = segments(name);
    return segments.isEmpty() ? "" : follow(segments, MOST_LINKS, true);
  }

  private static List<String> segments(String name) {
    var segments = new ArrayList<String>();
    for (String segment : name.split("/", -1)) {
      if (segment.equals("..")) {
        throw new ImageException("path in an archive", name, "a path without ..");
      }
      if (segment.indexOf('\0') >= 0) {
        throw new ImageException("path in an archive", name, "a path without NUL");
      }
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments;
  }

  private String follow(List<String> segments, int linksLeft, boolean last) {
    if (linksLeft == 0) {
      throw new ImageException(String.join("/", segments), "a loop of links", "a path with an end");
    }
    String path = "";
    for (int i = 0; i < segments.size(); i++) {
      boolean isLast = i == segments.size() - 1;
      String segment = segments.get(i);
      if (i == 0 && !isLast && MERGED.contains(segment)) {
        path = "usr/" + segment;
      } else {
        path = path.isEmpty() ? segment : path + "/" + segment;
      }
      if ((!isLast || last) && nodes.get(path) instanceof Node.Symlink link) {
        var target = new ArrayList<>(linkTarget(path, link.target()));
        target.addAll(segments.subList(i + 1, segments.size()));
        return target.isEmpty() ? "" : follow(target, linksLeft - 1, last);
      }
    }
    return path;
  }

  /** Segments of where a link leads; {@code ..} stops at the root, as it does in a kernel. */
  private static List<String> linkTarget(String path, String target) {
    var segments = new ArrayList<String>();
    if (!target.startsWith("/")) {
      segments.addAll(List.of(path.split("/", -1)));
      segments.removeLast();
    }
    for (String segment : target.split("/", -1)) {
      if (segment.equals("..")) {
        if (!segments.isEmpty()) {
          segments.removeLast();
        }
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments;
  }

  public Optional<Node> get(String path) {
    return Optional.ofNullable(nodes.get(path));
  }

  /** Whether the path, links followed, is there. */
  public boolean exists(String path) {
    String resolved = resolve(path);
    return resolved.isEmpty() || nodes.containsKey(resolved);
  }

  /** The content of a regular file, links followed; nothing where there is none. */
  public Optional<byte[]> read(String path) throws IOException {
    if (nodes.get(resolve(path)) instanceof Node.Regular file) {
      try (InputStream in = file.inode().content().open()) {
        return Optional.of(in.readAllBytes());
      }
    }
    return Optional.empty();
  }

  /** The text of a regular file, links followed; nothing where there is none. */
  public Optional<String> readText(String path) throws IOException {
    return read(path).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * Puts a directory at a name, whether or not one is there already: the first one's owner and mode
   * stay, as with dpkg.
   */
  public void addDirectory(String name, Node.Directory directory, String owner) {
    String path = place(name);
    if (MERGED.contains(path)) {
      path = "usr/" + path;
    }
    if (path.isEmpty()) {
      return;
    }
    Node there = nodes.get(path);
    if (there instanceof Node.Symlink && isDirectory(resolve(path))) {
      return;
    }
    if (there != null && !(there instanceof Node.Directory)) {
      throw conflict(path, owner);
    }
    if (there == null) {
      addParents(path, owner);
      put(path, directory, owner);
    }
  }

  /**
   * Puts a file or link at a name.
   *
   * @param mayReplace owners whose file it may take the place of (Replaces)
   * @throws ImageException where another owner's file is there
   */
  public void add(String name, Node node, String owner, Set<String> mayReplace) {
    String path = place(name);
    if (path.isEmpty()) {
      throw new ImageException("path of " + owner, "the root", "a path below it");
    }
    Node there = nodes.get(path);
    if (there != null) {
      if (there.equals(node) && node instanceof Node.Symlink) {
        return;
      }
      String other = owners.getOrDefault(path, "");
      if (there instanceof Node.Directory || !(mayReplace.contains(other) || other.equals(owner))) {
        throw conflict(path, owner);
      }
    }
    addParents(path, owner);
    put(path, node, owner);
  }

  /** Puts something at a path whatever is there. */
  public void set(String name, Node node, String owner) {
    String path = place(name);
    addParents(path, owner);
    put(path, node, owner);
  }

  private boolean isDirectory(String path) {
    return path.isEmpty() || nodes.get(path) instanceof Node.Directory;
  }

  private void addParents(String path, String owner) {
    int slash = path.lastIndexOf('/');
    if (slash <= 0) {
      return;
    }
    String parent = path.substring(0, slash);
    Node there = nodes.get(parent);
    if (there == null) {
      addParents(parent, owner);
      put(parent, new Node.Directory(0755, 0, 0), owner);
    } else if (!(there instanceof Node.Directory)) {
      throw conflict(parent, owner);
    }
  }

  private void put(String path, Node node, String owner) {
    nodes.put(path, node);
    owners.put(path, owner);
  }

  private ImageException conflict(String path, String owner) {
    return new ImageException(
        "/" + path,
        "a file of " + owners.getOrDefault(path, "another") + " and one of " + owner,
        "one owner for each file");
  }
}
