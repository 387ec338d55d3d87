package dev.countersign.x509.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.x509.key.AwsLc;
import java.security.Security;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The same verdicts on signatures as with the JDK's providers, in a process like the approver's.
 */
class ProofOfPossessionByAwsLcTest extends ProofOfPossessionTest {
  @BeforeAll
  static void prefer() {
    Assumptions.assumeTrue(AwsLc.prefer(), "skipped: AWS-LC has no library for this platform");
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
