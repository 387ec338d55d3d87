package dev.countersign.cluster.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Empties a node: cordons it and evicts its pods through the eviction API, so that
 * PodDisruptionBudgets hold; what a budget forbids for now is tried again until the time is up.
 */
public final class Drain {
  private static final Duration BUDGET_PAUSE = Duration.ofSeconds(5);
  private static final Duration GONE_PAUSE = Duration.ofSeconds(1);
  private static final int PARALLEL = 16;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final InstantSource clock;
  private final Consumer<String> progress;

  /**
   * A drain.
   *
   * @param progress gets one line for each step; called by several threads
   */
  public Drain(KubernetesClient client, InstantSource clock, Consumer<String> progress) {
    this.client = Objects.requireNonNull(client, "client");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.progress = Objects.requireNonNull(progress, "progress");
  }

  /** What came of it. */
  public sealed interface Result {
    /** Nothing that could be evicted is left. */
    record Drained(int evicted, List<String> staying) implements Result {
      public Drained {
        staying = List.copyOf(staying);
      }
    }

    /** Nothing was evicted, for these pods need a decision; the node is cordoned. */
    record Blocked(List<String> pods) implements Result {
      public Blocked {
        pods = List.copyOf(pods);
      }
    }

    /** Some pods could not be evicted, or not in time; the node is cordoned. */
    record Incomplete(List<String> problems) implements Result {
      public Incomplete {
        problems = List.copyOf(problems);
      }
    }

    /** There is no such Node. */
    record NoSuchNode(String name) implements Result {}
  }

