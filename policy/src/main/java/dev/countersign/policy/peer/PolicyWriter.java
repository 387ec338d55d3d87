package dev.countersign.policy.peer;

import dev.countersign.common.document.ApiVersions;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.YamlText;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.peer.ImportedPolicy.Difference;
import dev.countersign.policy.peer.ImportedPolicy.Effect;
import java.util.ArrayList;
import java.util.List;

/** Collects the lines of a policy file and the differences that stand above them. */
final class PolicyWriter {
  private static final int WIDTH = 100;

  private final List<Difference> differences = new ArrayList<>();
  private final List<String> spec = new ArrayList<>();
  private final List<String> rules = new ArrayList<>();

  /** Adds a line below {@code spec}, indented by its depth. */
  PolicyWriter line(String text) {
    spec.add("  " + text);
    return this;
  }

  /** Adds a rule in CEL. */
  PolicyWriter rule(String name, String expression, String message) {
    rules.add("    - name: " + name);
    rules.add("      expression: " + YamlText.quoted(expression));
    rules.add("      message: " + YamlText.scalar(message));
    rules.add("      costLimit: 100000");
    return this;
  }

  PolicyWriter difference(Effect effect, String about, String text) {
    differences.add(new Difference(effect, about, text));
    return this;
  }

  ImportedPolicy policy(PeerSettings settings) {
    settings.others().forEach((name, place) -> difference(Effect.ELSEWHERE, name, "see " + place));
    StringBuilder text = new StringBuilder();
    text.append("# Decides as ").append(settings.peer().text()).append(" with these settings");
    text.append(settings.values().isEmpty() ? ": its defaults.\n" : ":\n");
    settings
        .values()
        .forEach(
            (flag, value) ->
                text.append("#   --")
                    .append(flag)
                    .append('=')
                    .append(SafeText.quoteAll(value))
                    .append('\n'));
    for (Effect effect : Effect.values()) {
      List<Difference> of = differences.stream().filter(d -> d.effect() == effect).toList();
      if (!of.isEmpty()) {
        text.append("# ").append(heading(effect)).append('\n');
        of.forEach(difference -> comment(text, difference.about() + ": " + difference.text()));
      }
    }
    text.append("apiVersion: ").append(ApiVersions.V1ALPHA1).append('\n');
    text.append("kind: ").append(ApprovalPolicyFile.KIND).append('\n');
    text.append("metadata:\n  name: from-").append(settings.peer().text()).append('\n');
    text.append("spec:\n");
    spec.forEach(line -> text.append(line).append('\n'));
    if (!rules.isEmpty()) {
      text.append("  rules:\n");
      rules.forEach(line -> text.append(line).append('\n'));
    }
    return new ImportedPolicy(text.toString(), differences);
  }

  private static String heading(Effect effect) {
    return switch (effect) {
      case STRICTER -> "Stricter here:";
      case DEFERRED -> "Denied there, left pending here (to be looked at again):";
      case DENIED -> "Left pending there, denied here:";
      case ELSEWHERE -> "No matter of a policy:";
    };
  }

  private static void comment(StringBuilder text, String words) {
    StringBuilder line = new StringBuilder("#   -");
    for (String word : SafeText.line(words).split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH && line.length() > 5) {
        text.append(line).append('\n');
        line = new StringBuilder("#    ");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
