package dev.countersign.approver.lookup;

import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.json.JsonDecoder;
import java.util.function.Consumer;

/** A cluster that does not answer. */
public final class NoCluster implements ClusterSource {
  @Override
  public <T> ApiResult<T> get(String path, JsonDecoder<T> decoder) {
    return new ApiResult.Unreachable<>("no cluster");
  }

  @Override
  public <T> ApiResult<String> list(
      ListOptions query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
    return new ApiResult.Unreachable<>("no cluster");
  }
}
