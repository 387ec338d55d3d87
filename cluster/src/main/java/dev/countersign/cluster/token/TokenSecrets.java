package dev.countersign.cluster.token;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.join.TokenId;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Between a token and its Secret of type {@code bootstrap.kubernetes.io/token}, with the keys of
 * kubernetes/kubernetes {@code cluster-bootstrap/token/api}.
 */
public final class TokenSecrets {
  /** Where the API server looks for tokens, and nowhere else. */
  public static final String NAMESPACE = "kube-system";

  /** The Secret's type. */
  public static final String TYPE = "bootstrap.kubernetes.io/token";

  private TokenSecrets() {}

  /** The Secret of a token. */
  public static Secret toSecret(BootstrapToken token, TokenSpec spec) {
    Map<String, String> data = new LinkedHashMap<>();
    data.put("token-id", token.id().value());
    data.put(
        "token-secret",
        token.secret().reveal(SecretAccess.because("sent to the API server as a Secret")));
    putSpec(data, spec);
    data.replaceAll((_, value) -> encoded(value));
    return new SecretBuilder()
        .withNewMetadata()
        .withName(token.id().secretName())
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withType(TYPE)
        .withData(data)
        .build();
  }

  private static void putSpec(Map<String, String> data, TokenSpec spec) {
    for (TokenUsage usage : spec.usages()) {
      data.put(usage.key(), "true");
    }
    if (!spec.groups().isEmpty()) {
      data.put(
          "auth-extra-groups",
          String.join(",", spec.groups().stream().map(TokenGroup::name).toList()));
    }
    spec.description().ifPresent(text -> data.put("description", text));
    spec.expiration().ifPresent(end -> data.put("expiration", end.toString()));
  }

  /** What a Secret says; the token's secret itself is left where it is. */
  public sealed interface Described {
    /** The name of the Secret. */
    String secretName();

    /** A token as the API server understands it. */
    record Token(TokenId id, TokenSpec spec) implements Described {
      @Override
      public String secretName() {
        return id.secretName();
      }
    }

    /** A Secret of the right type that the API server refuses as a token, and why. */
    record Unusable(String secretName, String path, String got, String want) implements Described {}
  }

  /** Reads a Secret without its token's secret. */
  public static Described describe(Secret secret) {
    String name = secret.getMetadata().getName();
    Optional<String> id = decoded(secret, "token-id");
    if (id.isEmpty() || !name.equals("bootstrap-token-" + id.get())) {
      return new Described.Unusable(
          name,
          "data.token-id",
          id.map(text -> "one that does not match the name").orElse("nothing"),
          "the part of the name after bootstrap-token-");
    }
    if (decoded(secret, "token-secret").filter(text -> text.matches("[a-z0-9]{16}")).isEmpty()) {
      return new Described.Unusable(
          name, "data.token-secret", "another form", "sixteen of a-z and 0-9");
    }
    try {
      Set<TokenUsage> usages = EnumSet.noneOf(TokenUsage.class);
      for (TokenUsage usage : TokenUsage.values()) {
        if (decoded(secret, usage.key()).filter("true"::equals).isPresent()) {
          usages.add(usage);
        }
      }
      Set<TokenGroup> groups = new TreeSet<>();
      for (String group : decoded(secret, "auth-extra-groups").orElse("").split(",", -1)) {
        if (!group.isBlank()) {
          groups.add(TokenGroup.parse(group.strip()));
        }
      }
      Optional<Instant> expiration = decoded(secret, "expiration").map(TokenSecrets::rfc3339);
      Optional<String> description =
          decoded(secret, "description")
              .map(text -> text.replaceAll("\\p{Cntrl}", "?"))
              .map(text -> text.length() <= 200 ? text : text.substring(0, 200));
      if (usages.isEmpty()) {
        return new Described.Unusable(
            name, "data.usage-bootstrap-authentication", "no usage", "true");
      }
      return new Described.Token(
          TokenId.parse(id.get()),
          new TokenSpec(
              usages,
              usages.contains(TokenUsage.AUTHENTICATION) ? groups : Set.of(),
              description,
              expiration));
    } catch (IllegalArgumentException e) {
      return new Described.Unusable(
          name, "data", String.valueOf(e.getMessage()), "what the API server accepts");
    }
  }

  static Instant rfc3339(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "data.expiration: got another form; want RFC 3339 such as 2026-01-31T00:00:00Z", e);
    }
  }

  static Optional<String> decoded(Secret secret, String key) {
    Map<String, String> data = secret.getData();
    String value = data == null ? null : data.get(key);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  static String encoded(String value) {
    return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
  }
}
