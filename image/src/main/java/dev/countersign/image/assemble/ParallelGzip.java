package dev.countersign.image.assemble;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.CRC32;

/**
 * Writes one gzip member (RFC 1952) whose pieces are compressed side by side. Pieces have a fixed
 * size and each has the end of the one before as its dictionary, so the output depends on the input
 * alone, not on the number of processors. No time, no name, "unknown" system in the header.
 */
final class ParallelGzip extends OutputStream {
  private static final int PIECE = 1 << 20;
  private static final int MOST_WAITING = 6;

  private final OutputStream out;
  private final ExecutorService workers;
  private final ConcurrentLinkedQueue<Deflate> idle = new ConcurrentLinkedQueue<>();
  private final Deque<Future<byte[]>> waiting = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private byte[] piece = new byte[Deflate.WINDOW + PIECE];
  private int dictionary;
  private int filled;
  private long total;
  private boolean closed;

  /** Does not close the workers; closes the stream. */
  ParallelGzip(OutputStream out, ExecutorService workers) throws IOException {
    this.out = out;
    this.workers = workers;
    out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff});
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (filled == PIECE) {
        submit(false);
      }
      int count = Math.min(left, PIECE - filled);
      System.arraycopy(bytes, at, piece, dictionary + filled, count);
      filled += count;
      at += count;
      left -= count;
    }
  }

  private void submit(boolean last) throws IOException {
    byte[] input = piece;
    int start = dictionary;
    int end = dictionary + filled;
    crc.update(input, start, filled);
    total += filled;
    waiting.addLast(
        workers.submit(
            () -> {
              Deflate deflate = idle.poll();
              if (deflate == null) {
                deflate = new Deflate();
              }
              byte[] compressed = deflate.compress(input, start, end, last);
              idle.add(deflate);
              return compressed;
            }));
    if (!last) {
      piece = new byte[Deflate.WINDOW + PIECE];
      dictionary = Math.min(Deflate.WINDOW, end);
      System.arraycopy(input, end - dictionary, piece, 0, dictionary);
      filled = 0;
    }
    while (waiting.size() > (last ? 0 : MOST_WAITING)) {
      drain();
    }
  }

  private void drain() throws IOException {
    try {
      out.write(waiting.removeFirst().get());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while compressing", interrupted);
    } catch (ExecutionException failure) {
      throw new IOException("compressing", failure);
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (out) {
      submit(true);
      byte[] trailer = new byte[8];
      little(trailer, 0, crc.getValue());
      little(trailer, 4, total);
      out.write(trailer);
    }
  }

  private static void little(byte[] into, int at, long value) {
    for (int i = 0; i < 4; i++) {
      into[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
