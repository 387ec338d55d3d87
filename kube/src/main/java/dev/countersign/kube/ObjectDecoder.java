package dev.countersign.kube;

import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.proto.ProtoDecoder;
import java.util.Optional;

/**
 * How objects of a kind are read, in each form that we understand. An API server is asked for
 * protobuf where that is one of them, and may answer in JSON all the same.
 *
 * @param json reads the form that every server has
 * @param protobuf reads the form that costs less, where it is worth having
 */
public record ObjectDecoder<T>(JsonDecoder<T> json, Optional<ProtoDecoder<T>> protobuf) {
  /** Of objects that are read as JSON only. */
  public static <T> ObjectDecoder<T> ofJson(JsonDecoder<T> json) {
    return new ObjectDecoder<>(json, Optional.empty());
  }

  /** Of objects that are read in both forms. */
  public static <T> ObjectDecoder<T> of(JsonDecoder<T> json, ProtoDecoder<T> protobuf) {
    return new ObjectDecoder<>(json, Optional.of(protobuf));
  }

  /** What to accept. */
  String accept() {
    return protobuf.isPresent() ? ApiClient.PROTOBUF + "," + ApiClient.JSON : ApiClient.JSON;
  }
}
