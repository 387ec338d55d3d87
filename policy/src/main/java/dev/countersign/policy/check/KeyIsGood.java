package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.KeyAlgorithm;
import dev.countersign.x509.request.KeyDescription;
import dev.countersign.x509.request.KeyWeakness;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The public key is of an allowed algorithm and size and has no known weakness. */
final class KeyIsGood implements RequestCheck {
  private static final String PATH = "request.key";

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection.request().ifPresent(request -> inspect(request.key(), config.keys(), findings));
  }

  private static void inspect(KeyDescription key, Keys keys, ViolationCollector findings) {
    boolean curveRefused =
        key.algorithm() == KeyAlgorithm.ECDSA
            && key.curve().filter(curve -> !keys.curves().contains(curve)).isPresent();
    if (!keys.algorithms().contains(key.algorithm()) || curveRefused) {
      findings.add(
          Reason.KEY_ALGORITHM_NOT_ALLOWED,
          PATH,
          name(key),
          "one of "
              + new TreeSet<>(keys.algorithms())
              + ", ECDSA on "
              + new TreeSet<>(keys.curves()));
      return;
    }
    if (key.algorithm() == KeyAlgorithm.RSA
        && (key.bits() < keys.rsaShortest() || key.bits() > keys.rsaLongest())) {
      findings.add(
          Reason.KEY_SIZE_NOT_ALLOWED,
          PATH,
          "RSA of " + key.bits() + " bits",
          keys.rsaShortest() + " to " + keys.rsaLongest() + " bits");
    }
    Set<KeyWeakness> weaknesses = key.weaknesses();
    if (!weaknesses.isEmpty()) {
      findings.add(
          Reason.KEY_KNOWN_WEAK,
          PATH,
          EnumSet.copyOf(weaknesses).toString().toLowerCase(Locale.ROOT).replace('_', ' '),
          "a key without known weaknesses");
    }
  }

  private static String name(KeyDescription key) {
    return switch (key.algorithm()) {
      case ECDSA -> "ECDSA on " + SafeText.quote(key.curve().orElse("explicit parameters"));
      case OTHER -> "algorithm " + SafeText.quote(key.algorithmOid());
      case RSA, RSA_PSS, ED25519 -> key.algorithm().toString();
    };
  }
}
