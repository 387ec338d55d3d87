package dev.countersign.kube;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.PartialObjectMetadata;
import dev.countersign.kube.proto.Status;
import dev.countersign.kube.proto.WatchEvent;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Watch events in protobuf: each a {@code meta/v1.WatchEvent} in a frame of its own (apimachinery,
 * util/framer), which holds an object in its envelope.
 */
final class ProtobufEvents<M extends MessageLite, T> extends WatchEvents<T> {
  /** Far above what etcd stores; as in client-go. */
  private static final int LARGEST_FRAME = 16 * 1024 * 1024;

  private final InputStream in;
  private final Parser<M> parser;
  private final ObjectDecoder.ProtobufDecoder<M, T> decoder;
  private int firstByte;
  private ByteString object = ByteString.EMPTY;

  ProtobufEvents(InputStream in, Parser<M> parser, ObjectDecoder.ProtobufDecoder<M, T> decoder) {
    this.in = new BufferedInputStream(in);
    this.parser = parser;
    this.decoder = decoder;
  }

  @Override
  boolean atEnd() throws IOException {
    firstByte = in.read();
    return firstByte < 0;
  }

  @Override
  void read() throws IOException {
    WatchEvent event = WatchEvent.parseFrom(frame());
    typeIs(event.getType());
    if (event.hasObject()) {
      object = event.getObject().getRaw();
      readObject();
    }
  }

  /** A frame's length in four bytes, the highest first, then itself. */
  private byte[] frame() throws IOException {
    int length = firstByte;
    for (byte next : exactly(3)) {
      length = length << 8 | Byte.toUnsignedInt(next);
    }
    if (length < 0 || length > LARGEST_FRAME) {
      throw new InvalidProtocolBufferException(
          "got a frame of "
              + Integer.toUnsignedString(length)
              + " bytes; want at most "
              + LARGEST_FRAME);
    }
    return exactly(length);
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the watch ended inside an event");
    }
    return bytes;
  }

  @Override
  T object() throws IOException {
    return decoder.decode(Envelope.read(object.newInput(), parser));
  }

  @Override
  ApiStatus status() throws IOException {
    return ApiStatus.of(Envelope.read(object.newInput(), Status.parser()));
  }

  @Override
  String resourceVersion() throws IOException {
    return Envelope.read(object.newInput(), PartialObjectMetadata.parser())
        .getMetadata()
        .getResourceVersion();
  }
}
