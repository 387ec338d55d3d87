package dev.countersign.approver.rehearsal;

import dev.countersign.approver.rehearsal.PretendedObjects.State;
import dev.countersign.kube.ApiClient;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * As much of an API server as an approver needs to decide on honest requests: Nodes, requests that
 * come by the watch, the word that they are approved and signed. It keeps nothing of what is
 * written. Thread-safe.
 */
public final class PretendedApi {
  /** Takes the events of a watch. */
  @FunctionalInterface
  public interface Watcher {
    /** Takes one; it is called by one thread at a time. */
    void event(byte[] event);
  }

  /**
   * An answer with status 200.
   *
   * @param type the media type
   */
  public record Answer(String type, Bytes body) {}

  private static final String REQUESTS = "/certificatesigningrequests";
  private static final String NODES = "/nodes";
  private static final String APPROVAL = "/approval";
  private static final String REVIEWS = "/subjectaccessreviews";
  private static final String PROTOBUF_WATCH = ApiClient.PROTOBUF + ";stream=watch";

  private static final Pattern SINCE = Pattern.compile("[?&]resourceVersion=([0-9]{1,18})(&|$)");

  /** What came to be with a version of the collection. */
  private record Request(String name, int node, String pem, long since) {}

  private final int nodes;
  private final Consumer<String> writes;
  private final SecureRandom random = new SecureRandom();
  private final KeyPair pair = KeyPair.generate(KeySpec.ECDSA_P256, random);
  private final Map<String, Request> requests = new ConcurrentHashMap<>();
  private final List<Watcher> watchers = new ArrayList<>();
  private final Semaphore verdicts = new Semaphore(0);
  private long version = 1;
  private int made;

  /** One with so many Nodes, up to 65,536, and without requests. */
  public PretendedApi(int nodes) {
    this(nodes, target -> {});
  }

  /**
   * The same, which tells of each write.
   *
   * @param writes called with the target
   */
  public PretendedApi(int nodes, Consumer<String> writes) {
    this.nodes = nodes;
    this.writes = writes;
  }

  /** Makes so many requests, each of the next Node. */
  public void ask(int many) {
    for (int i = 0; i < many; i++) {
      askOne();
    }
  }

  private synchronized void askOne() {
    int node = made % nodes;
    String pem = PretendedObjects.signedBy(node, pair, random);
    Request request = new Request("csr-" + made++, node, pem, version + 1);
    requests.put(request.name, request);
    tell("ADDED", request, State.PENDING);
  }

  /**
   * Waits until so many more requests are approved.
   *
   * @return whether that happened within {@code patience}
   */
  public boolean awaitVerdicts(int many, Duration patience) throws InterruptedException {
    return verdicts.tryAcquire(many, patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether a request is for a watch: then {@link #watch} answers it. */
  public static boolean isWatch(String target) {
    return target.contains("watch=true");
  }

  /** The media type of a watch's events. */
  public static String watchType(String target) {
    String path = path(target);
    return path.endsWith(REQUESTS) || path.endsWith(NODES) ? PROTOBUF_WATCH : ApiClient.JSON;
  }

  /** Hands the events of a watch to a watcher, those since the version it asks for first. */
  public synchronized void watch(String target, Watcher watcher) {
    if (!path(target).endsWith(REQUESTS)) {
      return;
    }
    Matcher matcher = SINCE.matcher(target);
    long since = matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    for (Request request : requests.values()) {
      if (request.since > since) {
        watcher.event(event("ADDED", request, State.PENDING));
      }
    }
    watchers.add(watcher);
  }

  /** Answers a request that is for no watch. */
  public Answer answer(String method, String target, byte[] body) {
    String path = path(target);
    if (!method.equals("GET")) {
      writes.accept(target);
      return written(path, body);
    }
    if (path.endsWith(NODES)) {
      List<byte[]> items = IntStream.range(0, nodes).mapToObj(PretendedObjects::node).toList();
      return protobuf(PretendedObjects.list(1, items));
    }
    if (path.endsWith(REQUESTS)) {
      return protobuf(waiting());
    }
    return json("{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}");
  }

  private static String path(String target) {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  private static Answer json(String text) {
    return new Answer(ApiClient.JSON, Bytes.copyOf(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Answer protobuf(byte[] object) {
    return new Answer(ApiClient.PROTOBUF, Bytes.copyOf(object));
  }

  /** As if it had been kept: with a version, where it is JSON; a review is answered with yes. */
  private Answer written(String path, byte[] body) {
    if (path.endsWith(REVIEWS)) {
      return protobuf(PretendedObjects.allowed());
    }
    if (path.endsWith(APPROVAL)) {
      approved(path);
      return protobuf(body);
    }
    String text = new String(body, StandardCharsets.UTF_8);
    return json(text.replaceFirst("\"metadata\":\\{", "\"metadata\":{\"resourceVersion\":\"2\","));
  }

  private synchronized byte[] waiting() {
    List<byte[]> items = new ArrayList<>();
    requests.forEach(
        (name, request) ->
            items.add(
                PretendedObjects.request(name, request.node, request.pem, version, State.PENDING)));
    return PretendedObjects.list(version, items);
  }

  private void approved(String path) {
    String object = path.substring(0, path.length() - APPROVAL.length());
    Request request = requests.remove(object.substring(object.lastIndexOf('/') + 1));
    if (request != null) {
      tell("MODIFIED", request, State.APPROVED);
      tell("MODIFIED", request, State.SIGNED);
      verdicts.release();
    }
  }

  private synchronized void tell(String type, Request request, State state) {
    version++;
    byte[] event = event(type, request, state);
    watchers.forEach(watcher -> watcher.event(event));
  }

  private byte[] event(String type, Request request, State state) {
    return PretendedObjects.event(
        type, PretendedObjects.request(request.name, request.node, request.pem, version, state));
  }
}
