package dev.countersign.cli.csr;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** The cluster, read with the rights of whoever runs the command. */
final class OperatorSource implements ClusterSource {
  private final ClusterAccess cluster;

  OperatorSource(ClusterAccess cluster) {
    this.cluster = cluster;
  }

  @Override
  public <T> Outcome<T> get(String path, JsonDecoder<T> decoder) {
    try {
      String text = cluster.client().raw(path, "GET", null);
      return text == null
          ? new Outcome.Unreachable<>(path + ": no answer")
          : new Outcome.Done<>(
              JsonReading.one(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), decoder));
    } catch (KubernetesClientException e) {
      return e.getCode() == 0
          ? new Outcome.Unreachable<>(path + ": no answer")
          : new Outcome.Refused<>(status(path, e.getCode()));
    } catch (IOException e) {
      return new Outcome.Unreachable<>(path + ": an answer that cannot be read");
    }
  }

  private static ApiStatus status(String path, int code) {
    StatusReason reason =
        switch (code) {
          case 401 -> StatusReason.UNAUTHORIZED;
          case 403 -> StatusReason.FORBIDDEN;
          case 404 -> StatusReason.NOT_FOUND;
          default -> StatusReason.OTHER;
        };
    return new ApiStatus(code, reason, path, Optional.empty());
  }

  @Override
  public <T> Outcome<String> list(
      ListQuery query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
    return get(query.selection().target(), parser -> items(parser, decoder, sink));
  }

  private static <T> String items(
      JsonParser parser, JsonDecoder<T> decoder, Consumer<? super T> sink) throws IOException {
    JsonReading.object(
        parser,
        field -> {
          if (field.equals("items")) {
            JsonReading.array(parser, () -> sink.accept(decoder.decode(parser)));
          }
        });
    return "";
  }
}
