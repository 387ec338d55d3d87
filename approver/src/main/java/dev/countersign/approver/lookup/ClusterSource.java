package dev.countersign.approver.lookup;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.json.JsonDecoder;
import java.util.function.Consumer;

/** The cluster whose objects hold inventories, read with somebody's rights. */
public interface ClusterSource {
  /** Reads one object. */
  <T> ApiResult<T> get(String path, JsonDecoder<T> decoder);

  /** Reads every object of a collection and hands each to {@code sink}. */
  <T> ApiResult<String> list(ListOptions query, JsonDecoder<T> decoder, Consumer<? super T> sink);

  /** The cluster of a client. */
  static ClusterSource of(ApiClient client) {
    return new ClusterSource() {
      @Override
      public <T> ApiResult<T> get(String path, JsonDecoder<T> decoder) {
        return client.get(path, decoder);
      }

      @Override
      public <T> ApiResult<String> list(
          ListOptions query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
        return client.list(query, ObjectDecoder.ofJson(decoder), sink);
      }
    };
  }
}
