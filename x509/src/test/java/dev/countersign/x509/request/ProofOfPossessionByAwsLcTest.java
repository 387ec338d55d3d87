package dev.countersign.x509.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.x509.key.AwsLc;
import java.security.Security;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * The same verdicts on signatures as with the JDK's providers, in a process like the approver's.
 */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = {"amd64", "aarch64"},
    disabledReason = "skipped: AWS-LC has no library for this platform")
class ProofOfPossessionByAwsLcTest extends ProofOfPossessionTest {
  @BeforeAll
  static void prefer() {
    assertThat(AwsLc.prefer()).isTrue();
  }

  @AfterAll
  static void dropAgain() {
    AwsLc.find().ifPresent(provider -> Security.removeProvider(provider.getName()));
  }

  @Test
  void prefer_isFirstChoice() {
    assertThat(AwsLc.preferred()).isTrue();
    assertThat(List.of(Security.getProviders()).getFirst()).isEqualTo(AwsLc.find().orElseThrow());
  }
}
