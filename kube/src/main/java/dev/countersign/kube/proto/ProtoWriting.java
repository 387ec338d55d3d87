package dev.countersign.kube.proto;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes small protobuf messages, as an API server sends them. */
public final class ProtoWriting {
  /** Writes the fields of a message. */
  @FunctionalInterface
  public interface MessageWriter {
    /** Writes into a message that is open and is closed afterwards. */
    void write(CodedOutputStream out) throws IOException;
  }

  private ProtoWriting() {}

  /** The bytes of one message. */
  public static byte[] message(MessageWriter writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      writer.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** An object in the envelope that says its kind. */
  public static byte[] object(String apiVersion, String kind, byte[] message) {
    byte[] type =
        message(
            out -> {
              out.writeString(1, apiVersion);
              out.writeString(2, kind);
            });
    return message(
        out -> {
          out.writeRawBytes(ProtoReading.magic());
          out.writeByteArray(1, type);
          out.writeByteArray(2, message);
        });
  }

  /** One event of a watch in its frame, with the object in its envelope. */
  public static byte[] watchEvent(String type, byte[] object) {
    byte[] event =
        message(
            out -> {
              out.writeString(1, type);
              out.writeByteArray(2, message(raw -> raw.writeByteArray(1, object)));
            });
    return message(
        out -> {
          out.writeFixed32NoTag(Integer.reverseBytes(event.length));
          out.writeRawBytes(event);
        });
  }
}
