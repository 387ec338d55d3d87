package dev.countersign.render.pki;

import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes the certificate and key back out of a kubeconfig that this module wrote. */
final class KubeconfigReader {
  private static final Pattern CERTIFICATE = field("client-certificate-data");
  private static final Pattern KEY = field("client-key-data");

  private KubeconfigReader() {}

  /** A certificate and key; both are redacted when shown. */
  record Content(SecretText certificatePem, SecretText keyPem) {}

  private static Pattern field(String name) {
    return Pattern.compile("(?m)^[ -]*" + name + ": *\"?([A-Za-z0-9+/=]+)\"? *$");
  }

  static ParseResult<Content> certificateUser(SecretText kubeconfig) {
    String text = kubeconfig.reveal(SecretAccess.because("its key is kept in a new rendering"));
    Optional<String> certificate = only(CERTIFICATE, text).flatMap(KubeconfigReader::decode);
    Optional<String> key = only(KEY, text).flatMap(KubeconfigReader::decode);
    if (certificate.isEmpty() || key.isEmpty()) {
      return ParseResult.refused(
          "users",
          "no user with certificate and key inside",
          "one user with client-certificate-data and client-key-data");
    }
    return ParseResult.parsed(
        new Content(SecretText.of(certificate.get()), SecretText.of(key.get())));
  }

  private static Optional<String> only(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String value = matcher.group(1);
    return matcher.find() ? Optional.empty() : Optional.of(value);
  }

  private static Optional<String> decode(String base64) {
    try {
      return Optional.of(new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
