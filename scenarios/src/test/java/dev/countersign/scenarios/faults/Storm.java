package dev.countersign.scenarios.faults;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.Bytes;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.api.Tls;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Nodes, and storms of their requests; every eleventh request is hostile. A request that the API
 * server does not take is sent again until it does, as kubelets do.
 */
final class Storm implements AutoCloseable {
  private static final int NODES = 150;
  private static final int HOSTILE_EVERY = 11;
  private static final int AT_A_TIME = 16;
  private static final Duration LONGEST_SEND = Duration.ofMinutes(3);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String LABEL = "countersign.test/storm";

  private record Made(int node, String pem, List<String> usages) {}

  private final ApiConnection operator;
  private final URI server;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Made> honest = new ArrayList<>();
  private final List<Made> hostile = new ArrayList<>();
  private final Set<String> uncleaned = new LinkedHashSet<>();

  /** Registers the Nodes, and makes the namespace that replicas keep their records in. */
  Storm(ControlPlane plane) throws Exception {
    operator = plane.connect();
    server = plane.server();
    ClientConfig admin = operator.config();
    client =
        HttpClient.newBuilder()
            .sslContext(Tls.context(admin.authorities(), admin::identity))
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    ObjectNode namespace = JsonNodeFactory.instance.objectNode();
    namespace.putObject("metadata").put("name", Replica.NAMESPACE);
    Answer answer = operator.post("/api/v1/namespaces", namespace);
    if (answer.status() != 409) {
      answer.orThrow("making a namespace");
    }
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < NODES; i++) {
      registerNode(i);
      Bytes address = Bytes.copyOf(InetAddress.getByName(address(i)).getAddress());
      String pem =
          RequestSigner.kubeletServing(
                  node(i),
                  List.of(new SubjectAltName.Dns(node(i)), new SubjectAltName.Ip(address)),
                  KeyPair.generate(KeySpec.ECDSA_P256, random),
                  random)
              .toPem();
      honest.add(new Made(i, pem, CsrProbe.SERVING_USAGES));
    }
    for (int i = 0; i < NODES; i++) {
      hostile.addAll(hostile(i, (i + 1) % NODES));
    }
  }

  private static List<Made> hostile(int attacker, int victim) {
    CsrForge own =
        CsrForge.client(node(attacker)).withDns(node(attacker)).withIp(address(attacker));
    return List.of(
        switch (attacker % 5) {
          case 0 -> new Made(attacker, own.withIp(address(victim)).pem(), CsrProbe.SERVING_USAGES);
          case 1 ->
              new Made(
                  attacker, own.withDns("kubernetes.default.svc").pem(), CsrProbe.SERVING_USAGES);
          case 2 -> new Made(attacker, own.withDns(node(victim)).pem(), CsrProbe.SERVING_USAGES);
          case 3 ->
              new Made(attacker, own.withAuthorityConstraint().pem(), CsrProbe.SERVING_USAGES);
          default ->
              new Made(
                  attacker, own.pem(), List.of("digital signature", "server auth", "client auth"));
        });
  }

  private static String node(int number) {
    return "stormy-" + number;
  }

  private static String address(int number) {
    return "172.20." + number / 200 + "." + (1 + number % 200);
  }

  private void registerNode(int number) throws IOException, InterruptedException {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.putObject("metadata").put("name", node(number));
    var addresses = node.putObject("status").putArray("addresses");
    addresses.addObject().put("type", "InternalIP").put("address", address(number));
    addresses.addObject().put("type", "Hostname").put("address", node(number));
    Answer answer = operator.post("/api/v1/nodes", node);
    if (answer.status() != 409) {
      answer.orThrow("registering a Node");
    }
  }

  /** One storm. */
  final class Run {
    private final String name;
    private final int total;
    private final long started = System.nanoTime();
    private final AtomicInteger sent = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private Run(String name, int total) {
      this.name = name;
      this.total = total;
    }

    /** How many requests there are to be, hostile ones included. */
    int total() {
      return total;
    }

    /** How many the API server has taken. */
    int sent() {
      return sent.get();
    }

    /** Waits until the API server has taken so many. */
    void awaitSent(int many) throws InterruptedException {
      long until = System.nanoTime() + LONGEST_SEND.toNanos();
      while (sent.get() < many) {
        if (System.nanoTime() > until || !failures.isEmpty()) {
          throw new AssertionError(
              name + ": " + sent + " of " + many + " requests sent; " + failures);
        }
        Thread.sleep(20);
      }
    }

    /** Looks at all of its requests. */
    Verdicts verdicts() throws IOException, InterruptedException {
      return Verdicts.of(
          operator
              .get(REQUESTS + "?labelSelector=" + LABEL + "%3D" + name)
              .orThrow("listing requests"));
    }

    /**
     * Waits until all are sent and every honest one is approved, and looks all the while that
     * nothing is wrong.
     *
     * @return how long the storm took, from the first request
     */
    Duration awaitAllApproved(Duration patience) throws IOException, InterruptedException {
      long until = System.nanoTime() + patience.toNanos();
      awaitSent(total);
      while (true) {
        Verdicts now = verdicts();
        if (!now.wrong().isEmpty()) {
          throw new AssertionError(name + ": decided wrongly: " + now.wrong());
        }
        if (now.open() == 0) {
          if (now.approved() + now.hostile() != total || now.hostile() != hostileAmong(total)) {
            throw new AssertionError(name + ": requests are lost: " + now + " of " + total);
          }
          return Duration.ofNanos(System.nanoTime() - started);
        }
        if (System.nanoTime() > until) {
          throw new AssertionError(name + ": within " + patience + " only " + now + " of " + total);
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  private static int hostileAmong(int total) {
    return (total + HOSTILE_EVERY - 1) / HOSTILE_EVERY;
  }

  /** Begins to send, at so many a second; returns at once. */
  Run begin(String name, int total, int perSecond) {
    Run run = new Run(name, total);
    uncleaned.add(name);
    threads.execute(
        () -> {
          Semaphore permits = new Semaphore(AT_A_TIME);
          try {
            for (int i = 0; i < total; i++) {
              int number = i;
              long due = run.started + number * 1_000_000_000L / perSecond;
              Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
              permits.acquire();
              threads.execute(
                  () -> {
                    try {
                      send(run, number);
                    } finally {
                      permits.release();
                    }
                  });
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return run;
  }

  private void send(Run run, int number) {
    boolean isHostile = number % HOSTILE_EVERY == 0;
    Made made =
        isHostile
            ? hostile.get(number / HOSTILE_EVERY % hostile.size())
            : honest.get(number % honest.size());
    HttpRequest request = request(made, run.name, isHostile, number);
    long until = System.nanoTime() + LONGEST_SEND.toNanos();
    String last = "";
    while (System.nanoTime() < until) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        // Sent twice where the answer to the first was lost.
        if (status == 201 || status == 409) {
          run.sent.incrementAndGet();
          return;
        }
        last = "HTTP status " + status;
        if (status >= 400 && status < 500 && status != 429) {
          run.failures.add(last);
          return;
        }
      } catch (IOException e) {
        last = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    run.failures.add(last);
  }

  private HttpRequest request(Made made, String storm, boolean isHostile, int number) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    ObjectNode metadata = csr.putObject("metadata");
    metadata.put("name", (isHostile ? Verdicts.HOSTILE : "honest-") + storm + "-" + number);
    metadata.putObject("labels").put(LABEL, storm);
    ObjectNode spec = csr.putObject("spec");
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(made.pem().getBytes(StandardCharsets.US_ASCII)));
    made.usages().forEach(spec.putArray("usages")::add);
    return HttpRequest.newBuilder(URI.create(server + REQUESTS))
        .timeout(Duration.ofSeconds(10))
        .header("Content-Type", "application/json")
        .header("Impersonate-User", "system:node:" + node(made.node()))
        .header("Impersonate-Group", "system:nodes")
        .header("Impersonate-Group", "system:authenticated")
        .POST(HttpRequest.BodyPublishers.ofString(text(csr)))
        .build();
  }

  private static String text(ObjectNode object) {
    return object.toString();
  }

  /** Deletes the requests of a storm. */
  void clean(String name) throws IOException, InterruptedException {
    operator
        .delete(REQUESTS + "?labelSelector=" + LABEL + "%3D" + name)
        .orThrow("deleting requests");
    uncleaned.remove(name);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.shutdownNow();
    try {
      // One storm at a time: a slow server takes longer for all of them than one answer may take.
      for (String name : List.copyOf(uncleaned)) {
        clean(name);
      }
      for (int i = 0; i < NODES; i++) {
        operator.delete("/api/v1/nodes/" + node(i)).orThrow("deleting a Node");
      }
      // Other scenarios' operators have one approver's records of addresses, and no others.
      operator
          .delete("/api/v1/namespaces/" + Replica.NAMESPACE + "/configmaps")
          .orThrow("deleting records");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      operator.close();
    }
  }
}
