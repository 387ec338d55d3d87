package dev.countersign.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A DNS server of a few lines on loopback (RFC 1035, section 4), which answers A and AAAA as a test
 * says. Names it was not told of do not exist.
 */
public final class LoopbackDns implements AutoCloseable {
  private static final int PORT = 53;
  private static final int A = 1;
  private static final int AAAA = 28;
  private static final int SERVER_FAILURE = 2;
  private static final int NAME_ERROR = 3;

  private final DatagramSocket socket;
  private final Map<String, Zone> zones = new ConcurrentHashMap<>();

  /** What is known of one name. */
  private record Zone(int code, boolean silent, List<InetAddress> addresses) {}

  private LoopbackDns(DatagramSocket socket) {
    this.socket = socket;
  }

  /** Listens on a port of its own. */
  public static LoopbackDns start() throws IOException {
    return start(new DatagramSocket(0, InetAddress.getLoopbackAddress()));
  }

  /** Listens at an address on the port of DNS, which a resolv.conf can name; needs root. */
  public static LoopbackDns startAt(InetAddress address) throws IOException {
    return start(new DatagramSocket(PORT, address));
  }

  private static LoopbackDns start(DatagramSocket socket) {
    LoopbackDns server = new LoopbackDns(socket);
    Thread.ofVirtual().name("dns").start(server::serve);
    return server;
  }

  /** Its UDP port on 127.0.0.1. */
  public int port() {
    return socket.getLocalPort();
  }

  /** Answers with these addresses from now on. */
  public LoopbackDns resolve(String name, String... addresses) throws IOException {
    InetAddress[] all = new InetAddress[addresses.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = InetAddress.getByName(addresses[i]);
    }
    zones.put(name, new Zone(0, false, List.of(all)));
    return this;
  }

  /** Answers that it cannot answer. */
  public LoopbackDns fail(String name) {
    zones.put(name, new Zone(SERVER_FAILURE, false, List.of()));
    return this;
  }

  /** Does not answer. */
  public LoopbackDns ignore(String name) {
    zones.put(name, new Zone(0, true, List.of()));
    return this;
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
        Zone zone = zones.getOrDefault(nameIn(question), new Zone(NAME_ERROR, false, List.of()));
        if (!zone.silent()) {
          byte[] answer = answer(question, zone);
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  /** The one question starts after a header of twelve bytes: labels, a zero, type and class. */
  private static String nameIn(byte[] question) {
    StringBuilder name = new StringBuilder();
    for (int i = 12; question[i] != 0; i += 1 + question[i]) {
      if (!name.isEmpty()) {
        name.append('.');
      }
      for (int j = i + 1; j <= i + question[i]; j++) {
        name.append(Character.toLowerCase((char) (question[j] & 0xff)));
      }
    }
    return name.toString();
  }

  private static byte[] answer(byte[] question, Zone zone) throws IOException {
    int type = question[question.length - 3];
    List<InetAddress> found =
        zone.addresses().stream()
            .filter(address -> type == (address.getAddress().length == 4 ? A : AAAA))
            .toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(question, 0, 2);
    // A response, recursion available, and its code; one question, no authority or more.
    out.write(new byte[] {(byte) 0x81, (byte) (0x80 | zone.code()), 0, 1, 0, (byte) found.size()});
    out.write(new byte[] {0, 0, 0, 0});
    out.write(question, 12, question.length - 12);
    for (InetAddress address : found) {
      byte[] bytes = address.getAddress();
      // The name by a pointer to the question, its type, class IN, a minute to live.
      out.write(new byte[] {(byte) 0xc0, 12, 0, (byte) type, 0, 1, 0, 0, 0, 60});
      out.write(new byte[] {0, (byte) bytes.length});
      out.write(bytes);
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    socket.close();
  }
}
