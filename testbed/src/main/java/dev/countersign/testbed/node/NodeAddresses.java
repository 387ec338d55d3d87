package dev.countersign.testbed.node;

import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.cluster.LoopbackAllocator;
import dev.countersign.testbed.process.ProcessIdentity;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The addresses of one control plane's nodes on this machine, each a /32 on the loopback device
 * with a label that names the control plane; IPv6, which has no labels, a /128 with its prefix.
 *
 * <p>They are removed by the supervisor when it ends. Where that was killed they are stale, and the
 * next start removes them: a file in {@code /run/countersign} says whose they were. Thread-safe.
 */
public final class NodeAddresses {
  private static final Path REGISTRY = Path.of("/run/countersign");
  private static final int FIRST = 2;
  private static final int LAST = 254;
  private static final Path NO_IPV6 = Path.of("/proc/sys/net/ipv6/conf/lo/disable_ipv6");
  private static final Pattern IPV6 = Pattern.compile("inet6 ((\\S+::)\\S+)");
  private static final Pattern LABELLED = Pattern.compile("inet (\\S+) .*\\blo:cs([0-9a-f]{8})\\b");

  private final LoopbackAllocator placement;
  private final Supervisor supervisor;
  private int next = FIRST;
  private boolean registered;

  /** Gives out the addresses of a placement. */
  public NodeAddresses(LoopbackAllocator placement, Supervisor supervisor) {
    this.placement = placement;
    this.supervisor = supervisor;
  }

