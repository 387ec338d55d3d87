package dev.countersign.cli.printer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.cli.printer.ListPrinter.Column;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class ListPrinterTest {
  private static ListItem item(String name, int age, String... reasons) {
    Map<String, Object> document = Document.ofKind("Thing");
    document.put("metadata", Map.of("name", name, "labels", Map.of("a.b/c", "d")));
    document.put("age", age);
    document.put("reasons", List.of(reasons));
    return new ListItem(
        "things/" + name, document, List.of(name, Integer.toString(age), "w" + name));
  }

  private static final List<ListItem> ITEMS =
      List.of(item("b", 9, "X", "Y"), item("a", 10), item("c\u001b[2J", 1, "Z"));

  private static String print(String... words) {
    StringWriter out = new StringWriter();
    printer(out, words).print(ITEMS);
    return out.toString();
  }

  private static ListPrinter printer(StringWriter out, String... words) {
    ListFlags options = new ListFlags();
    new CommandLine(
            CommandLine.Model.CommandSpec.create()
                .addMixin("list", CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
        .parseArgs(words);
    return new ListPrinter(
        Console.plain(new PrintWriter(out), new PrintWriter(new StringWriter())),
        options,
        Column.of("NAME"),
        Column.of("AGE"),
        Column.of("MORE").onlyWide());
  }

  @Test
  void table_andWide_andWithoutHeadings() {
    assertThat(print()).startsWith("NAME         AGE\nb            9\na            10\n");
    assertThat(print("-o", "wide")).contains("NAME         AGE   MORE\n", "10    wa\n");
    assertThat(print("--no-headers")).startsWith("b         ").doesNotContain("NAME");
  }

  @Test
  void names_areThoseThatKubectlTakes() {
    assertThat(print("-o", "name")).startsWith("things/b\nthings/a\nthings/c");
  }

  @Test
  void json_isAListOfKindsOfOurs() {
    assertThat(print("-o=json"))
        .startsWith("{\n  \"apiVersion\" : \"v1\",\n  \"kind\" : \"List\",\n  \"items\" : [ {\n")
        .contains("\"apiVersion\" : \"countersign.dev/v1alpha1\",\n    \"kind\" : \"Thing\"");
    assertThat(print("-o", "yaml")).startsWith("apiVersion: v1\nkind: List\nitems:\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{.items[*].metadata.name}|b a c\\u001b[2J",
        "{.items[0].metadata.name}{\"\\n\"}-|b\\n-",
        "{.items[-2].metadata['name']}|a",
        "{range .items[*]}{.metadata.name}={.age};{end}|b=9;a=10;c\\u001b[2J=1;",
        "{range .items[*]}{range .reasons[*]}{@},{end}{end}|X,Y,Z,",
        "{.items[0].reasons}|[\"X\",\"Y\"]",
        "{.items[0].metadata.labels.a\\.b/c}|d",
        "{.nothing.here}|''",
        "count: {.kind}|count: List",
        ".kind|List",
      })
  void jsonpath_isThatOfKubectl(String template, String printed) {
    assertThat(print("-o", "jsonpath=" + template)).isEqualTo(printed.replace("\\n", "\n"));
  }

  @Test
  void customColumns_showChosenFields() {
    assertThat(print("-o", "custom-columns=N:.metadata.name,WHY:.reasons[*],X:{.no}"))
        .isEqualTo(
            """
            N            WHY      X
            b            X,Y      <none>
            a            <none>   <none>
            c\\u001b[2J   Z        <none>
            """);
  }

  @Test
  void sortBy_comparesNumbersAsNumbers() {
    assertThat(print("-o", "name", "--sort-by=.age").lines().toList())
        .containsExactly("things/c\\u001b[2J", "things/b", "things/a");
    assertThat(print("-o", "name", "--sort-by={.metadata.name}"))
        .startsWith("things/a\nthings/b\n");
    assertThat(print("-o", "name", "--sort-by=nothing")).startsWith("things/b\nthings/a\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jsonpath={..name}",
        "jsonpath={.items[?(@.age>1)]}",
        "jsonpath={.items[0:2]}",
        "jsonpath={.items[0,1]}",
        "jsonpath={range .items[*]}x",
        "jsonpath={end}",
        "jsonpath={.items",
        "jsonpath=",
        "custom-columns=NAME",
        "go-template={{.}}",
        "xml",
      })
  void whatIsNotThere_isRefusedByName(String format) {
    assertThatThrownBy(() -> print("-o", format))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("want ");
  }

  @Test
  void more_addsRowsWithoutHeadings_andDocumentsOneByOne() {
    StringWriter rows = new StringWriter();
    ListPrinter table = printer(rows);
    table.more(ITEMS.subList(0, 2));
    table.more(List.of());
    table.more(List.of(item("c", 3)));
    assertThat(rows.toString()).isEqualTo("NAME   AGE\nb      9\na      10\nc      3\n");

    StringWriter sorted = new StringWriter();
    printer(sorted, "-o", "name", "--sort-by=.metadata.name").more(ITEMS.subList(0, 2));
    assertThat(sorted.toString()).isEqualTo("things/a\nthings/b\n");

    StringWriter documents = new StringWriter();
    ListPrinter json = printer(documents, "-o", "yaml");
    json.more(ITEMS.subList(0, 2));
    assertThat(documents.toString().split("---\n")).hasSize(3);
  }
}