  /** Marks a node as unschedulable, or takes the mark away; returns whether there is one. */
  public boolean cordon(String node, boolean unschedulable) {
    if (client.nodes().withName(node).get() == null) {
      return false;
    }
    client
        .nodes()
        .withName(node)
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            "{\"spec\":{\"unschedulable\":" + unschedulable + "}}");
    return true;
  }

  /** Whether a Node is marked as unschedulable. */
  public boolean isCordoned(String name) {
    Node node = client.nodes().withName(name).get();
    return node != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
  }

  /** The names among these of which there is no Node. */
  public List<String> missing(List<String> names) {
    return names.stream().filter(name -> client.nodes().withName(name).get() == null).toList();
  }

  /**
   * Has the API server read the selector of pods.
   *
   * @return what it says where it is none
   */
  public Optional<String> problemOfSelector(DrainOptions options) {
    if (options.podSelector().isEmpty()) {
      return Optional.empty();
    }
    try {
      client
          .pods()
          .inAnyNamespace()
          .withLabelSelector(options.podSelector().get())
          .list(new ListOptionsBuilder().withLimit(1L).build());
      return Optional.empty();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 400) {
        throw e;
      }
      return Optional.of(message(e));
    }
  }

  /** What {@link #drain} would come to, as far as that can be told without changing anything. */
  public Result plan(String name, DrainOptions options) {
    if (client.nodes().withName(name).get() == null) {
      return new Result.NoSuchNode(name);
    }
    progress.accept("node " + name + " cordoned");
    DrainFilter sorting = DrainFilter.of(pods(name, options), options, this::daemonSetExists);
    if (!sorting.blocked().isEmpty()) {
      return new Result.Blocked(sorting.blocked());
    }
    sorting.evict().forEach(pod -> progress.accept(started(pod, options)));
    return new Result.Drained(sorting.evict().size(), sorting.staying());
  }

  /** Drains; blocks until it is done or the time is up. */
  public Result drain(String name, DrainOptions options) {
    Node node = client.nodes().withName(name).get();
    if (node == null) {
      return new Result.NoSuchNode(name);
    }
    Optional<Instant> deadline = options.timeout().map(limit -> clock.instant().plus(limit));
    cordon(name, true);
    progress.accept("node " + name + " cordoned");
    DrainFilter sorting = DrainFilter.of(pods(name, options), options, this::daemonSetExists);
    if (!sorting.blocked().isEmpty()) {
      return new Result.Blocked(sorting.blocked());
    }
    Queue<String> problems = new ConcurrentLinkedQueue<>();
    try (ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.clamp(sorting.evict().size(), 1, PARALLEL), Thread.ofVirtual().factory())) {
      for (Pod pod : sorting.evict()) {
        executor.execute(
            () -> {
              try {
                remove(pod, options, deadline).ifPresent(problems::add);
              } catch (KubernetesClientException e) {
                problems.add(key(pod) + ": " + e.getCode() + " " + message(e));
              }
            });
      }
    }
    return problems.isEmpty()
        ? new Result.Drained(sorting.evict().size(), sorting.staying())
        : new Result.Incomplete(problems.stream().sorted().toList());
  }

  private List<Pod> pods(String node, DrainOptions options) {
    var all = client.pods().inAnyNamespace().withField("spec.nodeName", node);
    return new ArrayList<>(
        options
            .podSelector()
            .map(selector -> all.withLabelSelector(selector).list())
            .orElseGet(all::list)
            .getItems());
  }

  private boolean daemonSetExists(String key) {
    int slash = key.indexOf('/');
    return client
            .apps()
            .daemonSets()
            .inNamespace(key.substring(0, slash))
            .withName(key.substring(slash + 1))
            .get()
        != null;
  }

  /** Evicts one pod and waits until it is gone; returns what went wrong. */
  private Optional<String> remove(Pod pod, DrainOptions options, Optional<Instant> deadline) {
    boolean waitingForBudget = false;
    while (true) {
      try {
        if (options.disableEviction()) {
          delete(pod, options);
        } else {
          evict(pod, options);
        }
        break;
      } catch (KubernetesClientException e) {
        if (e.getCode() == 404) {
          return Optional.empty();
        }
        if (e.getCode() != 429) {
          throw e;
        }
        if (!waitingForBudget) {
          waitingForBudget = true;
          progress.accept("pod " + key(pod) + " waits: " + message(e));
        }
        if (!pause(BUDGET_PAUSE, deadline)) {
          return Optional.of(key(pod) + ": not evicted in time: " + message(e));
        }
      }
    }
    progress.accept(started(pod, options));
    while (true) {
      Pod now =
          client
              .pods()
              .inNamespace(pod.getMetadata().getNamespace())
              .withName(pod.getMetadata().getName())
              .get();
      if (now == null || !now.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
        progress.accept("pod " + key(pod) + " gone");
        return Optional.empty();
      }
      if (!pause(GONE_PAUSE, deadline)) {
        return Optional.of(key(pod) + ": evicted, but not gone in time");
      }
    }
  }

  private void evict(Pod pod, DrainOptions options) {
    ObjectNode eviction = JSON.createObjectNode();
    eviction.put("apiVersion", "policy/v1").put("kind", "Eviction");
    eviction
        .putObject("metadata")
        .put("name", pod.getMetadata().getName())
        .put("namespace", pod.getMetadata().getNamespace());
    ObjectNode delete = eviction.putObject("deleteOptions");
    delete.putObject("preconditions").put("uid", pod.getMetadata().getUid());
    options.gracePeriod().ifPresent(g -> delete.put("gracePeriodSeconds", g.toSeconds()));
    client.raw(
        "/api/v1/namespaces/"
            + pod.getMetadata().getNamespace()
            + "/pods/"
            + pod.getMetadata().getName()
            + "/eviction",
        "POST",
        eviction);
  }

  private void delete(Pod pod, DrainOptions options) {
    var target =
        client
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName());
    if (options.gracePeriod().isPresent()) {
      target.withGracePeriod(options.gracePeriod().get().toSeconds()).delete();
    } else {
      target.delete();
    }
  }

  /** Waits, but not past the deadline; returns whether there is time left. */
  private boolean pause(Duration pause, Optional<Instant> deadline) {
    Duration left = deadline.map(end -> Duration.between(clock.instant(), end)).orElse(pause);
    if (!left.isPositive()) {
      return false;
    }
    try {
      Thread.sleep(left.compareTo(pause) < 0 ? left : pause);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String started(Pod pod, DrainOptions options) {
    return "pod " + key(pod) + (options.disableEviction() ? " deleting" : " evicting");
  }

  private static String key(Pod pod) {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  private static String message(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }
}
