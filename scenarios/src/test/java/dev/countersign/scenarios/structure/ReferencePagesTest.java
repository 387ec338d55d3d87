package dev.countersign.scenarios.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.testkit.GoldenFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Pages of {@code docs/reference} that are written from the program and its schemas. */
class ReferencePagesTest {
  private static final GoldenFiles PAGES = GoldenFiles.in("../docs/reference");
  private static final String GENERATED =
      "\n\nGenerated; rewrite with `mvn -pl scenarios -am test -Dtest=ReferencePagesTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.rewrite=true`.\n\n";

  @Test
  void commands() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    StringBuilder page = new StringBuilder("# Commands").append(GENERATED);
    page.append(
        "Each command as its `--help` says it. `kubectl countersign` is the same program.\n");
    command(Countersign.complete(Console.plain(nowhere, nowhere)), page);
    PAGES.assertMatches("commands.md", page.toString());
  }

  private static void command(CommandLine command, StringBuilder page) {
    String usage = command.getUsageMessage(Ansi.OFF).stripTrailing();
    page.append("\n## ").append(command.getCommandSpec().qualifiedName());
    page.append("\n\n```text\n").append(usage.replaceAll("(?m) +$", "")).append("\n```\n");
    for (CommandLine each : new LinkedHashSet<>(command.getSubcommands().values())) {
      if (!each.getCommandSpec().usageMessage().hidden()) {
        command(each, page);
      }
    }
  }

  @Test
  void policy() throws IOException {
    PAGES.assertMatches(
        "policy.md",
        "# ApprovalPolicy"
            + GENERATED
            + """
            The file of the approver's `--policy`, and the key `policy.yaml` of the ConfigMap `countersign-policy`. Its
            `apiVersion` is `countersign.dev/v1alpha1`, its `kind` `ApprovalPolicy`. Below are the fields of its `spec`; all may be
            left out. [everything.yaml](../../examples/policies/everything.yaml) sets each of them, [recipes](../recipes.md) has
            policies to start from. Editors read `docs/schema/approvalpolicy.schema.json`.

            A duration is a number and a unit, or several: `30s`, `1h30m`, `30d`. Addresses and ranges are written `10.0.0.7`,
            `10.0.0.0/16` or `2001:db8::/32`. A pattern is a DNS name whose labels may hold `*`, or be `**` for any number of labels.

            """
            + SchemaPage.table("approvalpolicy", "spec"));
  }

  @Test
  void clusterSpec() throws IOException {
    PAGES.assertMatches(
        "cluster-spec.md",
        "# ClusterSpec"
            + GENERATED
            + """
            The file of `countersign render --spec`; `render --init` writes a commented one, `examples/clusters/` has whole ones.
            [Rendering](../rendering.md) says what is made of it. Editors read `docs/schema/cluster-spec.schema.json`. What is left
            out keeps its default. Images follow `kubernetesVersion` ([versions](../operations/versions.md)).

            """
            + SchemaPage.table("cluster-spec", ""));
  }

  @Test
  void imageSpec() throws IOException {
    PAGES.assertMatches(
        "image-spec.md",
        "# ImageSpec"
            + GENERATED
            + """
            The file of `countersign image lock --spec`: what an image is made of. `examples/kubelet-image.yaml` is one;
            [image security](../image-security.md) says how an image is built from it. Editors read
            `docs/schema/image-spec.schema.json`.

            """
            + SchemaPage.table("image-spec", ""));
  }

  @Test
  void pictureOfAnExplanation() {
    List<String> lines = new ArrayList<>();
    String command =
        "csr explain --file examples/requests/claims-the-api-server.yaml"
            + " --facts examples/requests/cluster.yaml";
    lines.add("$ countersign " + command);
    StringWriter printed = new StringWriter();
    int status =
        Countersign.run(
            Console.plain(new PrintWriter(printed, true), new PrintWriter(printed, true)),
            command.replace("examples/", "../examples/").split(" "));
    assertThat(status).isEqualTo(ExitStatus.REFUSED.code());
    printed
        .toString()
        .lines()
        .takeWhile(line -> !line.startsWith("what would"))
        .forEach(lines::add);
    GoldenFiles.in("../docs/pictures")
        .assertMatches(
            "explain.svg",
            TerminalPicture.of(
                "countersign csr explain shows why a request for the API server's address is"
                    + " deferred",
                lines));
  }
}
