package dev.countersign.bench.approver;

import dev.countersign.common.Bytes;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A cluster with Nodes and requests, and approvers to set on them: what every benchmark does. */
final class Stage implements AutoCloseable {
  /** Requests that wait, all of whose names begin alike. */
  record Waiting(String prefix, List<Cluster.Created> requests) {}

  private final Cluster cluster;
  private final Approvals approvals;
  private final Path kubeconfig;
  private final Path directory;
  private final List<String> launcher;
  private final List<String> pems = new ArrayList<>();

  /** A stage in {@code cluster}; {@code directory} is for logs and the like. */
  Stage(Cluster cluster, Path kubeconfig, Path directory, List<String> launcher) {
    this.cluster = cluster;
    this.approvals = new Approvals(cluster.client());
    this.kubeconfig = kubeconfig;
    this.directory = directory;
    this.launcher = launcher;
  }

  Cluster cluster() {
    return cluster;
  }

  Approvals approvals() {
    return approvals;
  }

  ApproverProcess approver(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of("approver", "--kubeconfig", kubeconfig.toString()));
    command.addAll(arguments);
    return program(command);
  }

  /** Any approver, which finds the cluster by {@code $KUBECONFIG}. */
  ApproverProcess program(List<String> command) throws IOException {
    return ApproverProcess.start(command, kubeconfig, directory.resolve("approver.log"));
  }

  /** Nodes, and a request for each, signed in advance. */
  void prepare(int count, int nodeBytes) throws InterruptedException {
    int before = pems.size();
    prepareRequests(count);
    Cluster.inParallel(count - before, at -> cluster.createNode(before + at, nodeBytes));
  }

  /** A request for each Node, signed in advance; without the Nodes themselves. */
  void prepareRequests(int count) throws InterruptedException {
    SecureRandom random = new SecureRandom();
    int before = pems.size();
    for (int i = before; i < count; i++) {
      pems.add("");
    }
    Cluster.inParallel(
        count - before,
        at -> {
          int i = before + at;
          try {
            byte[] address = InetAddress.getByName(Cluster.address(i)).getAddress();
            pems.set(
                i,
                RequestSigner.kubeletServing(
                        Cluster.node(i),
                        List.of(
                            new SubjectAltName.Dns(Cluster.node(i)),
                            new SubjectAltName.Ip(Bytes.copyOf(address))),
                        KeyPair.generate(KeySpec.ECDSA_P256, random),
                        random)
                    .toPem());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Creates requests, when all is quiet. */
  Waiting create(String prefix, int many) throws InterruptedException {
    approvals.awaitSigned();
    List<Cluster.Created> created = Collections.synchronizedList(new ArrayList<>());
    Cluster.inParallel(many, i -> created.add(createOne(prefix + "-" + i, i)));
    return new Waiting(prefix, created);
  }

  Cluster.Created createOne(String name, int node) {
    try {
      return cluster.createRequest(name, node, pems.get(node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has one Node send so many requests, called {@code prefix-0} and so on, one after another. */
  void flood(String prefix, int many, int node) {
    for (int i = 0; i < many; i++) {
      createOne(prefix + "-" + i, node);
    }
  }

  /** How long a running approver takes that finds all of them waiting. */
  Duration waiting(ApproverProcess approver, String prefix, int many)
      throws IOException, InterruptedException {
    approver.signal("STOP");
    return goOn(approver, create(prefix, many));
  }

  /** How long a stopped approver that goes on now takes for all that wait. */
  Duration goOn(ApproverProcess approver, Waiting waiting)
      throws IOException, InterruptedException {
    long started = System.nanoTime();
    approver.signal("CONT");
    return untilApproved(waiting, started);
  }

  /** The time until all that wait are approved; {@code started} by {@link System#nanoTime}. */
  Duration untilApproved(Waiting waiting, long started) throws InterruptedException {
    return Duration.ofNanos(approvals.await(waiting.prefix(), waiting.requests().size()) - started);
  }

  /** One that has been there for some seconds, has decided on one request, and rests. */
  ApproverProcess running(String prefix, List<String> arguments)
      throws IOException, InterruptedException {
    ApproverProcess approver = approver(arguments);
    createOne(prefix + "-0", 0);
    approvals.await(prefix, 1);
    Thread.sleep(5000);
    approver.awaitIdle();
    return approver;
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  @Override
  public void close() {
    approvals.close();
  }
}
