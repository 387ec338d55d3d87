package dev.countersign.approver.rehearsal;

import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.kube.proto.ProtoWriting;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.request.SubjectAltName;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;

/** Nodes and honest requests of theirs, in protobuf, as an API server sends them. */
final class PretendedObjects {
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

  private PretendedObjects() {}

  static String nodeName(int number) {
    return "node-" + number;
  }

  /** In 198.18.0.0/15, which is for measurements (RFC 2544). */
  private static byte[] address(int number) {
    return new byte[] {(byte) 198, 18, (byte) (number >> 8), (byte) number};
  }

  private static String text(byte[] address) {
    return "%d.%d.%d.%d"
        .formatted(address[0] & 0xff, address[1] & 0xff, address[2] & 0xff, address[3] & 0xff);
  }

  /** {@code meta/v1.ObjectMeta}; the uid is the name. */
  private static byte[] metadata(String name, String prefix, long version) {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, name);
          out.writeString(2, prefix);
          out.writeString(5, name);
          out.writeString(6, Long.toString(version));
          out.writeTime(8, CREATED);
        });
  }

  /** A Node with an address and its name. */
  static byte[] node(int number) {
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata(nodeName(number), "", 1));
          out.writeMessage(
              3,
              status -> {
                // A NodeAddress has its fields where an entry of a map has them.
                status.writeMapEntry(5, "InternalIP", text(address(number)));
                status.writeMapEntry(5, "Hostname", nodeName(number));
              });
        });
  }

  /** The request that such a Node's kubelet signs. */
  static String signedBy(int node, KeyPair pair, SecureRandom random) {
    return RequestSigner.kubeletServing(
            nodeName(node),
            List.of(
                new SubjectAltName.Dns(nodeName(node)),
                new SubjectAltName.Ip(Bytes.copyOf(address(node)))),
            pair,
            random)
        .toPem();
  }

  /** How far a request has come. */
  enum State {
    PENDING,
    APPROVED,
    SIGNED
  }

  /** A request for a serving certificate, in its envelope. */
  static byte[] request(String name, int node, String pem, long version, State state) {
    byte[] request = pem.getBytes(StandardCharsets.US_ASCII);
    byte[] spec =
        ProtoWriting.message(
            out -> {
              out.writeByteArray(1, request);
              out.writeString(2, "system:node:" + nodeName(node));
              out.writeString(4, "system:nodes");
              out.writeString(4, "system:authenticated");
              out.writeString(5, "digital signature");
              out.writeString(5, "server auth");
              out.writeString(7, "kubernetes.io/kubelet-serving");
            });
    byte[] status =
        ProtoWriting.message(
            out -> {
              if (state != State.PENDING) {
                out.writeByteArray(1, approved());
              }
              if (state == State.SIGNED) {
                // Nobody reads it.
                out.writeByteArray(2, request);
              }
            });
    return ProtoWriting.message(
        out -> {
          out.writeByteArray(1, metadata(name, "csr-", version));
          out.writeByteArray(2, spec);
          out.writeByteArray(3, status);
        });
  }

  private static byte[] approved() {
    return ProtoWriting.message(
        out -> {
          out.writeString(1, "Approved");
          out.writeString(2, VerdictWriter.APPROVED_REASON);
          out.writeString(6, "True");
        });
  }

  /** A SubjectAccessReview with the answer that the requestor may. */
  static byte[] allowed() {
    return ProtoWriting.object(
        "authorization.k8s.io/v1",
        "SubjectAccessReview",
        ProtoWriting.message(out -> out.writeMessage(3, status -> status.writeBool(1, true))));
  }

  /** The event of a watch that brings a request. */
  static byte[] event(String type, byte[] request) {
    return ProtoWriting.watchEvent(
        type, ProtoWriting.object("certificates.k8s.io/v1", "CertificateSigningRequest", request));
  }

  /** A list of whatever kind. */
  static byte[] list(long version, List<byte[]> items) {
    return ProtoWriting.object(
        "v1",
        "List",
        ProtoWriting.message(
            out -> {
              out.writeMessage(1, list -> list.writeString(2, Long.toString(version)));
              for (byte[] item : items) {
                out.writeByteArray(2, item);
              }
            }));
  }
}
