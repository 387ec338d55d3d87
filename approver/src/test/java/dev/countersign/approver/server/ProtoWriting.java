package dev.countersign.approver.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Writes protobuf messages field by field, by the numbers of Kubernetes' {@code generated.proto}
 * files: a second opinion on what {@code kubernetes.proto} says.
 */
public final class ProtoWriting {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED_32 = 5;

  /** Writes the fields of a message. */
  @FunctionalInterface
  public interface MessageWriter {
    /** Writes into a message that is open and is closed afterwards. */
    void write(Message out);
  }

  /** A message that is being written (protobuf.dev, Encoding). */
  public static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    /** One without fields. */
    public Message() {}

    /** What was written so far. */
    public byte[] toByteArray() {
      return bytes.toByteArray();
    }

    /** A field that is a message. */
    public void writeMessage(int field, MessageWriter writer) {
      writeByteArray(field, message(writer));
    }

    /** A field of type {@code meta/v1.Time}, to the second. */
    public void writeTime(int field, Instant time) {
      writeMessage(field, out -> out.writeInt64(1, time.getEpochSecond()));
    }

    /** One entry of a map of strings. */
    public void writeMapEntry(int field, String key, String value) {
      writeMessage(
          field,
          out -> {
            out.writeString(1, key);
            out.writeString(2, value);
          });
    }

    /** A field of type string. */
    public void writeString(int field, String value) {
      writeByteArray(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A field of type bytes, or one that is a message. */
    public void writeByteArray(int field, byte[] value) {
      tag(field, LENGTH_DELIMITED);
      varint(value.length);
      bytes.writeBytes(value);
    }

    /** A field of type int32. */
    public void writeInt32(int field, int value) {
      writeInt64(field, value);
    }

    /** A field of type int64. */
    public void writeInt64(int field, long value) {
      tag(field, VARINT);
      varint(value);
    }

    /** A field of type bool. */
    public void writeBool(int field, boolean value) {
      writeInt64(field, value ? 1 : 0);
    }

    /** A field of type fixed32. */
    public void writeFixed32(int field, int value) {
      tag(field, FIXED_32);
      fixed(value, Integer.BYTES);
    }

    /** A field of type fixed64. */
    public void writeFixed64(int field, long value) {
      tag(field, FIXED_64);
      fixed(value, Long.BYTES);
    }

    /** Bytes as they are. */
    public void writeRawBytes(byte[] raw) {
      bytes.writeBytes(raw);
    }

    private void tag(int field, int wireType) {
      varint(((long) field << 3) | wireType);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }

    private void fixed(long value, int length) {
      for (int i = 0; i < length; i++) {
        bytes.write((int) (value >>> (8 * i)));
      }
    }
  }

  private ProtoWriting() {}

  /** The bytes of one message. */
  public static byte[] message(MessageWriter writer) {
    Message message = new Message();
    writer.write(message);
    return message.toByteArray();
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
          out.writeRawBytes(new byte[] {'k', '8', 's', 0});
          out.writeByteArray(1, type);
          out.writeByteArray(2, message);
        });
  }
}
