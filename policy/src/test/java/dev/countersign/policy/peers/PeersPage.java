package dev.countersign.policy.peers;

import java.util.List;
import java.util.Map;

/** Writes {@code docs/testing/peers.md}. */
final class PeersPage {
  private static final String HEAD =
      """
      # The policy beside other approvers

      Generated from `policy/src/test/resources/peers`; rewrite with
      `mvn -pl policy -am test -Dtest=PeersTest -Dgolden.rewrite=true`.

      Each case of the other approvers' own tests was rebuilt as a request and facts of ours, in the configuration of our policy that \
      corresponds to theirs. `PeersTest` decides each and asserts our outcome with all its reasons. Each case that is approved is decided \
      again three times: without its Node, made by another node, and with another Node holding what it asks for; none of these is approved.

      **deny** is final. **defer** leaves a request pending and looks again when the cluster changes; a peer that only logs does the same, or \
      does not look again. **ignore** leaves it to others. Where the outcomes differ, the reason follows.

      """;

  private PeersPage() {}

  static String of(List<CaseFile> files) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append("| approver | cases | as theirs | differing |\n|---|---:|---:|---:|\n");
    int all = 0;
    int allDiffering = 0;
    for (CaseFile file : files) {
      int cases = 0;
      int differing = 0;
      for (CaseFile.Table table : file.tables()) {
        cases += table.rows().size();
        differing += (int) table.rows().stream().filter(CaseFile.Row::differs).count();
      }
      page.append("| [").append(file.title()).append("](#").append(anchor(file.title()));
      page.append(") | ").append(cases).append(" | ").append(cases - differing);
      page.append(" | ").append(differing).append(" |\n");
      all += cases;
      allDiffering += differing;
    }
    page.append("| all | ").append(all).append(" | ").append(all - allDiffering);
    page.append(" | ").append(allDiffering).append(" |\n");
    files.forEach(file -> section(page, file));
    return page.toString();
  }

  private static String anchor(String title) {
    return title.toLowerCase(java.util.Locale.ROOT).replace(' ', '-').replace("'", "");
  }

  private static void section(StringBuilder page, CaseFile file) {
    page.append("\n## ").append(file.title()).append("\n\n");
    page.append(file.source()).append(' ').append(file.about()).append("\n\n");
    if (file.policies().size() > 1) {
      page.append("| policy | corresponds to |\n|---|---|\n");
      file.policies()
          .forEach(
              (name, policy) -> {
                if (!policy.peer().isEmpty()) {
                  page.append("| `").append(name).append("` | ").append(policy.peer());
                  page.append(" |\n");
                }
              });
      page.append('\n');
    }
    page.append("| table | cases there | rebuilt | what was left out, and why |\n");
    page.append("|---|---:|---:|---|\n");
    for (CaseFile.Table table : file.tables()) {
      page.append("| ").append(table.name()).append(" | ").append(table.cases()).append(" | ");
      page.append(table.rows().size()).append(" | ").append(table.left()).append(" |\n");
    }
    for (Map.Entry<String, String> because : file.because().entrySet()) {
      page.append("\n**").append(because.getValue()).append("**\n\n");
      page.append("| case | theirs | ours |\n|---|---|---|\n");
      for (CaseFile.Table table : file.tables()) {
        for (CaseFile.Row row : table.rows()) {
          if (row.because().filter(because.getKey()::equals).isPresent()) {
            page.append("| ").append(row.name()).append(" | ").append(row.theirs().text());
            page.append(" | ").append(row.ours()).append(" |\n");
          }
        }
      }
    }
  }
}
