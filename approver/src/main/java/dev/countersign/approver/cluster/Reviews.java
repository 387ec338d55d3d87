package dev.countersign.approver.cluster;

import com.google.protobuf.MessageLite;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.policy.fact.Fact;

/** Asks the API server by objects that are answered and not kept, such as TokenReview. */
final class Reviews {
  private Reviews() {}

  /** Returns the server's answer; unknown when it does not give one. */
  static <T> Fact<T> ask(
      ApiClient client,
      String target,
      String apiVersion,
      String kind,
      MessageLite review,
      ObjectDecoder<T> answer) {
    return switch (client.review(target, Envelope.write(apiVersion, kind, review), answer)) {
      case ApiResult.Done<T>(T value) -> Fact.known(value);
      case ApiResult.Refused<T>(ApiStatus status) -> Fact.unknown(kind + ": " + status);
      case ApiResult.Unreachable<T>(String why) -> Fact.unknown(kind + ": " + why);
    };
  }
}
