package dev.countersign.approver.server;

import com.sun.net.httpserver.HttpExchange;
import dev.countersign.kube.ApiClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An API server that keeps objects by path: lists and watches them, and takes writes that name the
 * version they are based on. An object's text says {@code @V} where its version goes.
 */
public final class FakeCluster implements AutoCloseable {
  public static final String NODES = "/api/v1/nodes";
  public static final String SERVICES = "/api/v1/services";
  public static final String RANGES = "/apis/networking.k8s.io/v1/servicecidrs";
  public static final String ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  public static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

  private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
  private static final Pattern VERSION = Pattern.compile("\"resourceVersion\":\"([^\"]*)\",?");

  private record Event(long version, String line) {}

  private record Fault(String request, int status, String reason) {}

  private final LoopbackServer server;
  private final Map<String, Map<String, String>> collections = new HashMap<>();
  private final Map<String, List<Event>> events = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();
  private final Map<String, Fault> refused = new HashMap<>();
  private final List<String> unanswered = new ArrayList<>();
  private final Map<String, Runnable> hooks = new HashMap<>();
  private final Object lock = new Object();
  private Optional<String> access = Optional.empty();
  private long version = 1000;
  private boolean closed;

  /** An empty one, whose files are in a directory. */
  public FakeCluster(Path directory) {
    server = LoopbackServer.start(directory, false, this::answer);
  }

  /** What serves it. */
  public LoopbackServer server() {
    return server;
  }

  /** Waits until something is so; it takes as long as it takes, up to 20 seconds. */
  public static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 20 seconds: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Stores an object and tells those who watch. */
  public void put(String path, String name, String object) {
    synchronized (lock) {
      store(path, name, object);
    }
  }

  private String store(String path, String name, String object) {
    version++;
    String text = object.replace("@V", Long.toString(version)).replace("\n", " ");
    boolean known = of(path).put(name, text) != null;
    tell(path, known ? "MODIFIED" : "ADDED", text);
    return text;
  }

  private Map<String, String> of(String path) {
    return collections.computeIfAbsent(path, ignored -> new TreeMap<>());
  }

  private void tell(String path, String type, String text) {
    events
        .computeIfAbsent(path, ignored -> new ArrayList<>())
        .add(new Event(version, "{\"type\":\"" + type + "\",\"object\":" + text + "}\n"));
    lock.notifyAll();
  }

  /** Deletes an object and tells those who watch. */
  public void delete(String path, String name) {
    synchronized (lock) {
      String text = of(path).remove(name);
      version++;
      tell(
          path,
          "DELETED",
          VERSION
              .matcher(text)
              .replaceFirst("\"resourceVersion\":\"" + version + "\",")
              .replace(",}", "}"));
    }
  }

  /** Deletes an object and tells nobody: whoever watches has to list again, and is told so. */
  public void deleteUnseen(String path, String name) {
    synchronized (lock) {
      of(path).remove(name);
      version++;
      tell(
          path,
          "ERROR",
          "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}");
    }
  }

  /** The object of that name as it is stored. */
  public Optional<String> get(String path, String name) {
    synchronized (lock) {
      return Optional.ofNullable(of(path).get(name));
    }
  }

  /** The names of the objects of a collection. */
  public List<String> names(String path) {
    synchronized (lock) {
      return List.copyOf(of(path).keySet());
    }
  }

  /** From now on SubjectAccessReviews are answered, with yes; before, they are refused. */
  public void grantAccess() {
    synchronized (lock) {
      access = Optional.of("{\"status\":{\"allowed\":true}}");
    }
  }

  /** The next request that begins with this method and path is refused. */
  public void refuseNext(String request, int status, String reason) {
    synchronized (lock) {
      faults.add(new Fault(request, status, reason));
    }
  }

  /** From now on a collection is not listed; whoever watches it has to list it, and is told so. */
  public void refuse(String path, int status, String reason) {
    synchronized (lock) {
      refused.put(path, new Fault(path, status, reason));
      version++;
      tell(
          path,
          "ERROR",
          "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}");
    }
  }

  /** From now on a collection is listed. */
  public void serve(String path) {
    synchronized (lock) {
      refused.remove(path);
    }
  }

  /** The next request that begins with this method and path takes effect and gets no answer. */
  public void breakOffNext(String request) {
    synchronized (lock) {
      unanswered.add(request);
    }
  }

  /** Does something before the next request that begins with this method and path. */
  public void beforeNext(String request, Runnable what) {
    synchronized (lock) {
      hooks.put(request, what);
    }
  }

  /** The requests so far that begin with this method and path, in order. */
  public List<String> seen(String request) {
    return server.seen().stream().filter(one -> one.startsWith(request)).toList();
  }

