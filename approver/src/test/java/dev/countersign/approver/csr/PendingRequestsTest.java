package dev.countersign.approver.csr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.approver.csr.PendingRequests.Bound;
import dev.countersign.approver.csr.PendingRequests.Put;
import dev.countersign.approver.server.ProtoWriting;
import dev.countersign.approver.server.ProtobufText;
import dev.countersign.common.Bytes;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.PreservedMetadata;
import dev.countersign.policy.request.SignerName;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PendingRequestsTest {
  private static CsrObject csr(String name, String user, int second, String status)
      throws IOException {
    String json =
        """
        {"metadata":{"name":"%s","uid":"u-%s","resourceVersion":"%d","managedFields":[{"x":{}}],
         "creationTimestamp":"2026-11-22T00:00:%02dZ","annotations":{"bulk":"%s"}},
         "spec":{"request":"QUJD","signerName":"kubernetes.io/kubelet-serving","username":"%s",
         "groups":["system:nodes","system:authenticated"],"usages":["digital signature"],
         "expirationSeconds":600,"extra":{"k":["v"]}},
         "status":{%s}}
        """
            .formatted(name, name, second, second, "x".repeat(5000), user, status);
    return ProtobufText.request(json, CsrObject.decoder());
  }

  @Test
  void decode_wholeObject_keepsWhatIsJudged() throws IOException {
    CsrObject csr = csr("a", "system:node:n", 5, "");
    assertThat(csr.uid()).isEqualTo("u-a");
    assertThat(csr.resourceVersion()).isEqualTo("5");
    assertThat(csr.view().requestor().groups())
        .containsExactly("system:nodes", "system:authenticated");
    assertThat(csr.view().requestor().extra()).containsOnlyKeys("k");
    assertThat(csr.view().expiration()).isEqualTo(Optional.of(Duration.ofMinutes(10)));
    assertThat(csr.view().request().toByteArray()).isEqualTo(new byte[] {'A', 'B', 'C'});
    assertThat(csr.pendingFor(SignerName.KUBELET_SERVING)).isTrue();
  }

  @Test
  void decode_metadataSuffices_theRestIsLeftOut_andItIsNotPending() throws IOException {
    String json =
        """
        {"metadata":{"name":"a","uid":"u","resourceVersion":"7"},
         "spec":{"request":"QUJD","signerName":"kubernetes.io/kubelet-serving"},
         "status":{"certificate":"QUJD"}}
        """;
    CsrObject csr = ProtobufText.request(json, CsrObject.keptDecoder("u"::equals));
    assertThat(csr.name()).isEqualTo("a");
    assertThat(csr.resourceVersion()).isEqualTo("7");
    assertThat(csr.certificate().isEmpty()).isTrue();
    assertThat(csr.pendingFor(SignerName.KUBELET_SERVING)).isFalse();
  }

  /** The verdict is kept between two reads of the stream: half a request would look as pending. */
  @Test
  void decode_settledWhileItIsRead_isReadAsAWhole() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    String json =
        """
        {"metadata":{"name":"a","uid":"u","resourceVersion":"7"},
         "spec":{"signerName":"kubernetes.io/kubelet-serving"},
         "status":{"conditions":[{"type":"Approved","status":"True"}]}}
        """;
    CsrObject csr =
        ProtobufText.request(json, CsrObject.keptDecoder(uid -> asked.getAndIncrement() > 0));
    assertThat(csr.view().signer().text()).isEqualTo("kubernetes.io/kubelet-serving");
    assertThat(csr.view().conditions()).containsExactly("Approved");
    assertThat(csr.pendingFor(SignerName.KUBELET_SERVING)).isFalse();
  }

  @Test
  void decode_whatOthersWroteIntoMetadata_isKept() throws IOException {
    String json =
        """
        {"metadata":{"name":"a","generateName":"csr-","labels":{"l":"\\"v"},"finalizers":["f/g"],
         "managedFields":[{"manager":"m"}]},"spec":{"signerName":"kubernetes.io/kubelet-serving"}}
        """;
    CsrObject csr = ProtobufText.request(json, CsrObject.decoder());
    assertThat(csr.name()).isEqualTo("a");
    assertThat(csr.view().signer().text()).isEqualTo("kubernetes.io/kubelet-serving");
    byte[] kept =
        ProtoWriting.message(
            out -> {
              out.writeString(2, "csr-");
              out.writeMapEntry(11, "l", "\"v");
              out.writeString(14, "f/g");
            });
    assertThat(csr.kept().fields()).isEqualTo(Bytes.copyOf(kept));
  }

  @Test
  void put_decidedOrIssued_isNotPending() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    for (String status :
        new String[] {
          "\"conditions\":[{\"type\":\"Approved\",\"status\":\"True\"}]",
          "\"conditions\":[{\"type\":\"Denied\",\"status\":\"True\"}]",
          "\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\"}]",
          "\"certificate\":\"QUJD\""
        }) {
      assertThat(pending.put(csr("a", "system:node:n", 1, ""))).isEqualTo(new Put.Waits());
      assertThat(pending.put(csr("a", "system:node:n", 1, status))).isEqualTo(new Put.Settled());
      assertThat(pending.size()).isZero();
    }
  }

  @Test
  void newerThan_otherRequestors_doNotCount() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    CsrObject oldest = csr("a", "system:node:n", 1, "");
    pending.put(oldest);
    pending.put(csr("b", "system:node:n", 2, ""));
    pending.put(csr("c", "system:node:n", 2, ""));
    pending.put(csr("d", "system:node:m", 3, ""));
    assertThat(pending.newerThan(oldest.view())).isEqualTo(2);
    assertThat(pending.of("system:node:n")).containsExactly("a", "b", "c");
    pending.remove("b");
    assertThat(pending.newerThan(oldest.view())).isEqualTo(1);
  }

  @Test
  void listEnded_whatWasNotListed_isGone() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    pending.put(csr("old", "system:node:n", 1, ""));
    pending.listStarted();
    pending.put(csr("new", "system:node:n", 2, ""));
    pending.listEnded();
    assertThat(pending.get("old")).isEmpty();
    assertThat(pending.get("new")).isPresent();
    assertThat(pending.oldest()).hasToString("Optional[2026-11-22T00:00:02Z]");
  }

  /** One name for each request that ever came would be a leak that any node can widen. */
  @Test
  void put_betweenLists_leavesNothingBehindOnceItIsRemoved() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    pending.put(csr("before", "system:node:n", 1, ""));
    pending.listStarted();
    pending.put(csr("during", "system:node:n", 2, ""));
    assertThat(pending.listed()).isEqualTo(1);
    pending.listEnded();
    pending.put(csr("after", "system:node:n", 3, ""));
    assertThat(pending.listed()).isZero();
    assertThat(pending.get("during")).isPresent();
    assertThat(pending.get("after")).isPresent();
  }

  /** A node's key makes any number of requests, and each may wait for a day. */
  @Test
  void put_moreOfOneRequestorThanAreKept_displacesTheOldest() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    pending.put(csr("b", "system:node:n", 2, ""));
    pending.put(csr("c", "system:node:n", 3, ""));
    pending.put(csr("d", "system:node:n", 4, ""));
    assertThat(pending.put(csr("other", "system:node:m", 1, ""))).isEqualTo(new Put.Waits());
    assertThat(pending.put(csr("e", "system:node:n", 5, "")))
        .isEqualTo(new Put.Displaces("b", Bound.REQUESTOR, true));
    assertThat(pending.put(csr("a", "system:node:n", 1, "")))
        .as("older than all that are kept")
        .isEqualTo(new Put.Displaces("a", Bound.REQUESTOR, false));
    assertThat(pending.of("system:node:n")).containsExactly("c", "d", "e");
    assertThat(pending.get("a")).isEmpty();
    assertThat(pending.size()).isEqualTo(4);
  }

  /** Whoever has several nodes' keys makes as many requests as several nodes may. */
  @Test
  void put_moreInAllThanAreKept_displacesTheOldestOfWhoHasMost() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 4);
    pending.put(csr("old", "system:node:m", 1, ""));
    pending.put(csr("b", "system:node:n", 3, ""));
    pending.put(csr("a", "system:node:n", 2, ""));
    pending.put(csr("other", "system:node:o", 4, ""));
    assertThat(pending.put(csr("new", "system:node:p", 5, "")))
        .isEqualTo(new Put.Displaces("a", Bound.ALL, true));
    assertThat(pending.put(csr("newer", "system:node:q", 6, "")))
        .as("the oldest where all have the same")
        .isEqualTo(new Put.Displaces("old", Bound.ALL, false));
    assertThat(pending.size()).isEqualTo(4);

    assertThat(pending.roomForOthers()).isFalse();
    pending.remove("b");
    assertThat(pending.roomForOthers()).isFalse();
    pending.remove("other");
    assertThat(pending.roomForOthers()).as("half of the room is free").isTrue();
    pending.listStarted();
    assertThat(pending.roomForOthers()).as("the list brings them").isFalse();
  }

  @Test
  void bounds_thatMakeNoSense_areRefused() {
    assertThatThrownBy(() -> new PendingRequests(SignerName.KUBELET_SERVING, 0, 4))
        .hasMessageContaining("got 0 of one requestor and 4 in all");
    assertThatThrownBy(() -> new PendingRequests(SignerName.KUBELET_SERVING, 5, 4))
        .hasMessageContaining("got 5 of one requestor and 4 in all");
  }

  @Test
  void roomForOthers_onceHalfAreDecided_untilTheNextList() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 4, 100);
    for (int i = 1; i <= 4; i++) {
      pending.put(csr("csr-" + i, "system:node:n", i, ""));
    }
    pending.remove("csr-1");
    assertThat(pending.roomForOthers()).as("nothing was displaced").isFalse();
    pending.put(csr("csr-5", "system:node:n", 5, ""));
    pending.put(csr("csr-6", "system:node:n", 6, ""));
    assertThat(pending.roomForOthers()).as("four are kept").isFalse();
    pending.remove("csr-3");
    assertThat(pending.roomForOthers()).as("three are kept").isFalse();
    pending.remove("csr-4");
    assertThat(pending.roomForOthers()).as("two are kept").isTrue();
    pending.listStarted();
    assertThat(pending.roomForOthers()).as("the list brings them").isFalse();
  }

  @Test
  void put_longerNameThanAVerdictCanBeWrittenTo_isNotKept() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    assertThat(pending.put(csr("n".repeat(253), "system:node:n", 1, "")))
        .isEqualTo(new Put.Waits());
    assertThat(pending.put(csr("n".repeat(254), "system:node:n", 1, "")))
        .isEqualTo(new Put.NameTooLong());
    assertThat(pending.size()).isEqualTo(1);
  }

  @Test
  void remove_decided_leavesAnotherOfThatName() throws IOException {
    PendingRequests pending = new PendingRequests(SignerName.KUBELET_SERVING, 3, 100);
    CsrObject decided = csr("a", "system:node:n", 1, "");
    pending.put(decided);
    pending.remove(decided);
    assertThat(pending.size()).isZero();
    CsrObject another =
        new CsrObject(
            "another uid",
            "2",
            decided.view(),
            decided.conditions(),
            decided.certificate(),
            decided.kept(),
            decided.extent());
    pending.put(another);
    pending.remove(decided);
    assertThat(pending.get("a")).contains(another);
  }

  /** What is kept of a request may not depend on how much its author wrote into it. */
  @Test
  void keptDecoder_largerThanAnHonestOne_isReadInOutline() throws IOException {
    for (String[] large :
        new String[][] {
          {"\"labels\":{\"bulk\":\"%s\"}", "\"request\":\"QUJD\""},
          {"\"finalizers\":[\"%s\"]", "\"request\":\"QUJD\""},
          {"\"x\":1", "\"request\":\"%s\""},
          {"\"x\":1", "\"request\":\"QUJD\",\"usages\":[\"%s\"]"},
          {"\"x\":1", "\"request\":\"QUJD\",\"extra\":{\"k\":[\"%s\"]}"},
          {"\"x\":1", "\"request\":\"QUJD\",\"extra\":{\"%s\":[]}"}
        }) {
      String json =
          """
          {"metadata":{"name":"a","uid":"u","resourceVersion":"7",%s},
           "spec":{%s,"signerName":"kubernetes.io/kubelet-serving","username":"system:node:n",
           "groups":["system:nodes","system:authenticated"]}}
          """
              .formatted(large[0], large[1])
              .replace("%s", "QUJD".repeat(4000));
      CsrObject kept = read(json, CsrObject.keptDecoder());
      assertThat(kept.extent()).as(large[0] + large[1]).isEqualTo(CsrObject.Extent.OUTLINE);
      assertThat(kept.name()).isEqualTo("a");
      assertThat(kept.requestor()).isEqualTo("system:node:n");
      assertThat(kept.pendingFor(SignerName.KUBELET_SERVING)).isTrue();
      assertThat(kept.view().request().isEmpty()).isTrue();
      assertThat(kept.view().usages()).isEmpty();
      assertThat(kept.view().requestor().extra()).isEmpty();
      assertThat(kept.kept()).isEqualTo(PreservedMetadata.NONE);

      CsrObject whole = read(json, CsrObject.decoder());
      assertThat(whole.extent()).isEqualTo(CsrObject.Extent.WHOLE);
      assertThat(whole.view().request().isEmpty()).isFalse();
    }
  }

  private static CsrObject read(String json, ObjectDecoder<CsrObject> decoder) throws IOException {
    return ProtobufText.request(json, decoder);
  }
}
