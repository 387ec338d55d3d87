package dev.countersign.kube.proto;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * Helpers to walk over protobuf messages (proto2 wire format) whose field numbers are those of
 * Kubernetes' {@code generated.proto} files.
 */
public final class ProtoReading {
  /** Reads the value of one field; one it does not touch is skipped. */
  @FunctionalInterface
  public interface FieldReader {
    /** Called with the stream at the value of the field of that number. */
    void read(int number) throws IOException;
  }

  /** As large as the connection's own, so that bytes are copied once. */
  private static final int BUFFER = 8 * 1024;

  /** Far above what etcd stores; as in client-go. */
  private static final int LARGEST_FRAME = 16 * 1024 * 1024;

  /** Comes before every object outside of a message (apimachinery, runtime/serializer/protobuf). */
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private ProtoReading() {}

  static byte[] magic() {
    return MAGIC.clone();
  }

  /** A reader of a stream, which it does not close. */
  public static CodedInputStream reader(InputStream in) {
    return CodedInputStream.newInstance(in, BUFFER);
  }

  /** Walks over the fields of the message that the stream is in, up to its end. */
  public static void fields(CodedInputStream in, FieldReader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int before = in.getTotalBytesRead();
      reader.read(WireFormat.getTagFieldNumber(tag));
      if (in.getTotalBytesRead() == before) {
        in.skipField(tag);
      }
    }
  }

  /** The message at the stream. */
  public static <T> T message(CodedInputStream in, ProtoDecoder<T> decoder) throws IOException {
    expect(in, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    int limit = in.pushLimit(in.readRawVarint32());
    T value = decoder.decode(in);
    endOf(in, limit);
    return value;
  }

  /** Walks over the fields of the message at the stream. */
  public static void fieldsOfMessage(CodedInputStream in, FieldReader reader) throws IOException {
    message(
        in,
        inner -> {
          fields(inner, reader);
          return Boolean.TRUE;
        });
  }

  /** Takes an entry of a map of strings. */
  @FunctionalInterface
  public interface EntryReader {
    /** Called with the entry. */
    void read(String key, String value) throws IOException;
  }

  /** One entry of a map of strings, of which each is a message of its own. */
  public static void mapEntry(CodedInputStream in, EntryReader reader) throws IOException {
    var entry =
        new Object() {
          String key = "";
          String value = "";
        };
    fieldsOfMessage(
        in,
        field -> {
          switch (field) {
            case 1 -> entry.key = string(in);
            case 2 -> entry.value = string(in);
            default -> {}
          }
        });
    reader.read(entry.key, entry.value);
  }

  /**
   * Walks over the fields of the message in the frame at the stream: its length in four bytes, the
   * highest first, then itself (apimachinery, util/framer).
   */
  public static void frame(CodedInputStream in, FieldReader reader) throws IOException {
    in.resetSizeCounter();
    int length = Integer.reverseBytes(in.readRawLittleEndian32());
    if (length < 0 || length > LARGEST_FRAME) {
      throw new InvalidProtocolBufferException(
          "got a frame of "
              + Integer.toUnsignedString(length)
              + " bytes; want at most "
              + LARGEST_FRAME);
    }
    int limit = in.pushLimit(length);
    fields(in, reader);
    endOf(in, limit);
  }

  /** A stream that ends between two fields looks like a message that does. */
  private static void endOf(CodedInputStream in, int outerLimit) throws IOException {
    if (in.getBytesUntilLimit() != 0) {
      throw new InvalidProtocolBufferException("the bytes end inside a message");
    }
    in.popLimit(outerLimit);
  }

  /**
   * The object at the stream, in the envelope that says its kind ({@code runtime.Unknown}).
   *
   * @throws IOException also when there is no such envelope
   */
  public static <T> T object(CodedInputStream in, ProtoDecoder<T> decoder) throws IOException {
    for (byte wanted : MAGIC) {
      if (in.readRawByte() != wanted) {
        throw new InvalidProtocolBufferException("got no Kubernetes object; want one");
      }
    }
    var found =
        new Object() {
          Optional<T> object = Optional.empty();
        };
    fields(
        in,
        field -> {
          if (field == 2) {
            found.object = Optional.of(message(in, decoder));
          }
        });
    return found.object.orElseThrow(
        () -> new InvalidProtocolBufferException("got an envelope without an object; want one"));
  }

  /** Whether these bytes begin like an object in its envelope. */
  public static boolean isObject(byte[] bytes) {
    return bytes.length > MAGIC.length
        && java.util.Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** The string at the stream; bytes that are no UTF-8 become U+FFFD. */
  public static String string(CodedInputStream in) throws IOException {
    expect(in, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    return in.readString();
  }

  /** The bytes at the stream. */
  public static byte[] bytes(CodedInputStream in) throws IOException {
    expect(in, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    return in.readByteArray();
  }

  /** The whole number at the stream. */
  public static long number(CodedInputStream in) throws IOException {
    expect(in, WireFormat.WIRETYPE_VARINT);
    return in.readInt64();
  }

  /** The boolean at the stream. */
  public static boolean bool(CodedInputStream in) throws IOException {
    expect(in, WireFormat.WIRETYPE_VARINT);
    return in.readBool();
  }

  /** The time at the stream ({@code meta/v1.Time}); an empty one counts as 1970. */
  public static Instant time(CodedInputStream in) throws IOException {
    var fields =
        new Object() {
          long seconds;
          long nanos;
        };
    fieldsOfMessage(
        in,
        field -> {
          switch (field) {
            case 1 -> fields.seconds = number(in);
            case 2 -> fields.nanos = number(in);
            default -> {}
          }
        });
    try {
      return Instant.ofEpochSecond(fields.seconds, fields.nanos);
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidProtocolBufferException("got a time out of all range; want one");
    }
  }

  private static void expect(CodedInputStream in, int wireType) throws IOException {
    int tag = in.getLastTag();
    if (WireFormat.getTagWireType(tag) != wireType) {
      throw new InvalidProtocolBufferException(
          "field "
              + WireFormat.getTagFieldNumber(tag)
              + ": got wire type "
              + WireFormat.getTagWireType(tag)
              + "; want "
              + wireType);
    }
  }
}
