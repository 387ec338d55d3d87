package dev.countersign.x509.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.file.FileMode;
import dev.countersign.common.secret.SecretText;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.key.PrivateKeys;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.ProofOfPossession;
import dev.countersign.x509.request.RequestAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What we write OpenSSL reads, and the other way around. */
@RequiresTool("openssl")
class OpensslInteropTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final List<SubjectAltName> SANS =
      List.of(
          new SubjectAltName.Dns("node-a"),
          SubjectAltName.Ip.of(InetAddress.ofLiteral("192.0.2.10")),
          SubjectAltName.Ip.of(InetAddress.ofLiteral("2001:db8::1")));

  @TempDir Path directory;

  private String openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%n%s", command, output).isZero();
    return output;
  }

  private String read(String name) throws IOException {
    return Files.readString(directory.resolve(name));
  }

  private void write(String name, String text) throws IOException {
    AtomicFiles.write(directory.resolve(name), Bytes.ofUtf8(text), FileMode.PUBLIC);
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_2048", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "ED25519"})
  void request_ofOurs_isVerifiedByOpenssl(KeySpec spec) throws Exception {
    KeyPair keys = KeyPair.generate(spec, RANDOM);
    write("a.csr", RequestSigner.kubeletServing("node-a", SANS, keys, RANDOM).toPem());
    assertThat(openssl("req", "-in", "a.csr", "-noout", "-verify", "-text"))
        .contains("verify OK")
        .contains("Subject: O = system:nodes, CN = system:node:node-a")
        .contains("DNS:node-a, IP Address:192.0.2.10, IP Address:2001:DB8:0:0:0:0:0:1");
  }

  @ParameterizedTest
  @CsvSource({
    "rsa:2048, -sha256",
    "rsa:2048, -sha512",
    "ec, -sha256",
    "ed25519, ''",
  })
  void request_ofOpenssl_isReadAndProven(String key, String digest) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "req",
                "-new",
                "-nodes",
                "-keyout",
                "k.pem",
                "-out",
                "a.csr",
                "-subj",
                "/O=system:nodes/CN=system:node:b",
                "-addext",
                "subjectAltName=DNS:b,IP:192.0.2.7,URI:spiffe://x",
                "-newkey",
                key));
    if (key.equals("ec")) {
      command.addAll(List.of("-pkeyopt", "ec_paramgen_curve:P-256"));
    }
    if (!digest.isEmpty()) {
      command.add(digest);
    }
    openssl(command.toArray(String[]::new));
    CertificateRequest request = parsed(read("a.csr"));
    assertThat(request.proofOfPossession()).isInstanceOf(ProofOfPossession.Proven.class);
    assertThat(request.subject()).hasToString("O=\"system:nodes\", CN=\"system:node:b\"");
    assertThat(request.sans())
        .containsExactly(
            new SubjectAltName.Dns("b"),
            SubjectAltName.Ip.of(InetAddress.ofLiteral("192.0.2.7")),
            new SubjectAltName.Uri("spiffe://x"));
    assertThat(request.attributes())
        .extracting(RequestAttribute::oid)
        .containsExactly(RequestAttribute.EXTENSION_REQUEST);
    KeyPair pair = PrivateKeys.parsePem(SecretText.of(read("k.pem"))).orThrow();
    assertThat(pair.description()).isEqualTo(request.key());
  }

  private static CertificateRequest parsed(String pem) {
    return switch (CertificateRequest.parsePem(pem)) {
      case ParseResult.Parsed<CertificateRequest>(CertificateRequest request) -> request;
      case ParseResult.Refused<CertificateRequest> malformed ->
          throw new AssertionError(malformed.message());
    };
  }

  @ParameterizedTest
  @CsvSource({
    "genrsa -traditional -out k.pem 2048",
    "genrsa -out k.pem 2048",
    "ecparam -name prime256v1 -genkey -out k.pem",
    "ecparam -name secp384r1 -genkey -noout -out k.pem",
    "genpkey -algorithm ed25519 -out k.pem",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out k.pem",
  })
  void key_ofOpenssl_isRead(String command) throws Exception {
    openssl(command.split(" ", -1));
    KeyPair pair = PrivateKeys.parsePem(SecretText.of(read("k.pem"))).orThrow();
    assertThat(openssl("pkey", "-in", "k.pem", "-pubout")).isEqualTo(pair.publicKeyPem());
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_2048", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "ED25519"})
  void key_ofOurs_isReadByOpenssl(KeySpec spec) throws Exception {
    KeyPair pair = KeyPair.generate(spec, RANDOM);
    for (PrivateKeyFormat format : PrivateKeyFormat.values()) {
      AtomicFiles.writeSecret(directory.resolve("k.pem"), pair.privateKeyPem(format));
      assertThat(openssl("pkey", "-in", "k.pem", "-check", "-pubout"))
          .contains("Key is valid")
          .contains(pair.publicKeyPem());
    }
  }

  @Test
  void certificate_ofOurs_isVerifiedByOpenssl() throws Exception {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    Instant now = Instant.now();
    CertificateAuthority ca =
        CertificateAuthority.create(
            CertificateProfile.authority(
                DistinguishedName.of(List.of("countersign"), "kubernetes-ca"), Duration.ofDays(9)),
            keys,
            RANDOM,
            now);
    Certificate leaf =
        ca.issue(
            CertificateProfile.server(
                DistinguishedName.of(List.of("système"), "a_b*"), SANS, Duration.ofDays(1)),
            KeyPair.generate(KeySpec.RSA_2048, RANDOM).publicKey(),
            RANDOM,
            now);
    write("ca.crt", ca.certificate().toPem());
    write("a.crt", leaf.toPem());
    assertThat(
            openssl(
                "verify", "-x509_strict", "-CAfile", "ca.crt", "-purpose", "sslserver", "a.crt"))
        .contains("a.crt: OK");
    assertThat(openssl("x509", "-in", "a.crt", "-noout", "-text"))
        .contains("TLS Web Server Authentication")
        .contains("Digital Signature, Key Encipherment")
        .contains("CA:FALSE")
        .contains("DNS:node-a, IP Address:192.0.2.10");
    assertThat(openssl("x509", "-in", "a.crt", "-noout", "-serial"))
        .isEqualToIgnoringCase("serial=" + leaf.serial().toString(16) + "\n");
  }

  @Test
  void certificate_ofOpenssl_isReadAndIssues() throws Exception {
    openssl(
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "rsa:2048",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
        "-subj",
        "/CN=theirs",
        "-days",
        "5");
    CertificateAuthority ca =
        CertificateAuthority.load(
                Certificate.parsePem(read("ca.crt")).orThrow(),
                PrivateKeys.parsePem(SecretText.of(read("ca.key"))).orThrow())
            .orThrow();
    Certificate leaf =
        ca.issue(
            CertificateProfile.client(
                DistinguishedName.of(List.of("system:masters"), "admin"), Duration.ofDays(1)),
            KeyPair.generate(KeySpec.ECDSA_P256, RANDOM).publicKey(),
            RANDOM,
            Instant.now());
    write("a.crt", leaf.toPem());
    assertThat(openssl("verify", "-CAfile", "ca.crt", "-purpose", "sslclient", "a.crt"))
        .contains("a.crt: OK");
  }
}
