package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that unpacked content is appended to, one file's bytes after another's, so that memory
 * does not grow with packages. One thread appends; any number may read.
 */
final class Spool implements AutoCloseable {
  private static final int BUFFER = 1 << 17;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private long end;

  Spool(Path file) throws IOException {
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Appends all of the stream. What was appended can be read at once. */
  RootFilesystem.Content append(InputStream in) throws IOException {
    long start = end;
    int count = in.read(buffer.array(), 0, BUFFER);
    while (count >= 0) {
      buffer.position(0).limit(count);
      while (buffer.hasRemaining()) {
        end += channel.write(buffer, end);
      }
      count = in.read(buffer.array(), 0, BUFFER);
    }
    return new Slice(channel, start, end - start);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private record Slice(FileChannel channel, long start, long size)
      implements RootFilesystem.Content {
    @Override
    public InputStream open() {
      return new SliceStream(channel, start, size);
    }
  }

  private static final class SliceStream extends InputStream {
    private final FileChannel channel;
    private long at;
    private long left;

    SliceStream(FileChannel channel, long start, long size) {
      this.channel = channel;
      this.at = start;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public long skip(long count) {
      long skipped = Math.max(0, Math.min(count, left));
      at += skipped;
      left -= skipped;
      return skipped;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int most = (int) Math.min(length, left);
      int count = channel.read(ByteBuffer.wrap(into, offset, most), at);
      if (count < 0) {
        throw new IOException("the spool file was cut off");
      }
      at += count;
      left -= count;
      return count;
    }
  }
}
