package dev.countersign.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A standard stream in UTF-8, flushed at each line, that remembers why it could not be written: a
 * {@link PrintWriter} only knows that it could not.
 */
final class StandardWriter extends PrintWriter {
  private final Remembering stream;
  private final BooleanSupplier pipe;

  private StandardWriter(Remembering stream, BooleanSupplier pipe) {
    super(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    this.stream = stream;
    this.pipe = pipe;
  }

  /** One of this process's own, by its number. */
  static StandardWriter of(FileDescriptor descriptor, int number) {
    return new StandardWriter(
        new Remembering(new FileOutputStream(descriptor)), () -> isPipe(number));
  }

  /** Another stream. */
  static StandardWriter of(OutputStream stream) {
    return new StandardWriter(new Remembering(stream), () -> false);
  }

  // Linux tells; the words of an error depend on the locale.
  private static boolean isPipe(int number) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number))
          .toString()
          .startsWith("pipe:");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Whether there was an error since this was last asked: a full disk may be fixed. */
  @Override
  public boolean checkError() {
    boolean error = super.checkError();
    clearError();
    return error;
  }

  /** Why it was first not written since this was last asked. */
  Optional<Failure> takeFailure() {
    flush();
    return Optional.ofNullable(stream.failure.getAndSet(null))
        .map(e -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
        .map(words -> new Failure(words, words.equals("Broken pipe") || pipe.getAsBoolean()));
  }

  /**
   * Why a stream was not written.
   *
   * @param words the system's
   * @param closedPipe whether its reader is gone: writing to a pipe fails in no other way
   */
  record Failure(String words, boolean closedPipe) {}

  private static final class Remembering extends FilterOutputStream {
    private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

    Remembering(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      try {
        out.write(octets, from, count);
      } catch (IOException e) {
        failure.compareAndSet(null, e);
        throw e;
      }
    }
  }
}
