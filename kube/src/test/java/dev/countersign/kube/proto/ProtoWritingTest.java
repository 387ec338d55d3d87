package dev.countersign.kube.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ProtoWritingTest {
  /** The largest number that a field can have. */
  private static final int LARGEST = (1 << 29) - 1;

  @Property
  void message_isAsGooglesLibraryWritesIt(
      @ForAll @IntRange(min = 1, max = LARGEST) int field,
      @ForAll String text,
      @ForAll byte[] bytes,
      @ForAll int number,
      @ForAll long large,
      @ForAll boolean flag)
      throws IOException {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(expected);
    // A text may have halves of characters, which Google's library refuses.
    String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    out.writeString(field, whole);
    out.writeByteArray(field, bytes);
    out.writeInt32(field, number);
    out.writeInt64(field, large);
    out.writeBool(field, flag);
    out.writeFixed32(field, number);
    out.writeFixed64(field, large);
    out.writeRawBytes(bytes);
    out.flush();
    byte[] written =
        ProtoWriting.message(
            message -> {
              message.writeString(field, whole);
              message.writeByteArray(field, bytes);
              message.writeInt32(field, number);
              message.writeInt64(field, large);
              message.writeBool(field, flag);
              message.writeFixed32(field, number);
              message.writeFixed64(field, large);
              message.writeRawBytes(bytes);
            });
    assertThat(written).isEqualTo(expected.toByteArray());
  }
}
