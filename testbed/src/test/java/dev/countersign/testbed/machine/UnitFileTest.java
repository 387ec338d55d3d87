package dev.countersign.testbed.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Systemd's syntax, as far as the rendered units use it. */
final class UnitFileTest {
  private static final String UNIT =
      """
      [Unit]
      Description=Not a command
      [Service]
      Environment=IMAGE=registry.example/a:1 "SPACED=a b"
      ExecStartPre=/bin/sh -c "echo '${IMAGE}' > /x"
      ExecStartPre=-/usr/bin/podman rm --force kubelet
      # a comment
      ExecStart=/usr/bin/podman run \\
        --name kubelet \\
        ${IMAGE} ${MISSING}x
      """;

  @Test
  void unit_withContinuedLinesAndQuotes_isReadAsSystemdDoes() {
    UnitFile unit = UnitFile.parse(UNIT, List.of());
    assertThat(unit.environment())
        .containsOnly(Map.entry("IMAGE", "registry.example/a:1"), Map.entry("SPACED", "a b"));
    assertThat(unit.commands("ExecStartPre"))
        .containsExactly(
            new UnitFile.Command(List.of("/bin/sh", "-c", "echo '${IMAGE}' > /x"), false),
            new UnitFile.Command(List.of("/usr/bin/podman", "rm", "--force", "kubelet"), true));
    assertThat(unit.commands("ExecStart").getFirst().with(unit.environment()))
        .containsExactly(
            "/usr/bin/podman", "run", "--name", "kubelet", "registry.example/a:1", "x");
    assertThat(unit.commands("ExecStop")).isEmpty();
  }

  @Test
  void dropIn_overridesVariables_andAnEmptyLineBeginsACommandAnew() {
    UnitFile unit =
        UnitFile.parse(
            UNIT,
            List.of("[Service]\nEnvironment=IMAGE=b:2\nExecStartPre=\nExecStartPre=/bin/x\n"));
    assertThat(unit.environment()).containsEntry("IMAGE", "b:2");
    assertThat(unit.commands("ExecStartPre"))
        .containsExactly(new UnitFile.Command(List.of("/bin/x"), false));
  }

  @Test
  void type_isTheLastOneThatIsGiven() {
    assertThat(UnitFile.parse(UNIT, List.of()).type()).isEqualTo(UnitFile.Type.RUNNING);
    String oneShot = UNIT + "Type=oneshot\n";
    assertThat(UnitFile.parse(oneShot, List.of()).type()).isEqualTo(UnitFile.Type.ONE_SHOT);
    assertThat(UnitFile.parse(oneShot, List.of("[Service]\nType=exec\n")).type())
        .isEqualTo(UnitFile.Type.RUNNING);
  }

  @Test
  void unit_withAnOpenQuoteOrNoValue_isRefused() {
    assertThatThrownBy(() -> UnitFile.parse("[Service]\nExecStart=/bin/sh \"a\n", List.of()))
        .hasMessageContaining("want the quote to end");
    assertThatThrownBy(() -> UnitFile.parse("[Service]\nnonsense\n", List.of()))
        .hasMessageContaining("got the line nonsense");
  }
}
