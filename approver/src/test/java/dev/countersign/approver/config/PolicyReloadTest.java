package dev.countersign.approver.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.testkit.FixedClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyReloadTest {
  private static final String HEADER =
      "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n";

  @TempDir private Path directory;
  private Path path = Path.of("");
  private final List<Integer> inForce = new ArrayList<>();
  private final StringWriter lines = new StringWriter();
  private final ApproverMetrics metrics = new ApproverMetrics();

  @BeforeEach
  void write() throws IOException {
    path = directory.resolve("policy.yaml");
    Files.writeString(path, names(5));
  }

  private static String names(int most) {
    return HEADER + "  limits:\n    names: " + most + "\n";
  }

  private PolicyFile open() {
    return switch (PolicyFile.open(path)) {
      case ParseResult.Parsed<PolicyFile>(PolicyFile file) -> file;
      case ParseResult.Refused<PolicyFile> refused -> throw new AssertionError(refused.message());
    };
  }

  private static List<ParseError> errors(ParseResult<PolicyFile> parse) {
    return parse instanceof ParseResult.Refused<PolicyFile>(List<ParseError> errors)
        ? errors
        : List.of();
  }

  private void run(Steps steps) throws IOException {
    try (StructuredLog log =
        new StructuredLog(lines, LogFormat.TEXT, FixedClock.at("2026-11-22T00:00:00Z"))) {
      PolicyFile file = open();
      inForce.add(file.first().limits().names());
      PolicyReload reload =
          new PolicyReload(
              file, (PolicyConfig config) -> inForce.add(config.limits().names()), log, metrics);
      steps.run(reload);
    }
  }

  private interface Steps {
    void run(PolicyReload reload) throws IOException;
  }

  private String scraped() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metrics.write(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void look_newVersion_isTakenOnceAndCounted() throws IOException {
    run(
        reload -> {
          Files.writeString(path, names(7));
          for (int i = 0; i < 5; i++) {
            reload.look();
          }
        });
    assertThat(inForce).containsExactly(5, 7);
    assertThat(lines.toString()).containsOnlyOnce("policy-taken");
    assertThat(scraped()).contains("countersign_policy_reloads_total{outcome=\"taken\"} 1.0");
  }

  @Test
  void look_formerWords_areTakenWithAWarning() throws IOException {
    run(
        reload -> {
          Files.writeString(path, names(7) + "  mode: DryRun\n");
          reload.look();
          reload.look();
        });
    assertThat(inForce).containsExactly(5, 7);
    assertThat(lines.toString())
        .containsOnlyOnce("policy-deprecated")
        .contains("mode: got DryRun; deprecated");
  }

  @Test
  void look_sameContentWrittenAnew_isNoNewVersion() throws IOException {
    run(
        reload -> {
          Files.delete(path);
          Files.writeString(path, names(5));
          reload.look();
          reload.look();
        });
    assertThat(inForce).containsExactly(5);
    assertThat(scraped()).doesNotContain("countersign_policy_reloads_total{");
  }

  @Test
  void look_brokenVersion_allErrorsAreLoggedAndTheOldStays() throws IOException {
    run(
        reload -> {
          Files.writeString(path, HEADER + "  limits:\n    names: many\n  mod: enforce\n");
          for (int i = 0; i < 5; i++) {
            reload.look();
          }
        });
    assertThat(inForce).containsExactly(5);
    assertThat(lines.toString())
        .containsOnlyOnce("policy-refused")
        .contains("errors=2")
        .contains("spec.limits.names")
        .contains("spec.mod");
    assertThat(scraped()).contains("countersign_policy_reloads_total{outcome=\"refused\"} 1.0");
  }

  @Test
  void look_mendedAfterBroken_isTaken() throws IOException {
    run(
        reload -> {
          Files.writeString(path, "kind: [");
          reload.look();
          reload.look();
          Files.writeString(path, names(9));
          reload.look();
          reload.look();
        });
    assertThat(inForce).containsExactly(5, 9);
    assertThat(scraped())
        .contains("countersign_policy_reloads_total{outcome=\"refused\"} 1.0")
        .contains("countersign_policy_reloads_total{outcome=\"taken\"} 1.0");
  }

  @Test
  void look_fileIsGone_theOldStays() throws IOException {
    run(
        reload -> {
          Files.delete(path);
          reload.look();
          reload.look();
          reload.look();
        });
    assertThat(inForce).containsExactly(5);
    assertThat(lines.toString()).containsOnlyOnce("policy-refused").contains("got no such file");
  }

  @Test
  void look_cutShortBetweenTwoLooks_isNeverTaken() throws IOException {
    run(
        reload -> {
          Files.writeString(path, names(1));
          reload.look();
          Files.writeString(path, names(12));
          reload.look();
          reload.look();
        });
    assertThat(inForce).containsExactly(5, 12);
  }

  @Test
  void open_broken_saysEveryError() throws IOException {
    Files.writeString(path, HEADER + "  limits:\n    names: many\n  mod: enforce\n");
    assertThat(errors(PolicyFile.open(path)))
        .extracting(ParseError::path)
        .containsExactlyInAnyOrder("spec.limits.names", "spec.mod");
  }

  @Test
  void open_tooLongOrNotText_isRefused() throws IOException {
    Files.write(path, new byte[PolicyFile.MOST_BYTES + 1]);
    assertThat(errors(PolicyFile.open(path)))
        .extracting(ParseError::got)
        .containsExactly("more than 1048576 bytes");
    Files.write(path, new byte[] {(byte) 0xff});
    assertThat(errors(PolicyFile.open(path)))
        .extracting(ParseError::got)
        .containsExactly("bytes that are not UTF-8");
  }
}
