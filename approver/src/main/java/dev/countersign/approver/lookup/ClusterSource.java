package dev.countersign.approver.lookup;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonDecoder;
import java.util.function.Consumer;

/** The cluster whose objects hold inventories, read with somebody's rights. */
public interface ClusterSource {
  /** Reads one object. */
  <T> Outcome<T> get(String path, JsonDecoder<T> decoder);

  /** Reads every object of a collection and hands each to {@code sink}. */
  <T> Outcome<String> list(ListQuery query, JsonDecoder<T> decoder, Consumer<? super T> sink);

  /** The cluster of a client. */
  static ClusterSource of(ApiClient client) {
    return new ClusterSource() {
      @Override
      public <T> Outcome<T> get(String path, JsonDecoder<T> decoder) {
        return client.get(path, decoder);
      }

      @Override
      public <T> Outcome<String> list(
          ListQuery query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
        return client.list(query, ObjectDecoder.ofJson(decoder), sink);
      }
    };
  }
}
