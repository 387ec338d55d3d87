package dev.countersign.approver.rehearsal;

import dev.countersign.kube.http.BearerToken;
import dev.countersign.kube.http.Dialer;
import dev.countersign.kube.http.ServerEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLSocketFactory;

/**
 * A {@link PretendedApi} within the process: whoever asks does its work. There are no threads, and
 * nothing of it is on a network.
 */
public final class PretendedServer implements ServerEndpoint {
  private static final byte[] END = new byte[0];

  private final PretendedApi api;

  /** The server of that API. */
  public PretendedServer(PretendedApi api) {
    this.api = api;
  }

  @Override
  public Dialer dialer(Duration timeout) {
    return () -> {
      Socket socket = new Connection(api);
      return new Dialer.Dialed(socket, socket, Optional.empty());
    };
  }

  @Override
  public String host() {
    return "pretended";
  }

  @Override
  public int port() {
    return 443;
  }

  @Override
  public String basePath() {
    return "";
  }

  @Override
  public String certificateName() {
    return host();
  }

  @Override
  public SSLSocketFactory socketFactory() throws IOException {
    throw new IOException("a pretended server has no TLS");
  }

  @Override
  public Optional<BearerToken> token() {
    return Optional.empty();
  }

  @Override
  public void identityRefused() {
    // It never refuses.
  }

  @Override
  public Optional<String> identityProblem() {
    return Optional.empty();
  }

  @Override
  public String toString() {
    return "pretended server";
  }

  /** A connection; a request is answered when it is flushed. */
  private static final class Connection extends Socket {
    private final PretendedApi api;
    private final BlockingQueue<byte[]> incoming = new LinkedBlockingQueue<>();
    private final InputStream in = new Incoming();
    private final OutputStream out = new Outgoing();

    Connection(PretendedApi api) {
      this.api = api;
    }

    @Override
    public InputStream getInputStream() {
      return in;
    }

    @Override
    public OutputStream getOutputStream() {
      return out;
    }

    @Override
    public void close() throws IOException {
      incoming.add(END);
      super.close();
    }

    private void answer(byte[] request) {
      // In the head each byte is a character.
      String text = new String(request, StandardCharsets.ISO_8859_1);
      int body = text.indexOf("\r\n\r\n") + 4;
      int space = text.indexOf(' ');
      String method = text.substring(0, space);
      String target = text.substring(space + 1, text.indexOf(' ', space + 1));
      if (PretendedApi.isWatch(target)) {
        head(PretendedApi.watchType(target), "Transfer-Encoding: chunked");
        api.watch(target, this::chunk);
      } else {
        PretendedApi.Answer answer =
            api.answer(method, target, Arrays.copyOfRange(request, body, request.length));
        head(answer.type(), "Content-Length: " + answer.body().size());
        if (answer.body().size() > 0) {
          incoming.add(answer.body().toByteArray());
        }
      }
    }

    private void head(String type, String length) {
      String head = "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\n" + length + "\r\n\r\n";
      incoming.add(head.getBytes(StandardCharsets.US_ASCII));
    }

    private void chunk(byte[] event) {
      ByteArrayOutputStream chunk = new ByteArrayOutputStream(event.length + 16);
      chunk.writeBytes(
          (Integer.toHexString(event.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      chunk.writeBytes(event);
      chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
      incoming.add(chunk.toByteArray());
    }

    private final class Outgoing extends OutputStream {
      private final ByteArrayOutputStream request = new ByteArrayOutputStream();

      @Override
      public void write(int value) {
        request.write(value);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        request.write(bytes, offset, length);
      }

      @Override
      public void flush() {
        byte[] whole = request.toByteArray();
        request.reset();
        answer(whole);
      }
    }

    private final class Incoming extends InputStream {
      private byte[] current = END;
      private int position;
      private boolean ended;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        if (position == current.length && !next()) {
          return -1;
        }
        int count = Math.min(length, current.length - position);
        System.arraycopy(current, position, target, offset, count);
        position += count;
        return count;
      }

      private boolean next() throws IOException {
        if (ended) {
          return false;
        }
        try {
          current = incoming.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while an answer was waited for");
        }
        position = 0;
        ended = current.length == 0;
        return !ended;
      }
    }
  }
}
