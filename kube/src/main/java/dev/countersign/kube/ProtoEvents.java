package dev.countersign.kube;

import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.WatchStream.Event;
import dev.countersign.kube.proto.ProtoDecoder;
import dev.countersign.kube.proto.ProtoReading;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Watch events in protobuf: each a {@code meta/v1.WatchEvent} in a frame of its own, which holds an
 * object in its envelope.
 */
final class ProtoEvents<T> implements WatchStream.Events<T> {
  private final CodedInputStream in;
  private final ProtoDecoder<T> decoder;

  ProtoEvents(InputStream in, ProtoDecoder<T> decoder) {
    this.in = ProtoReading.reader(in);
    this.decoder = decoder;
  }

  @Override
  public Optional<Event<T>> next() throws IOException {
    if (in.isAtEnd()) {
      return Optional.empty();
    }
    var fields =
        new Object() {
          String type = "";
          Optional<Event<T>> event = Optional.empty();
        };
    ProtoReading.frame(
        in,
        field -> {
          switch (field) {
            case 1 -> fields.type = ProtoReading.string(in);
            case 2 ->
                ProtoReading.fieldsOfMessage(
                    in,
                    inner -> {
                      if (inner == 1) {
                        fields.event = Optional.of(event(fields.type));
                      }
                    });
            default -> {}
          }
        });
    if (fields.event.isEmpty()) {
      throw new IOException("watch event: got no object; want one");
    }
    return fields.event;
  }

  private Event<T> event(String type) throws IOException {
    return switch (type) {
      case "ADDED" -> new Event.Added<>(object(decoder));
      case "MODIFIED" -> new Event.Modified<>(object(decoder));
      case "DELETED" -> new Event.Deleted<>(object(decoder));
      case "BOOKMARK" -> new Event.Bookmark<>(object(ProtoEvents::resourceVersion));
      case "ERROR" -> new Event.Failed<>(object(ApiStatus::decodeProtobuf));
      default -> throw new IOException("watch event: got a type that is not known");
    };
  }

  private <O> O object(ProtoDecoder<O> objects) throws IOException {
    return ProtoReading.message(in, raw -> ProtoReading.object(raw, objects));
  }

  private static String resourceVersion(CodedInputStream in) throws IOException {
    var fields =
        new Object() {
          String version = "";
        };
    ProtoReading.fields(
        in,
        field -> {
          if (field == 1) {
            ProtoReading.fieldsOfMessage(
                in,
                inner -> {
                  if (inner == 6) {
                    fields.version = ProtoReading.string(in);
                  }
                });
          }
        });
    return fields.version;
  }
}
