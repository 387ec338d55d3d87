package dev.countersign.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class ConditionsTest {
  @TempDir Path directory;

  private RequiresToolCondition condition(boolean ci) throws IOException {
    Path tool = Files.writeString(directory.resolve("tool"), "");
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(directory.resolve("text"), "");
    return new RequiresToolCondition(":/nonexistent:" + directory, ci);
  }

  private static String[] tools(String... names) {
    return names;
  }

  @Test
  void requiresTool_present_runs() throws IOException {
    assertThat(condition(true).evaluate(tools("tool"), false).isDisabled()).isFalse();
    assertThat(
            condition(true)
                .evaluate(tools(directory.resolve("tool").toString()), false)
                .isDisabled())
        .isFalse();
  }

  @Test
  void requiresTool_absentOrNotExecutable_isSkippedWithTheReason() throws IOException {
    ConditionEvaluationResult result =
        condition(false).evaluate(tools("tool", "text", "other"), false);
    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason()).contains("not installed: text, other");
  }

  @Test
  void requiresTool_absentInCi_fails() throws IOException {
    RequiresToolCondition condition = condition(true);
    assertThatThrownBy(() -> condition.evaluate(tools("other"), false))
        .hasMessageContaining("not installed: other; with CI=true");
    assertThat(condition.evaluate(tools("other"), true).isDisabled()).isTrue();
  }

  @Test
  void requiresRoot_user_decides() {
    assertThat(new RequiresRootCondition("root").evaluate().isDisabled()).isFalse();
    ConditionEvaluationResult result = new RequiresRootCondition("alice").evaluate();
    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason()).contains("run by alice, needs root");
  }

  @Test
  void fixedClock_advance_moves() {
    FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");
    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    clock.advance(Duration.ofMinutes(-1));
    assertThat(clock.instant()).isEqualTo("2025-12-31T23:59:00Z");
    assertThat(FixedClock.at(Instant.EPOCH).instant()).isEqualTo(Instant.EPOCH);
  }

  @Test
  void skipReporter_skippedAndAborted_arePrinted() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SkipReporter reporter = new SkipReporter(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    LauncherFactory.create(
            LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .addTestExecutionListeners(reporter)
                .build())
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(Skipping.class))
                .build());
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactlyInAnyOrder(
            "SKIPPED ConditionsTest$Skipping.disabled: for a reason",
            "SKIPPED ConditionsTest$Skipping.assumed: Assumption failed: not today");
  }

  @Test
  void skipReporter_isFoundByTheLauncher() {
    assertThat(ServiceLoader.load(TestExecutionListener.class))
        .anyMatch(SkipReporter.class::isInstance);
  }

  /** Run by the test above alone: surefire leaves nested names out. */
  static final class Skipping {
    @Test
    @Disabled("for a reason")
    void disabled() {
      throw new AssertionError("must not run");
    }

    @Test
    void assumed() {
      Assumptions.assumeTrue(false, "not today");
    }

    @Test
    void runs() {
      assertThat(directoryless()).isTrue();
    }

    private static boolean directoryless() {
      return true;
    }
  }
}
