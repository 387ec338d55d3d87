package dev.countersign.kube.proto;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;

/** Turns a protobuf message into a value. */
@FunctionalInterface
public interface ProtoDecoder<T> {
  /**
   * Reads one message: all fields up to the stream's limit, as {@link ProtoReading#fields} does.
   *
   * @throws IOException when the bytes are no protobuf or a field has another wire type than
   *     expected
   */
  T decode(CodedInputStream in) throws IOException;
}
