package dev.countersign.cli.demo.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testbed.machine.Differences;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one part of the demo hands on to the next. */
final class ViolationCollectorTest {
  @TempDir private Path directory;

  @Test
  void nextPart_goesOnWhereTheLastOneEnded() throws Exception {
    Findings first = Findings.in(directory);
    assertThat(first.chapters()).isZero();
    Differences differences = new Differences();
    differences.add("no systemd");
    assertThat(first.untold(differences)).containsExactly("no systemd");
    first.seen("it joined");
    first.told(2);
    first.write();

    Findings second = Findings.in(directory);
    assertThat(second.chapters()).isEqualTo(2);
    assertThat(second.checks()).containsExactly(new Findings.Check("it joined", "yes", true));
    differences.add("no SELinux");
    assertThat(second.untold(differences)).containsExactly("no SELinux");
  }

  @Test
  void oneCheckThatIsNotAsItShouldBe_isShownWithWhatWasWanted_andSpoilsTheWhole() throws Exception {
    Findings findings = Findings.in(directory);
    findings.compare("logs", "hello", "hello");
    assertThat(findings.good()).isTrue();
    findings.compare("logs", "good bye", "hello");
    findings.write();
    Findings read = Findings.in(directory);
    assertThat(read.good()).isFalse();
    assertThat(read.checks())
        .extracting(Findings.Check::shown)
        .containsExactly("yes", "NO: got good bye; want hello");
  }
}
