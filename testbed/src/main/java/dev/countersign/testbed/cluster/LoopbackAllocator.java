package dev.countersign.testbed.cluster;

import dev.countersign.common.Bytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Objects;

/**
 * Where one control plane lives: a loopback address of its own, so that several run side by side on
 * the usual ports, and a range of addresses for its nodes.
 *
 * <p>Loopback is 127.0.0.0/8 on Linux, all of it local without any set-up. Nodes need addresses
 * that are not loopback, as Kubernetes refuses those; theirs are from 198.18.0.0/15, which RFC 2544
 * keeps out of every real network.
 *
 * @param id names what belongs to this control plane outside of its directory: 8 hexadecimal digits
 * @param second the second octet of the loopback address
 * @param third the third octet of both
 */
public record LoopbackAllocator(String id, int second, int third) {
  /** Null-checks. */
  public LoopbackAllocator {
    Objects.requireNonNull(id);
  }

  /** The placement to try; each attempt gives another. It depends on the directory alone. */
  public static LoopbackAllocator of(Path directory, int attempt) {
    Bytes digest = Bytes.ofUtf8(directory + "\n" + attempt).sha256();
    // 127.0.0.0/12 is where other programs put theirs, such as systemd-resolved.
    return new LoopbackAllocator(digest.slice(0, 4).toHex(), 16 + digest.at(4) % 224, digest.at(5));
  }

  /** The address etcd and the API server listen on. */
  public String loopback() {
    return loopback(1);
  }

  /**
   * An address beside it for another etcd server, by its number from 1, which is the first one's.
   */
  public String loopback(int number) {
    if (number < 1 || number > 254) {
      throw new IllegalArgumentException("number: got " + number + "; want 1 to 254");
    }
    return "127.%d.%d.%d".formatted(second, third, number);
  }

  /** The address the API server tells pods; nothing listens there. */
  public String advertised() {
    return nodeAddress(1);
  }

  /** The address of a node, by its number from 2 to 254. */
  public String nodeAddress(int number) {
    if (number < 1 || number > 254) {
      throw new IllegalArgumentException("number: got " + number + "; want 2 to 254");
    }
    return "198.%d.%d.%d".formatted(18 + second % 2, third, number);
  }

  /** The prefix of the IPv6 addresses of nodes, as {@code ip} prints it, with the last colons. */
  public static String ipv6Prefix(String id) {
    // The highest bits are set so that no group is 0, which would be printed otherwise.
    int high = Integer.parseInt(id.substring(0, 4), 16) | 0x8000;
    int low = Integer.parseInt(id.substring(4, 8), 16) | 0x8000;
    return "fdc5:%x:%x::".formatted(high, low);
  }

  /** The IPv6 address of a node, by its number from 2 to 254. */
  public String nodeIpv6Address(int number) {
    return ipv6Prefix(id) + Integer.toHexString(number);
  }

  /** Whether nothing else is there yet, as far as a look can tell. */
  public boolean isFree(int... ports) throws SocketException, UnknownHostException {
    String nodes = nodeAddress(1).substring(0, nodeAddress(1).lastIndexOf('.') + 1);
    for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(device.getInetAddresses())) {
        if (address.getHostAddress().startsWith(nodes)) {
          return false;
        }
      }
    }
    for (int port : ports) {
      if (!canListen(port)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a port of {@link #loopback} is not in use. */
  public boolean canListen(int port) throws UnknownHostException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(loopback()), port));
      return true;
    } catch (UnknownHostException e) {
      throw e;
    } catch (IOException e) {
      return false;
    }
  }
}
