package dev.countersign.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.WatchStream.Event;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
import dev.countersign.kube.proto.ProtoWriting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Answers in protobuf, from a server on loopback. */
class ProtobufAnswersTest {
  private static final ObjectDecoder<String> NAMES =
      ObjectDecoder.of(ProtobufAnswersTest::name, ProtobufAnswersTest::name);

  private static String name(JsonParser parser) throws IOException {
    String[] name = {""};
    JsonReading.object(
        parser,
        section -> {
          if (section.equals("metadata")) {
            name[0] = JsonReading.stringMap(parser).getOrDefault("name", "");
          }
        });
    return name[0];
  }

  private static String name(CodedInputStream in) throws IOException {
    String[] name = {""};
    ProtoReading.fields(
        in,
        section -> {
          if (section == 1) {
            ProtoReading.fieldsOfMessage(
                in,
                field -> {
                  if (field == 1) {
                    name[0] = ProtoReading.string(in);
                  }
                });
          }
        });
    return name[0];
  }

  private static byte[] thing(String name, String version) {
    byte[] metadata =
        ProtoWriting.message(
            out -> {
              out.writeString(1, name);
              out.writeString(6, version);
              out.writeString(17, "managed fields, which nobody wants");
            });
    return ProtoWriting.message(out -> out.writeByteArray(1, metadata));
  }

  private static byte[] object(byte[] message) {
    return ProtoWriting.object("v1", "Thing", message);
  }

  private static byte[] list(String version, String token, String... names) {
    byte[] metadata =
        ProtoWriting.message(
            out -> {
              out.writeString(2, version);
              out.writeString(3, token);
            });
    return ProtoWriting.object(
        "v1",
        "ThingList",
        ProtoWriting.message(
            out -> {
              out.writeByteArray(1, metadata);
              for (String name : names) {
                out.writeByteArray(2, thing(name, "1"));
              }
            }));
  }

  private static byte[] status(int code, String reason, String message, int retryAfter) {
    byte[] details = ProtoWriting.message(out -> out.writeInt32(5, retryAfter));
    return ProtoWriting.object(
        "v1",
        "Status",
        ProtoWriting.message(
            out -> {
              out.writeString(3, message);
              out.writeString(4, reason);
              out.writeByteArray(5, details);
              out.writeInt32(6, code);
            }));
  }

  private static FakeApiServer always(int code, byte[] body) {
    return FakeApiServer.start(
        (n, request, out) -> {
          FakeApiServer.protobuf(out, code, body);
          return true;
        });
  }

