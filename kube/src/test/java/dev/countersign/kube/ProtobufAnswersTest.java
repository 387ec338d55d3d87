package dev.countersign.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.countersign.kube.WatchStream.Event;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.ListMeta;
import dev.countersign.kube.proto.ObjectMeta;
import dev.countersign.kube.proto.PartialObjectMetadata;
import dev.countersign.kube.proto.RawExtension;
import dev.countersign.kube.proto.Status;
import dev.countersign.kube.proto.StatusDetails;
import dev.countersign.kube.proto.Time;
import dev.countersign.kube.proto.WatchEvent;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
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
      ObjectDecoder.ofProtobuf(
          PartialObjectMetadata.parser(), thing -> thing.getMetadata().getName());

  private static PartialObjectMetadata thing(String name, String version) {
    return PartialObjectMetadata.newBuilder()
        .setMetadata(
            ObjectMeta.newBuilder()
                .setName(name)
                .setResourceVersion(version)
                .addAnnotations(ByteString.copyFromUtf8("which nobody looks into")))
        .build();
  }

  private static byte[] object(MessageLite message) {
    return Envelope.write("v1", "Thing", message);
  }

  private static byte[] list(String version, String token, String... names) throws IOException {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(list);
    out.writeMessage(
        1, ListMeta.newBuilder().setResourceVersion(version).setContinue(token).build());
    for (String name : names) {
      out.writeMessage(2, thing(name, "1"));
    }
    out.flush();
    // Of any message: what is not known of it is kept.
    return object(Time.parseFrom(list.toByteArray()));
  }

  private static byte[] status(int code, String reason, String message, int retryAfter) {
    return object(
        Status.newBuilder()
            .setMessage(message)
            .setReason(reason)
            .setDetails(StatusDetails.newBuilder().setRetryAfterSeconds(retryAfter))
            .setCode(code)
            .build());
  }

  private static byte[] watchEvent(String type, byte[] object) throws IOException {
    byte[] event =
        WatchEvent.newBuilder()
            .setType(type)
            .setObject(RawExtension.newBuilder().setRaw(ByteString.copyFrom(object)))
            .build()
            .toByteArray();
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(frame);
    out.writeInt(event.length);
    out.write(event);
    return frame.toByteArray();
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
      assertThat(client.get("/x", NAMES)).isEqualTo(new ApiResult.Done<>("a"));
      assertThat(client.get("/x", NAMES)).isEqualTo(new ApiResult.Done<>("a"));
      assertThat(server.seen().getFirst())
          .contains("Accept: application/vnd.kubernetes.protobuf,application/json\r\n");
      assertThat(server.connections()).as("the answer was read to its end").isEqualTo(1);
    }
  }

  @Test
  void get_answeredInJsonAllTheSame_isUnreachableAndAsksWhoThatIs() {
    try (FakeApiServer server =
            FakeApiServer.start(FakeApiServer.answering(200, "{\"metadata\":{\"name\":\"a\"}}"));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES))
          .isInstanceOfSatisfying(
              ApiResult.Unreachable.class,
              gone -> assertThat(gone.why()).contains("is this an API server?"));
    }
  }

  @Test
  void get_statusInProtobuf_isARefusalWithItsReason() {
    try (FakeApiServer server = always(404, status(404, "NotFound", "no\u001bsuch", 7));
        ApiClient client = server.client()) {
      assertThat(client.get("/x", NAMES))
          .isEqualTo(
              new ApiResult.Refused<>(
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
              new ApiResult.Refused<>(
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
              ApiResult.Unreachable.class,
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
      assertThat(client.list(ListOptions.all("/x"), NAMES, names::add))
          .isEqualTo(new ApiResult.Done<>("7"));
      assertThat(names).containsExactly("a", "b", "c");
      assertThat(server.seen().get(1)).contains("continue=more");
    }
  }

  @Test
  void put_answerIsNotRead_butToItsEnd() {
    try (FakeApiServer server = always(200, new byte[5000]);
        ApiClient client = server.client()) {
      assertThat(client.put("/x", new byte[] {'{', '}'})).isEqualTo(new ApiResult.Done<>(true));
      assertThat(client.put("/x", new byte[] {'{', '}'})).isEqualTo(new ApiResult.Done<>(true));
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
              ApiResult.Refused.class,
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
              ApiResult.Unreachable.class,
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
    ApiResult<WatchStream<String>> outcome =
        client.watch(
            ListOptions.all("/x"), NAMES, "1", Duration.ofMinutes(5), Duration.ofMinutes(1));
    assertThat(outcome).isInstanceOf(ApiResult.Done.class);
    return ((ApiResult.Done<WatchStream<String>>) outcome).value();
  }

  @Test
  void watch_everyKindOfEvent_inPiecesThatAreNotFrames() throws IOException {
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    events.write(watchEvent("ADDED", object(thing("a", "2"))));
    events.write(watchEvent("MODIFIED", object(thing("b", "3"))));
    events.write(watchEvent("DELETED", object(thing("c", "4"))));
    events.write(watchEvent("BOOKMARK", object(thing("", "5"))));
    events.write(watchEvent("ERROR", status(410, "Expired", "too old", 0)));
    byte[] all = events.toByteArray();
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
  void watch_endsInsideAFrame_isNoEvent() throws IOException {
    byte[] event = watchEvent("ADDED", object(thing("a", "2")));
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
