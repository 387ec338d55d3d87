package dev.countersign.kube.proto;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * The envelope that stands around every object outside of a message and says its kind: four bytes,
 * then a {@code runtime.Unknown} (apimachinery, runtime/serializer/protobuf).
 */
public final class Envelope {
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private Envelope() {}

  /** Whether these bytes begin like an object in its envelope. */
  public static boolean isAround(byte[] bytes) {
    return bytes.length > MAGIC.length
        && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** Returns an object in its envelope. */
  public static byte[] write(String apiVersion, String kind, MessageLite object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      out.write(MAGIC);
      Unknown.newBuilder()
          .setTypeMeta(TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
          .setRaw(object.toByteString())
          .build()
          .writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /**
   * Reads the object in an envelope.
   *
   * @throws IOException also when there is no such envelope, or the bytes end inside the object
   */
  public static <M extends MessageLite> M read(InputStream in, Parser<M> parser)
      throws IOException {
    CodedInputStream object = open(in);
    M message = parser.parseFrom(object);
    requireEnd(object);
    return message;
  }

  /**
   * Opens an envelope.
   *
   * @return a stream that holds the fields of the object and ends after them
   * @throws IOException also when there is no such envelope
   */
  public static CodedInputStream open(InputStream bytes) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    for (byte wanted : MAGIC) {
      if (in.readRawByte() != wanted) {
        throw new InvalidProtocolBufferException("got no Kubernetes object; want one");
      }
    }
    for (int tag = in.readTag();
        WireFormat.getTagFieldNumber(tag) != Unknown.RAW_FIELD_NUMBER;
        tag = in.readTag()) {
      if (tag == 0) {
        throw new InvalidProtocolBufferException("got an envelope without an object; want one");
      }
      in.skipField(tag);
    }
    in.pushLimit(in.readRawVarint32());
    return in;
  }

  /**
   * Checks that a stream of {@link #open} holds nothing more: one that ends between two fields
   * looks like an object that does.
   *
   * @throws IOException when the bytes ended too early
   */
  public static void requireEnd(CodedInputStream object) throws IOException {
    if (object.getBytesUntilLimit() != 0) {
      throw new InvalidProtocolBufferException("the bytes end inside a message");
    }
  }
}
