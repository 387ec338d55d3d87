package dev.countersign.kube.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ProtoReadingTest {
  private static CodedInputStream over(byte[] bytes) {
    return ProtoReading.reader(new ByteArrayInputStream(bytes));
  }

  /** Reads the first field of a message. */
  private static <T> T first(byte[] message, ProtoDecoder<T> decoder) throws IOException {
    List<T> all = new ArrayList<>();
    CodedInputStream in = over(message);
    ProtoReading.fields(in, field -> all.add(decoder.decode(in)));
    return all.getFirst();
  }

  @Test
  void fields_untouched_areSkippedWhateverTheirType() throws IOException {
    byte[] message =
        ProtoWriting.message(
            out -> {
              out.writeString(1, "x".repeat(100_000));
              out.writeInt64(2, -1);
              out.writeFixed32(3, 5);
              out.writeFixed64(4, 5);
              out.writeString(5, "wanted");
            });
    List<String> read = new ArrayList<>();
    CodedInputStream in = over(message);
    ProtoReading.fields(
        in,
        field -> {
          if (field == 5) {
            read.add(ProtoReading.string(in));
          }
        });
    assertThat(read).containsExactly("wanted");
  }

  @Test
  void message_thatClaimsMoreThanThereIs_isRefused() {
    // Field 1, nine bytes long, of which there are two: a whole field of its own.
    byte[] cut = {0x0a, 9, 0x08, 1};
    assertThatThrownBy(() -> first(cut, in -> ProtoReading.message(in, inner -> drained(inner))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("end inside a message");
  }

  private static boolean drained(CodedInputStream in) throws IOException {
    ProtoReading.fields(in, field -> {});
    return true;
  }

  @Test
  void string_ofAnotherWireType_isRefusedAndNamesTheField() {
    byte[] message = ProtoWriting.message(out -> out.writeInt32(7, 1));
    assertThatThrownBy(() -> first(message, ProtoReading::string))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("field 7: got wire type 0; want 2");
  }

  @Test
  void number_ofAnotherWireType_isRefused() {
    byte[] message = ProtoWriting.message(out -> out.writeString(1, "1"));
    assertThatThrownBy(() -> first(message, ProtoReading::number)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> first(message, ProtoReading::bool)).isInstanceOf(IOException.class);
  }

  @Test
  void string_thatIsNoUtf8_hasReplacements() throws IOException {
    byte[] message = ProtoWriting.message(out -> out.writeByteArray(1, new byte[] {'a', -1, 'b'}));
    assertThat(first(message, ProtoReading::string)).isEqualTo("a\ufffdb");
  }

  @Test
  void time_secondsAndNanos() throws IOException {
    byte[] time =
        ProtoWriting.message(
            out -> {
              out.writeInt64(1, 1_795_309_323);
              out.writeInt32(2, 250_000_000);
            });
    assertThat(first(ProtoWriting.message(out -> out.writeByteArray(1, time)), ProtoReading::time))
        .isEqualTo(Instant.parse("2026-11-22T01:02:03.250Z"));
    assertThat(
            first(
                ProtoWriting.message(out -> out.writeByteArray(1, new byte[0])),
                ProtoReading::time))
        .isEqualTo(Instant.EPOCH);
  }

  @Test
  void time_outOfAllRange_isRefused() {
    byte[] time = ProtoWriting.message(out -> out.writeInt64(1, Long.MAX_VALUE));
    assertThatThrownBy(
            () ->
                first(ProtoWriting.message(out -> out.writeByteArray(1, time)), ProtoReading::time))
        .isInstanceOf(IOException.class);
  }

  @Test
  void mapEntry_withoutAValue_isEmpty() throws IOException {
    Map<String, String> all = new HashMap<>();
    byte[] entry = ProtoWriting.message(out -> out.writeString(1, "key"));
    CodedInputStream in = over(ProtoWriting.message(out -> out.writeByteArray(1, entry)));
    ProtoReading.fields(in, field -> ProtoReading.mapEntry(in, all::put));
    assertThat(all).containsOnly(Map.entry("key", ""));
  }

  @Test
  void object_withoutItsMagic_isRefused() {
    assertThatThrownBy(
            () -> ProtoReading.object(over(new byte[] {'{', '}'}), ProtoReadingTest::drained))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no Kubernetes object");
  }

  /** Whatever a server sends: an object, or an IOException. */
  @Property(tries = 2000)
  void object_anyBytes_throwNothingElse(@ForAll @Size(max = 200) byte[] bytes) {
    byte[] message =
        ProtoWriting.message(
            out -> {
              out.writeRawBytes(new byte[] {'k', '8', 's', 0});
              out.writeByteArray(2, bytes);
            });
    try {
      ProtoReading.object(
          over(message),
          in -> {
            ProtoReading.fields(
                in,
                field -> {
                  switch (field % 4) {
                    case 0 -> ProtoReading.string(in);
                    case 1 -> ProtoReading.mapEntry(in, (key, value) -> {});
                    case 2 -> ProtoReading.time(in);
                    default -> {}
                  }
                });
            return true;
          });
    } catch (IOException refused) {
      assertThat(refused).hasMessageMatching("(?s).+");
    }
  }
}
