package dev.countersign.kube;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.countersign.kube.json.JsonDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** How objects of a kind are read, in the one form in which an API server is asked for them. */
public abstract sealed class ObjectDecoder<T> permits JsonObjects, ProtobufObjects {
  /** Turns a protobuf message into a value. */
  @FunctionalInterface
  public interface ProtobufDecoder<M, T> {
    /**
     * Returns the value.
     *
     * @throws IOException when a field holds what it cannot hold
     */
    T decode(M message) throws IOException;
  }

  /** Of objects that are read in JSON. */
  public static <T> ObjectDecoder<T> ofJson(JsonDecoder<T> decoder) {
    return new JsonObjects<>(decoder);
  }

  /** Of objects that are read in protobuf. */
  public static <M extends MessageLite, T> ObjectDecoder<T> ofProtobuf(
      Parser<M> parser, ProtobufDecoder<M, T> decoder) {
    return new ProtobufObjects<>(parser, decoder);
  }

  /**
   * Reads one object, as an API server sends it.
   *
   * @throws IOException when it is none
   */
  public abstract T read(InputStream body) throws IOException;

  /** Reads a page of a list; each of its objects is handed on before the next is read. */
  abstract ListPage page(InputStream body, Consumer<? super T> items) throws IOException;

  /** The events of a watch. */
  abstract WatchEvents<T> events(InputStream body) throws IOException;

  /** What to accept. A refusal may come in JSON whatever was asked for. */
  abstract String accept();

  /** Whether a body of that Content-Type can be read. */
  abstract boolean reads(String contentType);

  /**
   * What a page of a list says of the list.
   *
   * @param resourceVersion what the list stands for, to watch from
   * @param continueToken what to ask for the next page with; empty after the last
   */
  record ListPage(String resourceVersion, String continueToken) {}
}
