package dev.countersign.kube.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final Node NODE =
      Node.newBuilder()
          .setMetadata(ObjectMeta.newBuilder().setName("n"))
          .setSpec(NodeSpec.newBuilder().setPodCidr("10.0.0.0/24"))
          .build();

  private static Node read(byte[] bytes) throws IOException {
    return Envelope.read(new ByteArrayInputStream(bytes), Node.parser());
  }

  /** Fields written one by one. */
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] bytes(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] enveloped(byte[] object) throws IOException {
    return bytes(
        out -> {
          out.writeRawBytes(new byte[] {'k', '8', 's', 0});
          out.writeByteArray(2, object);
        });
  }

  @Test
  void write_thenRead_isTheSame() throws IOException {
    byte[] written = Envelope.write("v1", "Node", NODE);
    assertThat(Envelope.isAround(written)).isTrue();
    assertThat(written)
        .startsWith('k', '8', 's', 0)
        .containsSequence("v1".getBytes(StandardCharsets.US_ASCII));
    assertThat(read(written)).isEqualTo(NODE);
  }

  @Test
  void read_fieldsThatNobodyKnows_areKeptWhateverTheirType() throws IOException {
    byte[] object =
        bytes(
            out -> {
              out.writeString(101, "x".repeat(100_000));
              out.writeInt64(102, -1);
              out.writeFixed32(103, 5);
              out.writeFixed64(104, 5);
            });
    assertThat(read(enveloped(object)).toByteArray()).isEqualTo(object);
  }

  @Test
  void read_cutAnywhere_isRefused() {
    byte[] whole = Envelope.write("v1", "Node", NODE);
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).as("cut to %d", length).isInstanceOf(IOException.class);
    }
  }

  @Test
  void read_messageThatClaimsMoreThanThereIs_isRefused() throws IOException {
    // Field 1, nine bytes long, of which there are two: a whole field of its own.
    byte[] object = enveloped(new byte[] {0x0a, 9, 0x08, 1});
    assertThatThrownBy(() -> read(object)).isInstanceOf(IOException.class);
  }

  @Test
  void read_withoutItsMagic_isRefused() {
    assertThatThrownBy(() -> read(new byte[] {'{', '}'}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no Kubernetes object");
  }

  @Test
  void read_envelopeWithoutAnObject_isRefused() {
    assertThatThrownBy(() -> read(new byte[] {'k', '8', 's', 0}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("without an object");
  }

  @Test
  void read_stringThatIsNoUtf8_hasReplacements() throws IOException {
    byte[] name = bytes(out -> out.writeByteArray(1, new byte[] {'a', -1, 'b'}));
    assertThat(read(enveloped(bytes(out -> out.writeByteArray(1, name)))).getMetadata().getName())
        .isEqualTo("a\ufffdb");
  }

  /** Of another version of the API, say: what it means is not known, so it is not taken. */
  @Test
  void read_fieldOfAnotherType_isNotThere() throws IOException {
    byte[] name = bytes(out -> out.writeInt32(1, 7));
    assertThat(read(enveloped(bytes(out -> out.writeByteArray(1, name)))).getMetadata().hasName())
        .isFalse();
  }

  @Test
  void instant_secondsAndNanos() throws IOException {
    Time time = Time.newBuilder().setSeconds(1_795_309_323).setNanos(250_000_000).build();
    assertThat(Times.instant(time)).isEqualTo(Instant.parse("2026-11-22T01:02:03.250Z"));
    assertThat(Times.instant(Time.getDefaultInstance())).isEqualTo(Instant.EPOCH);
    assertThat(Times.time(Instant.parse("2026-11-22T01:02:03.250Z")))
        .isEqualTo(Time.newBuilder().setSeconds(1_795_309_323).build());
  }

  @Test
  void instant_outOfAllRange_isRefused() {
    Time time = Time.newBuilder().setSeconds(Long.MAX_VALUE).build();
    assertThatThrownBy(() -> Times.instant(time)).isInstanceOf(IOException.class);
  }

  @Test
  void mapEntry_withoutAValue_isEmpty() throws IOException {
    MapEntry entry = MapEntry.parseFrom(ByteString.copyFrom(bytes(out -> out.writeString(1, "k"))));
    assertThat(entry.getKey()).isEqualTo("k");
    assertThat(entry.getValue()).isEmpty();
  }

  /** Whatever a server sends: an object, or an IOException. */
  @Test
  void read_anyBytes_throwsNothingElse() throws IOException {
    Random random = new Random(1);
    byte[] whole = NODE.toByteArray();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        bytes = whole.clone();
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        read(enveloped(bytes));
      } catch (IOException refused) {
        assertThat(refused).hasMessageMatching("(?s).+");
      }
    }
  }
}
