package dev.countersign.image.sign;

import dev.countersign.common.secret.SecretText;
import dev.countersign.testkit.CosignKeys;

/** The private key of {@link CosignKeys}, read. */
final class TestKeys {
  private TestKeys() {}

  static CosignPrivateKey key() {
    return CosignPrivateKey.parse(
        "cosign.key", SecretText.of(CosignKeys.PRIVATE), SecretText.of(CosignKeys.PASSWORD));
  }
}
