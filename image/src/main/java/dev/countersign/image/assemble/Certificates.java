package dev.countersign.image.assemble;

import dev.countersign.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * What update-ca-certificates(8) makes: the bundle that Go and GnuTLS read, the directory with
 * hashed names that OpenSSL reads, and, where a Java runtime is in the image, its trust store.
 */
final class Certificates {
  private static final String STEP = "ca-certificates";
  private static final String SOURCE = "usr/share/ca-certificates/";
  private static final String DIRECTORY = "etc/ssl/certs/";
  private static final int JAVA_MAGIC = 0xfeedfeed;

  private final RootFilesystem tree;
  private final Instant epoch;

  Certificates(RootFilesystem tree, Instant epoch) {
    this.tree = tree;
    this.epoch = epoch;
  }

  void write() throws IOException {
    var files = new TreeMap<String, X509Certificate>();
    var bundle = new ByteArrayOutputStream();
    for (String path : List.copyOf(tree.nodes().tailMap(SOURCE, true).keySet())) {
      if (!path.startsWith(SOURCE)) {
        break;
      }
      if (path.endsWith(".crt")) {
        byte[] content = tree.read(path).orElse(new byte[0]);
        files.put(path, certificate(path, content));
        bundle.writeBytes(content);
        if (content.length > 0 && content[content.length - 1] != '\n') {
          bundle.write('\n');
        }
      }
    }
    if (files.isEmpty()) {
      return;
    }
    var names = new ArrayList<String>();
    var taken = new TreeMap<String, Integer>();
    for (var each : files.entrySet()) {
      names.add(each.getKey().substring(SOURCE.length()));
      String base = each.getKey().substring(each.getKey().lastIndexOf('/') + 1);
      String pem =
          base.substring(0, base.length() - ".crt".length())
                  .replace(' ', '_')
                  .replace(',', '_')
                  .replace("(", "=")
                  .replace(")", "=")
              + ".pem";
      link(DIRECTORY + pem, "/" + each.getKey());
      String hash = hash(each.getValue());
      int number = taken.merge(hash, 1, Integer::sum) - 1;
      link(DIRECTORY + hash + "." + number, pem);
    }
    file(DIRECTORY + "ca-certificates.crt", bundle.toByteArray());
    file(
        "etc/ca-certificates.conf",
        (String.join("\n", names) + "\n").getBytes(StandardCharsets.UTF_8));
    if (tree.exists("usr/share/ca-certificates-java") || tree.exists("etc/ssl/certs/java")) {
      file(DIRECTORY + "java/cacerts", javaTrustStore(files));
    }
  }

  private void link(String path, String target) {
    tree.add(path, new RootFilesystem.Node.Symlink(target, 0, 0), STEP, Set.of());
  }

  private void file(String path, byte[] content) {
    tree.set(
        path,
        new RootFilesystem.Node.Regular(
            0644, 0, 0, new RootFilesystem.Inode(RootFilesystem.Content.of(content))),
        STEP);
  }

  private static X509Certificate certificate(String path, byte[] content) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(content));
    } catch (CertificateException unreadable) {
      throw (ImageException)
          new ImageException(
                  "/" + path,
                  String.valueOf(unreadable.getMessage()),
                  "one X.509 certificate in PEM")
              .initCause(unreadable);
    }
  }

  /** OpenSSL's X509_NAME_hash: SHA-1 over the canonical form of the subject, first four bytes. */
  static String hash(X509Certificate certificate) {
    var canonical = new ByteArrayOutputStream();
    try {
      ASN1Sequence subject =
          ASN1Sequence.getInstance(certificate.getSubjectX500Principal().getEncoded());
      for (ASN1Encodable part : subject) {
        var pairs = new ASN1EncodableVector();
        for (ASN1Encodable each : ASN1Set.getInstance(part)) {
          ASN1Sequence pair = ASN1Sequence.getInstance(each);
          ASN1Encodable value = pair.getObjectAt(1);
          if (value instanceof ASN1String text) {
            value = new DERUTF8String(canonical(text.getString()));
          }
          pairs.add(new DERSequence(new ASN1Encodable[] {pair.getObjectAt(0), value}));
        }
        canonical.writeBytes(new DERSet(pairs).getEncoded(ASN1Encoding.DER));
      }
    } catch (IOException unexpected) {
      throw new IllegalStateException("encoding in memory", unexpected);
    }
    byte[] digest = sha1().digest(canonical.toByteArray());
    int value = ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return String.format(Locale.ROOT, "%08x", value);
  }

  /** Only ASCII letters change case, as in OpenSSL's asn1_string_canon. */
  private static String canonical(String text) {
    var lower = new StringBuilder();
    for (char c : text.strip().replaceAll("[ \\t\\n\\x0B\\f\\r]+", " ").toCharArray()) {
      lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
    }
    return lower.toString();
  }

  /**
   * A JKS file with Java's usual password; its integrity hash protects nothing and is not relied
   * on.
   */
  private byte[] javaTrustStore(Map<String, X509Certificate> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(JAVA_MAGIC);
    out.writeInt(2);
    out.writeInt(files.size());
    for (var each : files.entrySet()) {
      out.writeInt(2);
      String name = each.getKey().substring(each.getKey().lastIndexOf('/') + 1);
      out.writeUTF("debian:" + name.replace(".crt", ".pem").toLowerCase(Locale.ROOT));
      out.writeLong(epoch.toEpochMilli());
      out.writeUTF("X.509");
      byte[] encoded;
      try {
        encoded = each.getValue().getEncoded();
      } catch (CertificateEncodingException unexpected) {
        throw new IOException("encoding " + each.getKey(), unexpected);
      }
      out.writeInt(encoded.length);
      out.write(encoded);
    }
    out.flush();
    MessageDigest digest = sha1();
    digest.update("changeit".getBytes(StandardCharsets.UTF_16BE));
    digest.update("Mighty Aphrodite".getBytes(StandardCharsets.UTF_8));
    digest.update(bytes.toByteArray());
    bytes.writeBytes(digest.digest());
    return bytes.toByteArray();
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("SHA-1 must be part of every Java runtime", missing);
    }
  }
}
