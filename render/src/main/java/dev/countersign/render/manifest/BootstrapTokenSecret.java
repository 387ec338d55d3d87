package dev.countersign.render.manifest;

import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.YamlText;
import dev.countersign.render.RandomSource;
import dev.countersign.render.spec.BootstrapTokenSpec;
import dev.countersign.render.template.Template;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bootstrap token and its Secret (kubernetes.io, "Authenticating with Bootstrap Tokens").
 *
 * <p>Immutable; shown without the token's secret half.
 */
public final class BootstrapTokenSecret {
  private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
  private static final int ID_LENGTH = 6;
  private static final int SECRET_LENGTH = 16;

  private final String id;
  private final SecretText secret;
  private final Optional<Instant> expiration;

  private BootstrapTokenSecret(String id, SecretText secret, Optional<Instant> expiration) {
    this.id = Objects.requireNonNull(id, "id");
    this.secret = Objects.requireNonNull(secret, "secret");
    this.expiration = Objects.requireNonNull(expiration, "expiration");
  }

  /** A new token; 16 of 36 characters are 82 bits. */
  public static BootstrapTokenSecret create(
      BootstrapTokenSpec spec, RandomSource entropy, Instant now) {
    SecureRandom random = entropy.purpose("bootstrap token");
    return new BootstrapTokenSecret(
        text(random, ID_LENGTH),
        SecretText.of(text(random, SECRET_LENGTH)),
        spec.expiresAfter().map(after -> now.plus(after).truncatedTo(ChronoUnit.SECONDS)));
  }

  private static String text(SecureRandom random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }

  /** Takes the token back out of a manifest that this class wrote. */
  public static ParseResult<BootstrapTokenSecret> parse(SecretText manifest) {
    String text = manifest.reveal(SecretAccess.because("its token is kept in a new rendering"));
    Optional<String> id = field(text, "token-id", "[a-z0-9]{6}");
    Optional<String> secret = field(text, "token-secret", "[a-z0-9]{16}");
    Optional<String> expiration = field(text, "expiration", "[0-9TZ:-]{20}");
    if (id.isEmpty() || secret.isEmpty()) {
      return ParseResult.refused(
          "stringData", "no token-id and token-secret", "a bootstrap token Secret as rendered");
    }
    return ParseResult.parsed(
        new BootstrapTokenSecret(
            id.get(), SecretText.of(secret.get()), expiration.map(Instant::parse)));
  }

  private static Optional<String> field(String text, String name, String form) {
    Matcher matcher = Pattern.compile("(?m)^  " + name + ": \"?(" + form + ")\"?$").matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The public half, which names the Secret. */
  public String id() {
    return id;
  }

  /** When it ends; empty: never. */
  public Optional<Instant> expiration() {
    return expiration;
  }

  /** The whole token, {@code id.secret}. */
  public SecretText token() {
    return SecretText.of(id + "." + secret.reveal(SecretAccess.because("joined with its id")));
  }

  /** The Secret as YAML. */
  public SecretText manifest(BootstrapTokenSpec spec) {
    return SecretText.of(
        Template.resource(BootstrapTokenSecret.class, "core/bootstrap-token.yaml")
            .with("tokenId", id)
            .with("quotedTokenId", YamlText.quoted(id))
            .with("description", YamlText.quoted(spec.description()))
            .with(
                "tokenSecret",
                YamlText.quoted(
                    secret.reveal(SecretAccess.because("written to a manifest of mode 0600"))))
            .with(
                "expiration",
                expiration
                    .map(end -> List.of("expiration: " + YamlText.quoted(end.toString())))
                    .orElse(List.of()))
            .with(
                "groups",
                spec.extraGroups().isEmpty()
                    ? List.of()
                    : List.of(
                        "auth-extra-groups: "
                            + YamlText.quoted(String.join(",", spec.extraGroups()))))
            .render());
  }

  @Override
  public String toString() {
    return "BootstrapTokenSecret[" + id + ", secret redacted]";
  }
}
