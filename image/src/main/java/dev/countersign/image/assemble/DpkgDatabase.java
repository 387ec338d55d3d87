package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * dpkg's records of what is installed, as dpkg itself would have written them: scanners find the
 * packages, and dpkg and apt work in images built on top.
 */
final class DpkgDatabase {
  private static final String OWNER = "dpkg status";
  private static final String DIRECTORY = "var/lib/dpkg/";
  private static final Set<String> NOT_IN_INFO = Set.of("control");

  private final RootFilesystem tree;

  DpkgDatabase(RootFilesystem tree) {
    this.tree = tree;
  }

  void write(List<Unpacker.Unpacked> packages) throws IOException {
    var status = new StringBuilder();
    for (Unpacker.Unpacked each : packages) {
      status.append(String.join("\n", Unpacker.status(each, conffiles(each)))).append("\n\n");
      String base = DIRECTORY + "info/" + each.locked().name();
      if (each.stanza().field("Multi-Arch").filter("same"::equals).isPresent()) {
        base += ":" + each.locked().architecture();
      }
      for (Map.Entry<String, byte[]> member : each.control().entrySet()) {
        if (!NOT_IN_INFO.contains(member.getKey())) {
          boolean script =
              Set.of("preinst", "postinst", "prerm", "postrm", "config").contains(member.getKey());
          put(base + "." + member.getKey(), script ? 0755 : 0644, member.getValue());
        }
      }
      put(base + ".list", 0644, text(list(each)));
    }
    put(DIRECTORY + "status", 0644, text(status.toString()));
    put(DIRECTORY + "info/format", 0644, text("1\n"));
    put(DIRECTORY + "available", 0644, new byte[0]);
    put(DIRECTORY + "diversions", 0644, new byte[0]);
    put(DIRECTORY + "statoverride", 0644, new byte[0]);
    for (String path : List.of("parts", "updates", "triggers")) {
      tree.addDirectory(DIRECTORY + path, new RootFilesystem.Node.Directory(0755, 0, 0), OWNER);
    }
  }

  private static String list(Unpacker.Unpacked each) {
    var lines = new ArrayList<String>();
    for (Unpacker.Entry entry : each.entries()) {
      String path = entry.name().replaceFirst("^(\\./|/)*", "").replaceFirst("/+$", "");
      lines.add(path.isEmpty() ? "/." : "/" + path);
    }
    return String.join("\n", lines) + "\n";
  }

  private Map<String, String> conffiles(Unpacker.Unpacked each) throws IOException {
    var digests = new TreeMap<String, String>();
    byte[] listed = each.control().getOrDefault("conffiles", new byte[0]);
    for (String line : new String(listed, StandardCharsets.UTF_8).lines().toList()) {
      String path = line.strip();
      if (path.startsWith("/")
          && tree.get(tree.place(path)).orElse(null) instanceof RootFilesystem.Node.Regular file) {
        digests.put(path, md5(file.inode().content()));
      }
    }
    return digests;
  }

  /** dpkg's format asks for MD5; it finds local edits and protects nothing. */
  private static String md5(RootFilesystem.Content content) throws IOException {
    try (InputStream in = content.open()) {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(in.readAllBytes());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("MD5 must be part of every Java runtime", missing);
    }
  }

  private void put(String path, int mode, byte[] content) {
    tree.set(
        path,
        new RootFilesystem.Node.Regular(
            mode, 0, 0, new RootFilesystem.Inode(RootFilesystem.Content.of(content))),
        OWNER);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