  private void answer(HttpExchange exchange, String body) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
    if (query.contains("watch=true")) {
      Matcher from = Pattern.compile("resourceVersion=([0-9]+)").matcher(query);
      stream(exchange, path, from.find() ? Long.parseLong(from.group(1)) : 0);
      return;
    }
    int status = 200;
    String text;
    synchronized (lock) {
      String request = method + " " + path;
      for (String hooked : List.copyOf(hooks.keySet())) {
        if (request.startsWith(hooked)) {
          hooks.remove(hooked).run();
        }
      }
      Optional<Fault> fault =
          faults.stream().filter(one -> request.startsWith(one.request())).findFirst();
      fault = fault.or(() -> Optional.ofNullable(refused.get(path)));
      if (fault.isPresent()) {
        faults.remove(fault.get());
        status = fault.get().status();
        text = status(fault.get().reason());
      } else {
        Optional<String> done =
            switch (method) {
              case "GET" -> read(path, query);
              case "POST" -> create(path, body);
              default -> replace(path, body);
            };
        text = done.orElse("");
        if (text.startsWith("!")) {
          status = Integer.parseInt(text.substring(1, 4));
          text = status(text.substring(4));
        }
      }
    }
    if (isBrokenOff(method + " " + path)) {
      exchange.close();
    } else {
      LoopbackServer.reply(exchange, status, text);
    }
  }

  private boolean isBrokenOff(String request) {
    synchronized (lock) {
      return unanswered.stream()
          .filter(request::startsWith)
          .findFirst()
          .map(unanswered::remove)
          .orElse(false);
    }
  }

  private static String status(String reason) {
    return "{\"kind\":\"Status\",\"reason\":\"" + reason + "\",\"message\":\"no\"}";
  }

  private Optional<String> read(String path, String query) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    String parent = path.substring(0, path.lastIndexOf('/'));
    if (query.contains("limit=")) {
      return Optional.of(
          "{\"metadata\":{\"resourceVersion\":\""
              + version
              + "\"},\"items\":["
              + String.join(",", of(path).values())
              + "]}");
    }
    return Optional.of(of(parent).getOrDefault(name, "!404NotFound"));
  }

  private Optional<String> create(String path, String body) {
    if (path.equals(ACCESS_REVIEWS)) {
      return access.or(() -> Optional.of("!403Forbidden"));
    }
    Matcher name = NAME.matcher(body);
    if (!name.find()) {
      return Optional.of("!422Invalid");
    }
    if (of(path).containsKey(name.group(1))) {
      return Optional.of("!409AlreadyExists");
    }
    return Optional.of(
        store(
            path,
            name.group(1),
            body.replaceFirst("\"metadata\":\\{", "\"metadata\":{\"resourceVersion\":\"@V\",")));
  }

  /** An object, or its subresource {@code approval}, whose spec is kept. */
  private Optional<String> replace(String path, String body) {
    String whole = path.endsWith("/approval") ? path.substring(0, path.length() - 9) : path;
    String name = whole.substring(whole.lastIndexOf('/') + 1);
    String parent = whole.substring(0, whole.lastIndexOf('/'));
    String stored = of(parent).get(name);
    if (stored == null) {
      return Optional.of("!404NotFound");
    }
    Matcher sent = VERSION.matcher(body);
    Matcher current = VERSION.matcher(stored);
    if (!sent.find() || !current.find() || !sent.group(1).equals(current.group(1))) {
      return Optional.of("!409Conflict");
    }
    String next =
        whole.equals(path)
            ? sent.replaceFirst("\"resourceVersion\":\"@V\",")
            : current
                .replaceFirst("\"resourceVersion\":\"@V\",")
                .replaceFirst(
                    "\"status\":\\{.*}}$",
                    Matcher.quoteReplacement(body.substring(body.indexOf("\"status\":"))));
    return Optional.of(store(parent, name, next));
  }

  private void stream(HttpExchange exchange, String path, long from) throws IOException {
    boolean protobuf = LoopbackServer.wantsProtobuf(exchange);
    if (protobuf) {
      exchange.getResponseHeaders().set("Content-Type", ApiClient.PROTOBUF + ";stream=watch");
    }
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    long sent = from;
    while (true) {
      List<Event> next = new ArrayList<>();
      synchronized (lock) {
        long after = sent;
        events.getOrDefault(path, List.of()).stream()
            .filter(event -> event.version() > after)
            .forEach(next::add);
        if (closed) {
          return;
        }
        if (next.isEmpty()) {
          try {
            lock.wait(20_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
          }
        }
      }
      for (Event event : next) {
        out.write(
            protobuf
                ? ProtobufText.event(path, event.line())
                : event.line().getBytes(StandardCharsets.UTF_8));
        sent = event.version();
      }
      out.flush();
    }
  }

  /** A Node with a name that is also its Hostname, and these addresses. */
  public void node(String name, String uid, String... addresses) {
    nodeWith(name, uid, "", "", addresses);
  }

  /** A Node with labels, ranges for Pods, both as JSON, and InternalIP addresses. */
  public void nodeWith(
      String name, String uid, String labels, String podRanges, String... addresses) {
    StringBuilder all = new StringBuilder();
    for (String address : addresses) {
      all.append(",{\"type\":\"InternalIP\",\"address\":\"").append(address).append("\"}");
    }
    put(
        NODES,
        name,
        """
        {"metadata":{"name":"%s","uid":"%s","resourceVersion":"@V","labels":{%s},
         "creationTimestamp":"2026-11-22T00:00:00Z"},
         "spec":{"podCIDRs":[%s]},
         "status":{"addresses":[{"type":"Hostname","address":"%s"}%s],
         "conditions":[{"type":"Ready","status":"True"}],
         "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}}
        """
            .formatted(name, uid, labels, podRanges, name, all));
  }

  /** A Service in namespace {@code default}. */
  public void service(String name, String clusterAddress) {
    put(
        SERVICES,
        name,
        """
        {"metadata":{"name":"%s","namespace":"default","resourceVersion":"@V"},
         "spec":{"clusterIP":"%s","clusterIPs":["%s"]},"status":{"loadBalancer":{}}}
        """
            .formatted(name, clusterAddress, clusterAddress));
  }

  /** A ServiceCIDR. */
  public void serviceRange(String name, String range) {
    put(
        RANGES,
        name,
        "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"@V\"},\"spec\":{\"cidrs\":[\"%s\"]}}"
            .formatted(name, range));
  }

  /** An EndpointSlice of the API servers. */
  public void apiServer(String name, String address) {
    put(
        SLICES,
        name,
        ("{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"@V\"},"
                + "\"endpoints\":[{\"addresses\":[\"%s\"]}]}")
            .formatted(name, address));
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    server.close();
  }
}
