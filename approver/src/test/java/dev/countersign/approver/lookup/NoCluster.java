package dev.countersign.approver.lookup;

import dev.countersign.kube.ListQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonDecoder;
import java.util.function.Consumer;

/** A cluster that does not answer. */
final class NoCluster implements ClusterSource {
  @Override
  public <T> Outcome<T> get(String path, JsonDecoder<T> decoder) {
    return new Outcome.Unreachable<>("no cluster");
  }

  @Override
  public <T> Outcome<String> list(
      ListQuery query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
    return new Outcome.Unreachable<>("no cluster");
  }
}
