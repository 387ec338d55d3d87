package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a DNS server of a few lines (RFC 1035 section 4). */
class NameResolverTest {
  private static final DnsName KNOWN = DnsName.of("worker-1.example.com");
  private static final DnsName ABSENT = DnsName.of("absent.example.com");
  private static final DnsName BROKEN = DnsName.of("broken.example.com");
  private static final DnsName SILENT = DnsName.of("silent.example.com");

  private final DatagramSocket socket;

  NameResolverTest() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void stop() {
    socket.close();
  }

  @Test
  void resolve_addressesOfBothFamilies() {
    assertThat(resolve(Set.of(KNOWN), Duration.ofSeconds(30)))
        .isEqualTo(
            Fact.known(
                Map.of(
                    KNOWN,
                    new Resolution.Addresses(
                        Set.of(
                            IpAddress.parse("10.0.0.1").orElseThrow(),
                            IpAddress.parse("fd00::1").orElseThrow())))));
  }

  @Test
  void resolve_nameThatDoesNotExist_isNone() {
    assertThat(resolve(Set.of(KNOWN, ABSENT), Duration.ofSeconds(30)))
        .matches(Fact::isKnown)
        .extracting(Object::toString)
        .asString()
        .contains("10.0.0.1")
        .contains("None");
    assertThat(resolve(Set.of(ABSENT), Duration.ofSeconds(30)))
        .isEqualTo(Fact.known(Map.of(ABSENT, new Resolution.None())));
  }

  @Test
  void resolve_serverFailure_isUnknown() {
    assertThat(resolve(Set.of(KNOWN, BROKEN), Duration.ofSeconds(30)).isKnown()).isFalse();
  }

  @Test
  void resolve_noAnswer_isUnknown() {
    assertThat(resolve(Set.of(SILENT), Duration.ofMillis(200)).isKnown()).isFalse();
  }

  private Fact<Map<DnsName, Resolution>> resolve(Set<DnsName> names, Duration timeout) {
    return NameResolver.of("127.0.0.1", socket.getLocalPort()).resolve(names, timeout);
  }

  private void serve() {
    byte[] buffer = new byte[512];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
        String text = new String(question, StandardCharsets.ISO_8859_1);
        if (!text.contains("silent")) {
          byte[] answer = answer(question, text);
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        return;
      }
    }
  }

  private static byte[] answer(byte[] question, String text) throws IOException {
    int code = text.contains("absent") ? 3 : text.contains("broken") ? 2 : 0;
    int type = question[question.length - 3];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(question, 0, 2);
    // A response, recursion available, and its code; one question, no authority or more.
    out.write(new byte[] {(byte) 0x81, (byte) (0x80 | code), 0, 1, 0, (byte) (code == 0 ? 1 : 0)});
    out.write(new byte[] {0, 0, 0, 0});
    out.write(question, 12, question.length - 12);
    if (code == 0) {
      byte[] address =
          type == 28
              ? InetAddress.getByName("fd00::1").getAddress()
              : InetAddress.getByName("10.0.0.1").getAddress();
      // The name by a pointer to the question, its type, class IN, a minute to live.
      out.write(new byte[] {(byte) 0xc0, 12, 0, (byte) type, 0, 1, 0, 0, 0, 60});
      out.write(new byte[] {0, (byte) address.length});
      out.write(address);
    }
    return out.toByteArray();
  }
}