  /** Why nodes can't have addresses of their own here; empty where they can. */
  public static Optional<String> unavailable() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of(
          "not root: a node needs an address that is not loopback, and only root may add one; run"
              + " the same with sudo");
    }
    if (!Files.isExecutable(Path.of("/usr/sbin/ip"))
        && !Files.isExecutable(Path.of("/sbin/ip"))
        && !Files.isExecutable(Path.of("/usr/bin/ip"))) {
      return Optional.of("no ip command; install iproute2");
    }
    return Optional.empty();
  }

  /** Why nodes can't have IPv6 addresses of their own here; empty where they can. */
  public static Optional<String> ipv6Unavailable() {
    try {
      return Files.exists(NO_IPV6) && Files.readString(NO_IPV6).strip().equals("0")
          ? unavailable()
          : Optional.of("no IPv6 on the loopback device of this machine (" + NO_IPV6 + ")");
    } catch (IOException e) {
      return Optional.of(NO_IPV6 + ": it can't be read (" + e.getMessage() + ")");
    }
  }

  /** Adds the IPv6 address of the node that has this IPv4 address. */
  public synchronized String claimIpv6For(String address)
      throws ControlPlaneFailure, InterruptedException {
    Optional<String> why = ipv6Unavailable();
    if (why.isPresent()) {
      throw new ControlPlaneFailure(why.get());
    }
    int number = Integer.parseInt(address.substring(address.lastIndexOf('.') + 1));
    String ipv6 = placement.nodeIpv6Address(number);
    supervisor.atEnd(List.of("ip", "address", "delete", ipv6 + "/128", "dev", "lo"));
    added(run("ip", "address", "add", ipv6 + "/128", "dev", "lo", "nodad"), ipv6);
    return ipv6;
  }

  /** Adds the next address; every call gives another. */
  public synchronized String claim() throws ControlPlaneFailure, InterruptedException {
    if (next > LAST) {
      throw new ControlPlaneFailure(
          "node addresses: got %d in use; want at most that many nodes on one control plane"
              .formatted(LAST - FIRST + 1));
    }
    String address = placement.nodeAddress(next);
    add(address);
    next++;
    return address;
  }

  /**
   * Adds a loopback address of the placement, though the machine has it already: what connects to
   * it then comes from it, too, and not from 127.0.0.1. etcd servers look at where their peers come
   * from.
   *
   * @param number from 1
   */
  public synchronized void addLoopback(int number)
      throws ControlPlaneFailure, InterruptedException {
    add(placement.loopback(number));
  }

  private void add(String address) throws ControlPlaneFailure, InterruptedException {
    Optional<String> why = unavailable();
    if (why.isPresent()) {
      throw new ControlPlaneFailure(why.get());
    }
    if (!registered) {
      register();
      registered = true;
    }
    supervisor.atEnd(List.of("ip", "address", "delete", address + "/32", "dev", "lo"));
    added(
        run(
            "ip",
            "address",
            "add",
            address + "/32",
            "dev",
            "lo",
            "label",
            "lo:cs" + placement.id()),
        address);
  }

  private static void added(ApiResult outcome, String address) throws ControlPlaneFailure {
    if (outcome.status() != 0) {
      throw new ControlPlaneFailure(
          "ip address add %s dev lo: %s; want the right to do so (CAP_NET_ADMIN)"
              .formatted(address, outcome.output().strip()));
    }
  }

  private void register() throws ControlPlaneFailure {
    try {
      Files.createDirectories(REGISTRY);
      ProcessIdentity owner = supervisor.identity();
      Path entry = REGISTRY.resolve(placement.id());
      Files.writeString(
          entry, owner.pid() + " " + owner.startTicks() + " " + owner.bootId() + "\n");
      supervisor.atEnd(List.of("rm", "-f", entry.toString()));
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: it can't be written (%s); want to note there whose the node addresses are"
              .formatted(REGISTRY, e.getMessage()),
          e);
    }
  }

  /** Removes addresses whose control plane has ended without removing them. */
  public static void removeStale() throws ControlPlaneFailure, InterruptedException {
    if (unavailable().isPresent() || !Files.isDirectory(REGISTRY)) {
      return;
    }
    List<String> dead = new ArrayList<>();
    try (Stream<Path> entries = Files.list(REGISTRY)) {
      for (Path entry : entries.toList()) {
        String id = String.valueOf(entry.getFileName());
        if (id.matches("[0-9a-f]{8}")
            && !ownerOf(entry).map(ProcessIdentity::isAlive).orElse(false)) {
          dead.add(id);
        }
      }
      if (dead.isEmpty()) {
        return;
      }
      Matcher labelled =
          LABELLED.matcher(run("ip", "-4", "-o", "address", "show", "dev", "lo").output());
      while (labelled.find()) {
        if (dead.contains(labelled.group(2))) {
          run("ip", "address", "delete", labelled.group(1), "dev", "lo");
        }
      }
      List<String> prefixes = dead.stream().map(LoopbackAllocator::ipv6Prefix).toList();
      Matcher ipv6 = IPV6.matcher(run("ip", "-6", "-o", "address", "show", "dev", "lo").output());
      while (ipv6.find()) {
        if (prefixes.contains(ipv6.group(2))) {
          run("ip", "address", "delete", ipv6.group(1), "dev", "lo");
        }
      }
      for (String id : dead) {
        Files.deleteIfExists(REGISTRY.resolve(id));
      }
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          "%s: it can't be read (%s)".formatted(REGISTRY, e.getMessage()), e);
    }
  }

  private static Optional<ProcessIdentity> ownerOf(Path entry) throws IOException {
    String[] words = Files.readString(entry).strip().split(" ", -1);
    return words.length == 3 && words[0].matches("[0-9]+") && words[1].matches("[0-9]+")
        ? Optional.of(
            new ProcessIdentity(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]))
        : Optional.empty();
  }

  private record ApiResult(int status, String output) {}

  private static ApiResult run(String... command) throws ControlPlaneFailure, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new ApiResult(-1, "no end within 20 s");
      }
      return new ApiResult(process.exitValue(), output);
    } catch (IOException e) {
      throw new ControlPlaneFailure(
          command[0] + ": it can't be run; install iproute2 (Debian: apt-get install iproute2)", e);
    }
  }
}
