package dev.countersign.x509.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the keys of each kind come from. */
class KeySpecTest {
  private static final String OF_AWS_LC = "com.amazon.corretto.crypto.provider";

  @ParameterizedTest
  @EnumSource(names = {"RSA_2048", "ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "ED25519"})
  void generate_theSameChance_isTheSameKey(KeySpec spec) {
    KeyPair one = spec.generate(new RepeatingRandom(1));

    assertThat(spec.generate(new RepeatingRandom(1)).getPublic()).isEqualTo(one.getPublic());
    assertThat(one.getPrivate().getClass().getPackageName()).isNotEqualTo(OF_AWS_LC);
  }

  @Test
  void generate_otherChance_isAnotherKey() {
    assertThat(KeySpec.ECDSA_P256.generate(new RepeatingRandom(2)).getPublic())
        .isNotEqualTo(KeySpec.ECDSA_P256.generate(new RepeatingRandom(1)).getPublic());
  }

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"},
      disabledReason = "skipped: AWS-LC has no library for this platform")
  void generate_chanceOfThePlatform_allButEdwardsKeysComeFromAwsLc() {
    SecureRandom platform = new SecureRandom();

    for (KeySpec spec : new KeySpec[] {KeySpec.RSA_2048, KeySpec.ECDSA_P256, KeySpec.ECDSA_P521}) {
      assertThat(spec.generate(platform).getPrivate().getClass().getPackageName())
          .as("%s", spec)
          .isEqualTo(OF_AWS_LC);
    }
    assertThat(KeySpec.ED25519.generate(platform).getPrivate().getClass().getPackageName())
        .startsWith("sun.security.");
  }

  /** The same numbers for the same seed, unlike what the platform gives. */
  private static final class RepeatingRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private long state;

    RepeatingRandom(long seed) {
      state = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        // Knuth's linear congruential generator
        state = state * 6364136223846793005L + 1442695040888963407L;
        bytes[i] = (byte) (state >>> 56);
      }
    }
  }
}
