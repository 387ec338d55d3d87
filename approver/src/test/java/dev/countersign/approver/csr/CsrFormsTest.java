package dev.countersign.approver.csr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.ProtoWriting;
import dev.countersign.approver.server.ProtobufText;
import dev.countersign.common.Bytes;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.policy.request.SignerName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** One request as people write it and as an API server sends it. */
class CsrFormsTest {
  private static final Instant UPDATED = Instant.parse("2026-11-22T01:02:04Z");

  private static final String JSON =
      """
      {"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1",
       "metadata":{"name":"csr-x","generateName":"csr-","uid":"u-1","resourceVersion":"41",
        "creationTimestamp":"2026-11-22T01:02:03Z","labels":{"l":"1"},"annotations":{"a":"2","b":""},
        "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u-n","controller":true,
          "blockOwnerDeletion":false},{"apiVersion":"v1","kind":"Node","name":"m","uid":"u-m"}],
        "finalizers":["f/g"],"managedFields":[{"manager":"kubelet","fieldsV1":{"f:spec":{}}}]},
       "spec":{"request":"QUJD","signerName":"kubernetes.io/kubelet-serving","expirationSeconds":600,
        "usages":["digital signature","server auth"],"username":"system:node:n","uid":"u-u",
        "groups":["system:nodes","system:authenticated"],"extra":{"k":["v","w"],"none":[]}},
       "status":{"conditions":[{"type":"Approved","status":"True","reason":"R","message":"M",
          "lastUpdateTime":"2026-11-22T01:02:04Z","lastTransitionTime":null}],
        "certificate":"REVG"}}
      """;

  private static void othersMetadata(ProtoWriting.Message out) {
    out.writeString(2, "csr-");
    out.writeMapEntry(11, "l", "1");
    out.writeMapEntry(12, "a", "2");
    out.writeMapEntry(12, "b", "");
    out.writeByteArray(13, owner("n", "u-n", true, false));
    out.writeByteArray(13, owner("m", "u-m"));
    out.writeString(14, "f/g");
  }

