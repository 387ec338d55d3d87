package dev.countersign.kube;

import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.proto.ProtoDecoder;
import dev.countersign.kube.proto.ProtoReading;
import java.io.IOException;
import java.io.InputStream;

/**
 * Watch events in protobuf: each a {@code meta/v1.WatchEvent} in a frame of its own, which holds an
 * object in its envelope.
 */
final class ProtoEvents<T> extends WatchEvents<T> {
  private final CodedInputStream in;
  private final ProtoDecoder<T> decoder;

  ProtoEvents(InputStream in, ProtoDecoder<T> decoder) {
    this.in = ProtoReading.reader(in);
    this.decoder = decoder;
  }

  @Override
  boolean atEnd() throws IOException {
    return in.isAtEnd();
  }

  @Override
  void read() throws IOException {
    ProtoReading.frame(
        in,
        field -> {
          switch (field) {
            case 1 -> typeIs(ProtoReading.string(in));
            case 2 ->
                ProtoReading.fieldsOfMessage(
                    in,
                    inner -> {
                      if (inner == 1) {
                        readObject();
                      }
                    });
            default -> {}
          }
        });
  }

  @Override
  T object() throws IOException {
    return object(decoder);
  }

  @Override
  ApiStatus status() throws IOException {
    return object(ApiStatus::decode);
  }

  @Override
  String resourceVersion() throws IOException {
    return object(ProtoEvents::resourceVersion);
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
