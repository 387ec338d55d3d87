package dev.countersign.image.assemble;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a tar archive of which every byte is decided by what is in it (POSIX.1-2001 pax format):
 * numeric owners, one time for all, no names of machines, users or processes. A field that does not
 * fit into the old header goes into a pax header, and only then.
 *
 * <p>Written here and not taken from a library so that an update of a library can never change the
 * digest of an image.
 */
final class TarWriter implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final long LARGEST_OCTAL = 077777777777L;

  private final OutputStream out;
  private final long time;

  /**
   * A writer that does not close the stream.
   *
   * @param time of every entry, in seconds since 1970
   */
  TarWriter(OutputStream out, long time) {
    this.out = out;
    this.time = time;
  }

  void directory(String path, int mode, int uid, int gid) throws IOException {
    header(path + "/", '5', mode, uid, gid, 0, Optional.empty());
  }

  void symlink(String path, String target, int uid, int gid) throws IOException {
    header(path, '2', 0777, uid, gid, 0, Optional.of(target));
  }

  void hardLink(String path, String target, int mode, int uid, int gid) throws IOException {
    header(path, '1', mode, uid, gid, 0, Optional.of(target));
  }

  void file(String path, int mode, int uid, int gid, RootFilesystem.Content content)
      throws IOException {
    header(path, '0', mode, uid, gid, content.size(), Optional.empty());
    long written;
    try (InputStream in = content.open()) {
      written = in.transferTo(out);
    }
    if (written != content.size()) {
      throw new IOException(path + ": got " + written + " bytes; want " + content.size());
    }
    pad(written);
  }

  /** Writes the end of the archive. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
  }

  private void header(
      String path, char type, int mode, int uid, int gid, long size, Optional<String> link)
      throws IOException {
    SortedMap<String, String> pax = new TreeMap<>();
    if (!fits(path)) {
      pax.put("path", path);
    }
    link.filter(target -> !fits(target)).ifPresent(target -> pax.put("linkpath", target));
    if (size > LARGEST_OCTAL) {
      pax.put("size", Long.toString(size));
    }
    if (!pax.isEmpty()) {
      var records = new ByteArrayOutputStream();
      pax.forEach((key, value) -> records.writeBytes(record(key, value)));
      block("pax-header", 'x', 0644, 0, 0, records.size(), "");
      out.write(records.toByteArray());
      pad(records.size());
    }
    block(path, type, mode, uid, gid, size > LARGEST_OCTAL ? 0 : size, link.orElse(""));
  }

  private void block(String path, char type, int mode, int uid, int gid, long size, String link)
      throws IOException {
    byte[] block = new byte[BLOCK];
    text(block, 0, NAME, path);
    octal(block, 100, 8, mode);
    octal(block, 108, 8, uid);
    octal(block, 116, 8, gid);
    octal(block, 124, 12, size);
    octal(block, 136, 12, time);
    Arrays.fill(block, 148, 156, (byte) ' ');
    block[156] = (byte) type;
    text(block, 157, NAME, link);
    text(block, 257, 6, "ustar");
    block[263] = '0';
    block[264] = '0';
    octal(block, 329, 8, 0);
    octal(block, 337, 8, 0);
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    octal(block, 148, 7, sum);
    block[155] = ' ';
    out.write(block);
  }

  /** A pax record: its own length in decimal, a space, key=value and a newline. */
  private static byte[] record(String key, String value) {
    int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
    int length = rest + Integer.toString(rest).length();
    if (Integer.toString(length).length() + rest != length) {
      length = rest + Integer.toString(length).length();
    }
    return (length + " " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static boolean fits(String text) {
    return text.length() <= NAME && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private static void text(byte[] block, int at, int most, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, most));
  }

  private static void octal(byte[] block, int at, int width, long value) {
    String digits = Long.toOctalString(value);
    int zeros = width - 1 - digits.length();
    if (zeros < 0) {
      throw new IllegalArgumentException("got " + value + "; want a value of " + width + " digits");
    }
    Arrays.fill(block, at, at + zeros, (byte) '0');
    for (int i = 0; i < digits.length(); i++) {
      block[at + zeros + i] = (byte) digits.charAt(i);
    }
  }

  private void pad(long size) throws IOException {
    int rest = (int) (size % BLOCK);
    if (rest != 0) {
      out.write(new byte[BLOCK - rest]);
    }
  }
}
