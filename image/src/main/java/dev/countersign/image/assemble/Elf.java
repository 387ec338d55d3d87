package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the dynamic loader reads of an ELF file (System V ABI, 64-bit little-endian): its machine,
 * its interpreter, the libraries it needs and where it looks for them.
 */
public record Elf(
    int machine,
    boolean dynamic,
    Optional<String> interpreter,
    Optional<String> soname,
    List<String> needed,
    List<String> searchPath) {
  private static final int MAGIC = 0x464c457f;
  private static final int LOAD = 1;
  private static final int DYNAMIC = 2;
  private static final int INTERPRETER = 3;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_SONAME = 14;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;
  private static final int LARGEST = 1 << 30;

  public Elf {
    needed = List.copyOf(needed);
    searchPath = List.copyOf(searchPath);
  }

  /** Reads a file's content; nothing where it is not ELF for programs or shared libraries. */
  static Optional<Elf> read(RootFilesystem.Content content) throws IOException {
    if (content.size() < 64 || content.size() > LARGEST) {
      return Optional.empty();
    }
    try (InputStream in = content.open()) {
      byte[] start = in.readNBytes(64);
      ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
      if (header.getInt(0) != MAGIC || start[5] != 1) {
        return Optional.empty();
      }
      int type = header.getShort(16);
      int machine = header.getShort(18) & 0xffff;
      if (start[4] != 2 || (type != 2 && type != 3)) {
        // 32-bit firmware, relocatable objects: nothing a loader of ours would load.
        return Optional.of(
            new Elf(machine, false, Optional.empty(), Optional.empty(), List.of(), List.of()));
      }
      return Optional.of(new Reader(content, start, in, machine).read());
    } catch (BufferUnderflowException | IndexOutOfBoundsException cutOff) {
      return Optional.empty();
    }
  }

  /** Keeps the first bytes; what lies beyond them is read where it is. */
  private static final class Reader {
    private final RootFilesystem.Content content;
    private final ByteBuffer header;
    private final int machine;
    private final byte[] first;

    Reader(RootFilesystem.Content content, byte[] start, InputStream rest, int machine)
        throws IOException {
      this.content = content;
      this.header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
      this.machine = machine;
      byte[] more = rest.readNBytes((1 << 16) - start.length);
      this.first = new byte[start.length + more.length];
      System.arraycopy(start, 0, first, 0, start.length);
      System.arraycopy(more, 0, first, start.length, more.length);
    }

    Elf read() throws IOException {
      long tableAt = header.getLong(32);
      int entrySize = header.getShort(54) & 0xffff;
      int entries = header.getShort(56) & 0xffff;
      ByteBuffer table = bytes(tableAt, (long) entrySize * entries);
      Optional<String> interpreter = Optional.empty();
      long dynamicAt = -1;
      long dynamicSize = 0;
      var loads = new ArrayList<long[]>();
      for (int i = 0; i < entries; i++) {
        int at = i * entrySize;
        int type = table.getInt(at);
        long offset = table.getLong(at + 8);
        long address = table.getLong(at + 16);
        long size = table.getLong(at + 32);
        if (type == INTERPRETER) {
          interpreter = Optional.of(string(bytes(offset, size), 0));
        } else if (type == DYNAMIC) {
          dynamicAt = offset;
          dynamicSize = size;
        } else if (type == LOAD) {
          loads.add(new long[] {offset, address, size});
        }
      }
      if (dynamicAt < 0) {
        return new Elf(machine, false, interpreter, Optional.empty(), List.of(), List.of());
      }
      return dynamic(bytes(dynamicAt, dynamicSize), loads, interpreter);
    }

    private Elf dynamic(ByteBuffer dynamic, List<long[]> loads, Optional<String> interpreter)
        throws IOException {
      var neededAt = new ArrayList<Long>();
      long stringsAddress = -1;
      long stringsSize = 0;
      long sonameAt = -1;
      long rpathAt = -1;
      long runpathAt = -1;
      while (dynamic.remaining() >= 16) {
        long tag = dynamic.getLong();
        long value = dynamic.getLong();
        if (tag == 0) {
          break;
        } else if (tag == DT_NEEDED) {
          neededAt.add(value);
        } else if (tag == DT_STRTAB) {
          stringsAddress = value;
        } else if (tag == 10) {
          stringsSize = value;
        } else if (tag == DT_SONAME) {
          sonameAt = value;
        } else if (tag == DT_RPATH) {
          rpathAt = value;
        } else if (tag == DT_RUNPATH) {
          runpathAt = value;
        }
      }
      long stringsAt = -1;
      for (long[] load : loads) {
        if (stringsAddress >= load[1] && stringsAddress < load[1] + load[2]) {
          stringsAt = stringsAddress - load[1] + load[0];
        }
      }
      if (stringsAt < 0) {
        return new Elf(machine, true, interpreter, Optional.empty(), List.of(), List.of());
      }
      ByteBuffer strings = bytes(stringsAt, stringsSize);
      var needed = new ArrayList<String>();
      for (long at : neededAt) {
        needed.add(string(strings, at));
      }
      long pathAt = runpathAt >= 0 ? runpathAt : rpathAt;
      List<String> path = pathAt < 0 ? List.of() : List.of(string(strings, pathAt).split(":", -1));
      return new Elf(
          machine,
          true,
          interpreter,
          sonameAt < 0 ? Optional.empty() : Optional.of(string(strings, sonameAt)),
          needed,
          path.stream().filter(each -> !each.isEmpty()).toList());
    }

    private ByteBuffer bytes(long at, long size) throws IOException {
      if (at < 0 || size < 0 || at + size > content.size() || size > (64 << 20)) {
        throw new IndexOutOfBoundsException("got a table outside the file");
      }
      if (at + size <= first.length) {
        return ByteBuffer.wrap(first, (int) at, (int) size).slice().order(ByteOrder.LITTLE_ENDIAN);
      }
      try (InputStream in = content.open()) {
        in.skipNBytes(at);
        return ByteBuffer.wrap(in.readNBytes((int) size)).order(ByteOrder.LITTLE_ENDIAN);
      }
    }

    private static String string(ByteBuffer from, long at) {
      int start = Math.toIntExact(at);
      int end = start;
      while (from.get(end) != 0) {
        end++;
      }
      byte[] bytes = new byte[end - start];
      from.get(start, bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
