package dev.countersign.policy.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.policy.Requests;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;

/** Reads the {@code request} of a case. */
final class RequestFields {
  private RequestFields() {}

  /** The texts of a list, or the one text. */
  static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(one -> texts.add(one.asText()));
    } else if (node.isValueNode() && !node.isNull()) {
      texts.add(node.asText());
    }
    return texts;
  }

  static String node(JsonNode request) {
    return request.path("node").asText("node-a");
  }

  static Requests serving(JsonNode request) {
    Requests made =
        Requests.ofPem(pem(request))
            .withRequestor(
                request.path("user").asText("system:node:" + node(request)),
                groups(request, List.of("system:nodes", "system:authenticated")))
            .withUsages(usages(request, "server auth"));
    if (request.has("signer")) {
      made = made.withSigner(request.path("signer").asText());
    }
    if (request.has("expiration")) {
      made = made.withExpiration(request.path("expiration").asLong());
    }
    if (request.has("conditions")) {
      made = made.withConditions(texts(request.path("conditions")).toArray(String[]::new));
    }
    if (request.path("deleting").asBoolean()) {
      made = made.deleting();
    }
    return request.path("issued").asBoolean() ? made.issued() : made;
  }

  static String[] groups(JsonNode request, List<String> otherwise) {
    return (request.has("groups") ? texts(request.path("groups")) : otherwise)
        .toArray(String[]::new);
  }

  /** {@code rsa} and {@code ecdsa} stand for the usages that kubelets ask for with such keys. */
  static String[] usages(JsonNode request, String purpose) {
    return switch (request.path("usages").asText("list")) {
      case "rsa" -> new String[] {"digital signature", "key encipherment", purpose};
      case "ecdsa" -> new String[] {"digital signature", purpose};
      default ->
          request.has("usages")
              ? texts(request.path("usages")).toArray(String[]::new)
              : new String[] {"digital signature", purpose};
    };
  }

  static String pem(JsonNode request) {
    String pem = request.has("text") ? request.path("text").asText() : forge(request).pem();
    return pem + "\n".repeat(Math.max(0, request.path("padded").asInt() - pem.length()));
  }

  static CsrForge forge(JsonNode request) {
    CsrForge forge = CsrForge.client(node(request)).withKey(key(request));
    if (request.has("cn") || request.has("o")) {
      List<Rdn> subject = new ArrayList<>();
      (request.has("o") ? texts(request.path("o")) : List.of("system:nodes"))
          .forEach(o -> subject.add(new Rdn(CsrForge.O, Text.UTF8, o)));
      (request.has("cn") ? texts(request.path("cn")) : List.of("system:node:" + node(request)))
          .forEach(cn -> subject.add(new Rdn(CsrForge.CN, Text.UTF8, cn)));
      forge = forge.withSubject(subject.toArray(Rdn[]::new));
    }
    for (int times = 0; times < request.path("repeated").asInt(1); times++) {
      for (String name : texts(request.path("dns"))) {
        forge = forge.withDns(name);
      }
      for (String address : texts(request.path("ip"))) {
        forge = forge.withIp(address);
      }
    }
    for (String address : texts(request.path("email"))) {
      forge = forge.withEmail(address);
    }
    for (String uri : texts(request.path("uri"))) {
      forge = forge.withUri(uri);
    }
    return forge;
  }

  private static KeyPair key(JsonNode request) {
    return switch (request.path("key").asText("p256")) {
      case "p256" -> TestKeys.p256();
      case "ed25519" -> TestKeys.ed25519();
      case "rsa" -> TestKeys.rsa(2048);
      default -> throw new IllegalArgumentException("no key: " + request.path("key"));
    };
  }
}
