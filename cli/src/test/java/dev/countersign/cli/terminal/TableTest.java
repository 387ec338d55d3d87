package dev.countersign.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.terminal.Console.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableTest {
  private static Table requests() {
    return Table.of("NAME", "SIGNER", "REQUESTOR", "FIRST REASON")
        .row("csr-8xk2p", "kubelet-serving", "system:node:worker-1", "-")
        .row("csr-9", "kube-apiserver-client-kubelet", "system:node:a", "AddressOwnedByOtherNode");
  }

  @Test
  void whereThereIsRoom_nothingIsWrapped() {
    assertThat(requests().lines(200))
        .isEqualTo(requests().lines())
        .containsExactly(
            "NAME        SIGNER                          REQUESTOR              FIRST REASON",
            "csr-8xk2p   kubelet-serving                 system:node:worker-1   -",
            "csr-9       kube-apiserver-client-kubelet   system:node:a         "
                + " AddressOwnedByOtherNode");
  }

  @Test
  void narrow_breaksAtSeparatorsAndCapitals_neverInMidWord() {
    assertThat(requests().lines(64))
        .containsExactly(
            "NAME        SIGNER            REQUESTOR         FIRST REASON",
            "csr-8xk2p   kubelet-serving   system:node:      -",
            "                              worker-1",
            "csr-9       kube-apiserver-   system:node:a     AddressOwnedBy",
            "            client-kubelet                      OtherNode");
  }

  @Test
  void narrow_theFirstColumn_isNotBroken() {
    Table table =
        Table.of("NAME", "SIGNER", "REQUESTOR", "FIRST REASON")
            .row("csr-of-worker-1", "kubelet-serving", "system:node:worker-1", "SanNotNodeAddress");
    assertThat(table.lines(60)).element(1).asString().startsWith("csr-of-worker-1   kubelet-");
    assertThat(table.lines(44)).anyMatch(line -> line.startsWith("csr-of-  "));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80, 100, 120})
  void noLine_isLongerThanTheTerminal_andNoWordIsBroken(int width) {
    String what = "kube-controller-manager does not sign, for it has no --cluster-signing-key-file";
    String next = "set --cluster-signing-cert-file and --cluster-signing-key-file and restart it";
    Table table =
        Table.of("CAUSE", "WHERE", "WHAT", "NEXT").row("NotSigned", "node worker-1", what, next);
    List<String> lines = table.lines(width);
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
    assertThat(String.join(" ", lines).split("[ :]+"))
        .contains("kube-controller-manager", "NotSigned", "restart");
  }

  @Test
  void proseWithoutRoom_becomesABlockOfItsOwn() {
    assertThat(
            Table.of("CAUSE", "WHAT").row("A", "word ".repeat(20).strip()).row("B", "x").lines(20))
        .startsWith("CAUSE: A", "WHAT:  word word", "       word word")
        .endsWith("", "CAUSE: B", "WHAT:  x");
  }

  @Test
  void withoutHeadings_rowsStayAlignedWithThoseBefore() {
    Table before = requests();
    assertThat(
            Table.withoutHeadings("NAME", "SIGNER", "REQUESTOR", "FIRST REASON")
                .row("csr-1", "x", "y", "z")
                .alignedWith(before)
                .lines())
        .containsExactly("csr-1       x                               y                      z");
  }

  @Test
  void style_isForATerminalWithColourOnly() {
    for (boolean terminal : new boolean[] {true, false}) {
      StringWriter out = new StringWriter();
      Console console =
          new Console(
              new PrintWriter(out), new PrintWriter(new StringWriter()), terminal, false, true, 80);
      Table.of("DECISION").row("deny").style(0, _ -> Optional.of(Style.BAD)).print(console);
      assertThat(out.toString())
          .isEqualTo(terminal ? "DECISION\n\u001b[31mdeny\u001b[0m\n" : "DECISION\ndeny\n");
    }
  }
}
