package dev.countersign.kube.http;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, until the response's body is at its end. Used by one thread; {@link
 * #cut} is for any thread.
 */
final class Exchange {
  /** Whoever is woken so late was stopped, and a response may be there to be read by now. */
  private static final long LATE = TimeUnit.SECONDS.toNanos(1);

  private final HttpTransport transport;
  private final HttpUriRequestBase message;
  private final Optional<Duration> limit;
  private final HttpClientContext context = HttpClientContext.create();
  private final long started = System.nanoTime();
  private volatile long lastHeard = started;
  private volatile boolean overdue;
  private volatile boolean ended;
  private long due;
  private volatile @Nullable Future<?> deadline;

  /**
   * One that is not sent yet.
   *
   * @param limit for the whole response; none where it streams
   */
  Exchange(HttpTransport transport, HttpUriRequestBase message, Optional<Duration> limit) {
    this.transport = transport;
    this.message = message;
    this.limit = limit;
  }

  /** Sends the request; returns once the head of the response is there. */
  HttpResponse send() throws IOException {
    if (limit.isPresent()) {
      due = System.nanoTime() + limit.get().toNanos();
      deadline = transport.later(this::cutWhenOverdue, limit.get().toNanos());
    }
    try {
      ClassicHttpResponse response = transport.execute(message, context);
      lastHeard = System.nanoTime();
      HttpEntity entity = response.getEntity();
      if (entity == null || !entity.isStreaming()) {
        end();
        return new HttpResponse(this, response, InputStream.nullInputStream());
      }
      if (limit.isEmpty()) {
        transport.streams().add(this);
      }
      return new HttpResponse(this, response, new Body(entity.getContent()));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Whether the request was written to a connection that others had used before. */
  boolean usedKeptConnection() {
    EndpointDetails connection = context.getEndpointDetails();
    return connection != null && connection.getResponseCount() > 0;
  }

  /** Whether nothing has come for so long. */
  boolean isSilentFor(long nanos) {
    return System.nanoTime() - lastHeard >= nanos;
  }

  private void cutWhenOverdue() {
    if (System.nanoTime() - due > LATE) {
      due = System.nanoTime() + LATE;
      deadline = transport.later(this::cutWhenOverdue, LATE);
    } else if (!ended) {
      overdue = true;
      message.cancel();
    }
  }

  /**
   * Closes the connection at once, unless the response is at its end; the TLS layer is not asked to
   * say goodbye, which may block on a dead connection.
   */
  void cut() {
    if (!ended) {
      end();
      message.cancel();
    }
  }

  private void end() {
    ended = true;
    transport.streams().remove(this);
    Future<?> running = deadline;
    if (running != null) {
      running.cancel(false);
    }
  }

  private IOException failure(IOException e) {
    boolean sent = context.getEndpointDetails() != null;
    cut();
    if (overdue || (sent && e instanceof SocketTimeoutException)) {
      long silent = System.nanoTime() - lastHeard;
      transport.timedOut(silent);
      SocketTimeoutException timeout =
          new SocketTimeoutException(
              overdue && lastHeard != started
                  ? "no complete response within " + limit.orElseThrow().toMillis() + " ms"
                  : "nothing received for " + TimeUnit.NANOSECONDS.toMillis(silent) + " ms");
      timeout.initCause(e);
      return timeout;
    }
    if (e instanceof NoHttpResponseException) {
      EOFException end = new EOFException("the server closed the connection without a response");
      end.initCause(e);
      return end;
    }
    return e instanceof ClientProtocolException
        ? new IOException("the server does not speak HTTP/1.1 (" + e.getMessage() + ")", e)
        : e;
  }

  /** What comes after the head of the response. */
  private final class Body extends FilterInputStream {
    Body(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (ended) {
        return super.read(target, offset, length);
      }
      try {
        int count = super.read(target, offset, length);
        lastHeard = System.nanoTime();
        if (count < 0) {
          end();
        }
        return count;
      } catch (IOException e) {
        throw failure(e);
      }
    }

    @Override
    public void close() {
      cut();
    }
  }
}
