package dev.countersign.cli.render;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.AssetPath;
import dev.countersign.render.upgrade.UpgradePlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code render} prints: the files that change, and the plan of an upgrade. */
final class RenderReport {
  private RenderReport() {}

  static void print(
      Console console,
      FormatOption format,
      Map<AssetPath, String> changes,
      Optional<UpgradePlan> plan) {
    if (!format.isTable()) {
      Document.print(console, format.format(), document(changes, plan));
      return;
    }
    changes.forEach((path, change) -> console.out().println(change + " " + path));
    plan.ifPresent(
        upgrade -> {
          console.out().println();
          upgrade.lines().forEach(line -> console.out().println(SafeText.line(line)));
        });
  }

  private static Map<String, Object> document(
      Map<AssetPath, String> changes, Optional<UpgradePlan> plan) {
    Map<String, Object> document = Document.ofKind("RenderReport");
    document.put(
        "files",
        changes.entrySet().stream()
            .map(each -> Map.of("path", each.getKey().value(), "change", each.getValue()))
            .toList());
    plan.ifPresent(upgrade -> document.put("upgrade", document(upgrade)));
    return document;
  }

  private static Map<String, Object> document(UpgradePlan plan) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("from", plan.from().toString());
    document.put("to", plan.to().toString());
    document.put("warnings", plan.warnings());
    document.put("steps", plan.steps().stream().map(RenderReport::document).toList());
    document.put("identitiesKept", plan.kept());
    document.put("identitiesReissued", texts(plan.reissued()));
    document.put("otherFiles", texts(plan.others()));
    return document;
  }

  private static Map<String, Object> document(UpgradePlan.Step step) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("title", step.title());
    document.put("machines", step.machines());
    document.put(
        "images",
        step.images().stream()
            .map(
                each -> Map.of("component", each.component(), "from", each.from(), "to", each.to()))
            .toList());
    document.put("files", texts(step.files()));
    document.put("actions", step.actions());
    return document;
  }

  private static List<String> texts(List<AssetPath> paths) {
    return paths.stream().map(AssetPath::value).toList();
  }
}