  @Test
  void get_protobufIsAskedForAndUnderstood() {
    try (FakeApiServer server = always(200, object(thing("a", "1")));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES)).isEqualTo(new Outcome.Done<>("a"));
      assertThat(client.get("/x", NAMES)).isEqualTo(new Outcome.Done<>("a"));
      assertThat(server.seen().getFirst())
          .contains("Accept: application/vnd.kubernetes.protobuf,application/json\r\n");
      assertThat(server.connections()).as("the answer was read to its end").isEqualTo(1);
    }
  }

  @Test
  void get_answeredInJsonAllTheSame_isUnderstood() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  FakeApiServer.json(out, 200, "{\"metadata\":{\"name\":\"a\"}}");
                  return true;
                });
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES)).isEqualTo(new Outcome.Done<>("a"));
    }
  }

  @Test
  void get_statusInProtobuf_isARefusalWithItsReason() {
    try (FakeApiServer server = always(404, status(404, "NotFound", "no\u001bsuch", 7));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES))
          .isEqualTo(
              new Outcome.Refused<>(
                  new ApiStatus(
                      404,
                      StatusReason.NOT_FOUND,
                      "no\u001bsuch",
                      Optional.of(Duration.ofSeconds(7)))));
    }
  }

  /** As when it has so many causes that its end is not read. */
  @Test
  void get_statusThatIsCut_isARefusalWithWhatCameBefore() {
    byte[] whole = status(409, "AlreadyExists", "there is one", 0);
    try (FakeApiServer server = always(409, Arrays.copyOf(whole, whole.length - 3));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES))
          .isEqualTo(
              new Outcome.Refused<>(
                  new ApiStatus(
                      409, StatusReason.ALREADY_EXISTS, "there is one", Optional.empty())));
    }
  }

  @Test
  void get_bytesThatAreNoProtobuf_areUnreachableAndSayWhatCame() {
    try (FakeApiServer server = always(200, new byte[] {'k', '8', 's', 0, 0x12, 0x50, 1});
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES))
          .isInstanceOfSatisfying(
              Outcome.Unreachable.class,
              gone -> assertThat(gone.why()).contains("no protobuf that we can read"));
    }
  }

  @Test
  void list_severalPages_allItemsAndTheVersionOfTheLast() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  FakeApiServer.protobuf(
                      out, 200, n == 0 ? list("7", "more", "a", "b") : list("7", "", "c"));
                  return true;
                });
        ApiClient client = server.client()) {
      List<String> names = new ArrayList<>();
      assertThat(client.list(ListQuery.all("/x"), NAMES, names::add))
          .isEqualTo(new Outcome.Done<>("7"));
      assertThat(names).containsExactly("a", "b", "c");
      assertThat(server.seen().get(1)).contains("continue=more");
    }
  }

  @Test
  void put_answerIsNotRead_butToItsEnd() {
    try (FakeApiServer server = always(200, new byte[5000]);
        ApiClient client = server.client()) {
      assertThat(client.put("/x", new byte[] {'{', '}'})).isEqualTo(new Outcome.Done<>(true));
      assertThat(client.put("/x", new byte[] {'{', '}'})).isEqualTo(new Outcome.Done<>(true));
      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.seen().getFirst())
          .contains("as=PartialObjectMetadata")
          .contains("Content-Type: application/vnd.kubernetes.protobuf\r\n");
    }
  }

  @Test
  void put_conflictInProtobuf_isARefusal() {
    try (FakeApiServer server = always(409, status(409, "Conflict", "changed", 0));
        ApiClient client = server.client()) {
      assertThat(client.put("/x", new byte[] {'{', '}'}))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused -> assertThat(refused.status().reason()).isEqualTo(StatusReason.CONFLICT));
    }
  }

  @Test
  void put_answerOfSomethingElse_isNoSuccess() {
    try (FakeApiServer server =
            FakeApiServer.start(
                (n, request, out) -> {
                  out.write(
                      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
                          .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                  return true;
                });
        ApiClient client = server.client()) {
      assertThat(client.put("/x", new byte[] {'{', '}'}))
          .isInstanceOfSatisfying(
              Outcome.Unreachable.class,
              gone -> assertThat(gone.why()).contains("is this an API server?"));
    }
  }

  private static FakeApiServer watched(byte[]... pieces) {
    return FakeApiServer.start(
        (n, request, out) -> {
          FakeApiServer.beginChunks(out, ApiClient.PROTOBUF + ";stream=watch");
          for (byte[] piece : pieces) {
            FakeApiServer.chunk(out, piece);
          }
          FakeApiServer.chunk(out, "");
          return true;
        });
  }

  private static WatchStream<String> open(ApiClient client) {
    Outcome<WatchStream<String>> outcome =
        client.watch(ListQuery.all("/x"), NAMES, "1", Duration.ofMinutes(5), Duration.ofMinutes(1));
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<WatchStream<String>>) outcome).value();
  }

  @Test
  void watch_everyKindOfEvent_inPiecesThatAreNotFrames() throws IOException {
    byte[] all =
        ProtoWriting.message(
            out -> {
              out.writeRawBytes(ProtoWriting.watchEvent("ADDED", object(thing("a", "2"))));
              out.writeRawBytes(ProtoWriting.watchEvent("MODIFIED", object(thing("b", "3"))));
              out.writeRawBytes(ProtoWriting.watchEvent("DELETED", object(thing("c", "4"))));
              out.writeRawBytes(ProtoWriting.watchEvent("BOOKMARK", object(thing("", "5"))));
              out.writeRawBytes(
                  ProtoWriting.watchEvent("ERROR", status(410, "Expired", "too old", 0)));
            });
    byte[] first = Arrays.copyOf(all, 37);
    byte[] rest = Arrays.copyOfRange(all, 37, all.length);
    try (FakeApiServer server = watched(first, rest);
        ApiClient client = server.client();
        WatchStream<String> watch = open(client)) {
      assertThat(watch.next()).contains(new Event.Added<>("a"));
      assertThat(watch.next()).contains(new Event.Modified<>("b"));
      assertThat(watch.next()).contains(new Event.Deleted<>("c"));
      assertThat(watch.next()).contains(new Event.Bookmark<>("5"));
      assertThat(watch.next())
          .contains(
              new Event.Failed<>(
                  new ApiStatus(410, StatusReason.EXPIRED, "too old", Optional.empty())));
      assertThat(watch.next()).isEmpty();
    }
  }

  @Test
  void watch_endsInsideAFrame_isNoEvent() {
    byte[] event = ProtoWriting.watchEvent("ADDED", object(thing("a", "2")));
    for (int length = 1; length < event.length; length++) {
      try (FakeApiServer server = watched(Arrays.copyOf(event, length));
          ApiClient client = server.client();
          WatchStream<String> watch = open(client)) {
        assertThatThrownBy(watch::next).as("cut to %d", length).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void watch_frameThatClaimsToBeHuge_isRefusedAtOnce() {
    try (FakeApiServer server = watched(new byte[] {0x7f, 0, 0, 0, 1, 2, 3});
        ApiClient client = server.client();
        WatchStream<String> watch = open(client)) {
      assertThatThrownBy(watch::next)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("2130706432");
    }
  }
}
