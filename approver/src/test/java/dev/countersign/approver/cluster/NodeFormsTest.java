package dev.countersign.approver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.ProtoWriting;
import dev.countersign.approver.server.ProtobufText;
import dev.countersign.policy.fact.NodeFact;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** One Node as people write it and as an API server sends it. */
class NodeFormsTest {
  private static final String JSON =
      """
      {"kind":"Node","apiVersion":"v1","metadata":{"name":"n","uid":"u-1","resourceVersion":"41",
        "creationTimestamp":"2026-11-22T01:02:03Z","labels":{"zone":"a"},
        "annotations":{"bulk":"%s"}},
       "spec":{"podCIDR":"10.2.0.0/24","podCIDRs":["10.2.0.0/24","fd00:2::/64"],"unschedulable":true},
       "status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady"}],
        "addresses":[{"type":"InternalIP","address":"192.0.2.1"},{"type":"Hostname","address":"n"},
          {"type":"Moonbase","address":"x"}],
        "daemonEndpoints":{"kubeletEndpoint":{"Port":10251}},
        "images":[{"names":["a","b"],"sizeBytes":5}]}}
      """
          .formatted("x".repeat(10_000));

  private static byte[] texts(String first, String second) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, first);
          out.writeString(2, second);
          out.writeString(5, "more of it");
        });
  }

  private static byte[] pair(String key, String value) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, key);
          out.writeString(2, value);
        });
  }

  private static byte[] protobuf() {
    byte[] created =
        ProtoWriting.message(
            out -> out.writeInt64(1, Instant.parse("2026-11-22T01:02:03Z").getEpochSecond()));
    byte[] metadata =
        ProtoWriting.message(
            out -> {
              out.writeString(1, "n");
              out.writeString(5, "u-1");
              out.writeString(6, "41");
              out.writeByteArray(8, created);
              out.writeByteArray(11, pair("zone", "a"));
              out.writeByteArray(12, pair("bulk", "x".repeat(10_000)));
            });
    byte[] spec =
        ProtoWriting.message(
            out -> {
              out.writeString(1, "10.2.0.0/24");
              out.writeBool(4, true);
              out.writeString(7, "10.2.0.0/24");
              out.writeString(7, "fd00:2::/64");
            });
    byte[] port = ProtoWriting.message(out -> out.writeInt32(1, 10_251));
    byte[] endpoints = ProtoWriting.message(out -> out.writeByteArray(1, port));
    byte[] status =
        ProtoWriting.message(
            out -> {
              out.writeByteArray(4, texts("Ready", "True"));
              out.writeByteArray(5, pair("InternalIP", "192.0.2.1"));
              out.writeByteArray(5, pair("Hostname", "n"));
              out.writeByteArray(5, pair("Moonbase", "x"));
              out.writeByteArray(6, endpoints);
              out.writeByteArray(8, pair("a", "b"));
            });
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata);
          out.writeByteArray(2, spec);
          out.writeByteArray(3, status);
        });
  }

  /** A policy allows a request 10,000 names at most; a Node with more must be seen to have more. */
  @Test
  void decode_moreAddressesThanAreRead_areMoreThanAnyPolicyAllows() throws IOException {
    assertThat(NodeFact.MOST_ADDRESSES).isGreaterThan(10_000);
    String one = "{\"type\":\"InternalIP\",\"address\":\"192.0.2.1\"},";
    String json =
        JSON.replace("\"addresses\":[", "\"addresses\":[" + one.repeat(NodeFact.MOST_ADDRESSES));
    NodeObject node = ProtobufText.node(json, NodeObject.decoder(new StringInterner()));
    assertThat(node.fact().orElseThrow().addresses())
        .hasSize(NodeFact.MOST_ADDRESSES)
        .allMatch(address -> address.text().equals("192.0.2.1"));
    assertThat(node.fact().orElseThrow().conditions())
        .as("what comes after them is read")
        .containsEntry("Ready", "True");
  }

  @Test
  void decode_bothForms_areTheSameNode() throws IOException {
    StringInterner shared = new StringInterner();
    NodeObject json = ProtobufText.node(JSON, NodeObject.decoder(shared));
    NodeObject protobuf =
        NodeObject.decoder(shared)
            .read(new ByteArrayInputStream(ProtoWriting.object("v1", "Node", protobuf())));
    assertThat(protobuf).isEqualTo(json);
    NodeFact fact = protobuf.fact().orElseThrow();
    assertThat(fact.addresses()).hasSize(2);
    assertThat(fact.podRanges()).hasSize(2);
    assertThat(fact.labels()).containsEntry("zone", "a");
    assertThat(fact.conditions()).containsEntry("Ready", "True");
    assertThat(fact.created()).isEqualTo(Instant.parse("2026-11-22T01:02:03Z"));
  }
}
