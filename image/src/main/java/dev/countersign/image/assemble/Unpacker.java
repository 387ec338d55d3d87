package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import dev.countersign.image.debian.DebFile;
import dev.countersign.image.debian.Relation;
import dev.countersign.image.debian.Stanza;
import dev.countersign.image.plan.ImageLock.LockedPackage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** Unpacks packages into spools and puts what was in them into a tree, as dpkg --unpack would. */
final class Unpacker {
  private Unpacker() {}

  /** What a package brings: its control members, its stanza, its entries in archive order. */
  record Unpacked(
      LockedPackage locked,
      SortedMap<String, byte[]> control,
      Stanza stanza,
      List<Entry> entries,
      List<Relation> replaces) {
    boolean replaces(LockedPackage other) {
      return replaces.stream()
          .anyMatch(
              each ->
                  each.name().equals(other.name())
                      && each.versions()
                          .map(range -> range.contains(other.version()))
                          .orElse(true));
    }
  }

  /** An entry of data.tar; a hard link names the entry it is a link of. */
  record Entry(
      String name,
      Kind kind,
      int mode,
      int uid,
      int gid,
      String target,
      RootFilesystem.Content content) {}

  enum Kind {
    DIRECTORY,
    FILE,
    HARD_LINK,
    SYMLINK
  }

  private static final RootFilesystem.Content NOTHING = RootFilesystem.Content.of(new byte[0]);

  /** Reads a verified package; the content of its files goes to the spool. */
  static Unpacked unpack(LockedPackage locked, Path file, Spool spool, PathFilter filter)
      throws IOException {
    var entries = new ArrayList<Entry>();
    SortedMap<String, byte[]> control =
        DebFile.read(
            file,
            (entry, content) -> {
              Kind kind = kind(locked, entry);
              boolean kept = kind == Kind.FILE && filter.keeps(entry.getName());
              entries.add(
                  new Entry(
                      entry.getName(),
                      kind,
                      entry.getMode() & 07777,
                      (int) entry.getLongUserId(),
                      (int) entry.getLongGroupId(),
                      entry.getLinkName(),
                      kept ? spool.append(content) : NOTHING));
            });
    Stanza stanza =
        Stanza.single(
            new String(
                control.getOrDefault("control", new byte[0]),
                java.nio.charset.StandardCharsets.UTF_8));
    check(locked, stanza);
    return new Unpacked(
        locked,
        control,
        stanza,
        List.copyOf(entries),
        Relation.parseList(stanza.field("Replaces").orElse("")));
  }

  /** A package must be what its index entry said: the digest proves it, this explains it. */
  private static void check(LockedPackage locked, Stanza stanza) {
    String got =
        stanza.required("Package")
            + " "
            + stanza.required("Version")
            + " "
            + stanza.required("Architecture");
    String want = locked.name() + " " + locked.version() + " " + locked.architecture();
    if (!got.equals(want)) {
      throw new ImageException(locked.path(), got, want, "lock again");
    }
  }

  private static Kind kind(LockedPackage locked, TarArchiveEntry entry) throws IOException {
    if (entry.isLink()) {
      return Kind.HARD_LINK;
    } else if (entry.isSymbolicLink()) {
      return Kind.SYMLINK;
    } else if (entry.isDirectory()) {
      return Kind.DIRECTORY;
    } else if (entry.isFile()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO()) {
      return Kind.FILE;
    }
    throw new ImageException(
        locked.name() + ": " + entry.getName(), "a device or fifo", "files, directories and links");
  }

  /** Puts packages into the tree; the order of the list is the order of unpacking. */
  static void place(RootFilesystem tree, List<Unpacked> packages, PathFilter filter) {
    for (Unpacked each : packages) {
      String owner = each.locked().name().word();
      Set<String> replaceable =
          packages.stream()
              .filter(other -> each.replaces(other.locked()))
              .map(other -> other.locked().name().word())
              .collect(Collectors.toUnmodifiableSet());
      for (Entry entry : each.entries()) {
        if (entry.kind() == Kind.DIRECTORY) {
          if (filter.keeps(entry.name())) {
            tree.addDirectory(
                entry.name(),
                new RootFilesystem.Node.Directory(entry.mode(), entry.uid(), entry.gid()),
                owner);
          }
        } else if (filter.keeps(entry.name()) && !yields(tree, entry, each, packages)) {
          tree.add(entry.name(), node(tree, entry, owner), owner, replaceable);
        }
      }
    }
  }

  /** Whether the file that is there belongs to a package that replaces this one. */
  private static boolean yields(
      RootFilesystem tree, Entry entry, Unpacked mine, List<Unpacked> packages) {
    String there = tree.owner(tree.place(entry.name())).orElse("");
    return !there.isEmpty()
        && packages.stream()
            .anyMatch(
                other ->
                    other.locked().name().word().equals(there) && other.replaces(mine.locked()));
  }

  private static RootFilesystem.Node node(RootFilesystem tree, Entry entry, String owner) {
    return switch (entry.kind()) {
      case FILE ->
          new RootFilesystem.Node.Regular(
              entry.mode(), entry.uid(), entry.gid(), new RootFilesystem.Inode(entry.content()));
      case SYMLINK -> new RootFilesystem.Node.Symlink(entry.target(), entry.uid(), entry.gid());
      case HARD_LINK -> {
        if (tree.get(tree.place(entry.target())).orElse(null)
            instanceof RootFilesystem.Node.Regular file) {
          yield file;
        }
        throw new ImageException(
            owner + ": " + entry.name(), "a hard link to " + entry.target(), "a file before it");
      }
      case DIRECTORY -> throw new IllegalArgumentException("directories are added as directories");
    };
  }

  /** Fields of the stanza with what dpkg adds to them when a package is installed. */
  static List<String> status(Unpacked each, Map<String, String> conffiles) {
    var lines = new ArrayList<String>();
    for (String line : each.stanza().lines()) {
      lines.add(line);
      if (line.startsWith("Package:")) {
        lines.add("Status: install ok installed");
      }
    }
    if (!conffiles.isEmpty()) {
      lines.add("Conffiles:");
      conffiles.forEach((path, digest) -> lines.add(" " + path + " " + digest));
    }
    return lines;
  }
}
