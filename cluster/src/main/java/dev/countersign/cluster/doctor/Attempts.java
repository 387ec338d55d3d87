package dev.countersign.cluster.doctor;

import dev.countersign.cluster.connect.ApiFailure;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes calls to the API server that may not succeed, and remembers those that did not. */
final class Attempts {
  private final List<String> failures = new ArrayList<>();
  private boolean complete = true;

  /** Reads what a diagnosis can do without; empty where it is not there or can't be read. */
  <T> Optional<T> optional(String what, Supplier<@Nullable T> call) {
    try {
      return Optional.ofNullable(call.get());
    } catch (KubernetesClientException e) {
      note(what + ": " + ApiFailure.explain(e));
      return Optional.empty();
    }
  }

  /** Lists what a diagnosis rests on. */
  <T> List<T> essential(String what, Supplier<@Nullable List<T>> call) {
    Optional<List<T>> list = optional(what, call);
    complete &= list.isPresent();
    return list.orElse(List.of());
  }

  /** Remembers something else that could not be looked at. */
  void note(String failure) {
    failures.add(failure);
  }

  /** What could not be looked at, and why. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Whether all that a diagnosis rests on was read. */
  boolean areComplete() {
    return complete;
  }
}