  private static byte[] owner(String name, String uid, Boolean... flags) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, "Node");
          out.writeString(3, name);
          out.writeString(4, uid);
          out.writeString(5, "v1");
          for (int i = 0; i < flags.length; i++) {
            out.writeBool(6 + i, flags[i]);
          }
        });
  }

  private static byte[] extra(String key, String... values) {
    byte[] list =
        ProtoWriting.message(
            out -> {
              for (String value : values) {
                out.writeString(1, value);
              }
            });
    return ProtoWriting.message(
        out -> {
          out.writeString(1, key);
          out.writeByteArray(2, list);
        });
  }

  private static byte[] protobuf() {
    byte[] metadata =
        ProtoWriting.message(
            out -> {
              out.writeString(1, "csr-x");
              out.writeString(3, "");
              out.writeString(5, "u-1");
              out.writeString(6, "41");
              out.writeInt64(7, 0);
              out.writeTime(8, Instant.parse("2026-11-22T01:02:03Z"));
              othersMetadata(out);
              out.writeMapEntry(17, "kubelet", "Update");
            });
    byte[] spec =
        ProtoWriting.message(
            out -> {
              out.writeByteArray(1, new byte[] {'A', 'B', 'C'});
              out.writeString(2, "system:node:n");
              out.writeString(3, "u-u");
              out.writeString(4, "system:nodes");
              out.writeString(4, "system:authenticated");
              out.writeString(5, "digital signature");
              out.writeString(5, "server auth");
              out.writeByteArray(6, extra("k", "v", "w"));
              out.writeByteArray(6, extra("none"));
              out.writeString(7, "kubernetes.io/kubelet-serving");
              out.writeInt32(8, 600);
            });
    byte[] condition =
        ProtoWriting.message(
            out -> {
              out.writeString(1, "Approved");
              out.writeString(2, "R");
              out.writeString(3, "M");
              out.writeTime(4, UPDATED);
              out.writeByteArray(5, new byte[0]);
              out.writeString(6, "True");
            });
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata);
          out.writeByteArray(2, spec);
          out.writeByteArray(
              3,
              ProtoWriting.message(
                  status -> {
                    status.writeByteArray(1, condition);
                    status.writeByteArray(2, new byte[] {'D', 'E', 'F'});
                  }));
        });
  }

  private static CsrObject fromJson() throws IOException {
    return ProtobufText.request(JSON, CsrObject.decoder());
  }

  private static CsrObject fromProtobuf(Predicate<String> metadataSuffices) throws IOException {
    return read(protobuf(), CsrObject.keptDecoder(metadataSuffices));
  }

  private static CsrObject read(byte[] request, ObjectDecoder<CsrObject> decoder)
      throws IOException {
    return decoder.read(
        new ByteArrayInputStream(
            ProtoWriting.object("certificates.k8s.io/v1", "CertificateSigningRequest", request)));
  }

  @Test
  void decode_bothForms_areTheSameRequest() throws IOException {
    CsrObject csr = fromProtobuf(uid -> false);
    assertThat(csr).isEqualTo(fromJson());
    assertThat(csr.view().created()).isEqualTo(Instant.parse("2026-11-22T01:02:03Z"));
    assertThat(csr.view().expiration()).contains(Duration.ofMinutes(10));
    assertThat(csr.view().requestor().extra())
        .isEqualTo(Map.of("k", List.of("v", "w"), "none", List.of()));
    assertThat(csr.conditions())
        .containsExactly(
            new CsrObject.Condition("Approved", "True", "R", "M", Optional.of(UPDATED)));
    assertThat(csr.kept().fields())
        .isEqualTo(Bytes.copyOf(ProtoWriting.message(CsrFormsTest::othersMetadata)));
    assertThat(csr.kept().annotation("a")).contains("2");
    assertThat(csr.kept().annotation("c")).isEmpty();
  }

  /** Of a newer API server, say: it is sent back as it came. */
  @Test
  void decode_ownerWithAFieldThatNobodyKnows_isKeptWhole() throws IOException {
    byte[] owner =
        ProtoWriting.message(
            out -> {
              out.writeString(3, "n");
              out.writeString(99, "new");
            });
    byte[] request =
        ProtoWriting.message(
            out -> out.writeMessage(1, metadata -> metadata.writeByteArray(13, owner)));
    CsrObject csr = read(request, CsrObject.decoder());
    assertThat(csr.kept().fields())
        .isEqualTo(Bytes.copyOf(ProtoWriting.message(out -> out.writeByteArray(13, owner))));
  }

  /** A maker of requests chooses the keys; that they collide must cost nobody anything. */
  @Test
  void decode_labelsWhoseHashesCollide_takeNoLonger() throws IOException {
    byte[] metadata =
        ProtoWriting.message(
            out -> {
              for (int i = 0; i < 1 << 15; i++) {
                StringBuilder key = new StringBuilder();
                for (int bit = 0; bit < 15; bit++) {
                  key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
                }
                out.writeMapEntry(11, key.toString(), "");
              }
            });
    byte[] request = ProtoWriting.message(out -> out.writeByteArray(1, metadata));
    long started = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      read(request, CsrObject.decoder());
    }
    // In a hash table of equal hashes it would be ten thousand million comparisons: minutes.
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void decode_metadataSuffices_theRestIsLeftOut_andItIsNotPending() throws IOException {
    CsrObject csr = fromProtobuf("u-1"::equals);
    assertThat(csr.name()).isEqualTo("csr-x");
    assertThat(csr.resourceVersion()).isEqualTo("41");
    assertThat(csr.view().signer().text()).isEmpty();
    assertThat(csr.certificate().isEmpty()).isTrue();
    assertThat(csr.pendingFor(SignerName.KUBELET_SERVING)).isFalse();
  }

  /** The verdict is kept between two reads of the stream: half a request would look as pending. */
  @Test
  void decode_settledWhileItIsRead_isReadAsAWhole() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    CsrObject csr = fromProtobuf(uid -> asked.getAndIncrement() > 0);
    assertThat(csr.view().conditions()).containsExactly("Approved");
    assertThat(csr.certificate().size()).isEqualTo(3);
  }
}
