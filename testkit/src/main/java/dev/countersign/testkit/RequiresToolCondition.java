package dev.countersign.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Looks for the executables of {@link RequiresTool}. */
public final class RequiresToolCondition implements ExecutionCondition {
  private final String searchPath;
  private final boolean ci;

  /** Looks in this process's PATH. */
  public RequiresToolCondition() {
    this(Tools.searchPath(), Tools.inCi());
  }

  RequiresToolCondition(String searchPath, boolean ci) {
    this.searchPath = searchPath;
    this.ci = ci;
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), RequiresTool.class)
        .map(annotation -> evaluate(annotation.value(), annotation.optionalInCi()))
        .orElseGet(() -> ConditionEvaluationResult.enabled("needs no tool"));
  }

  ConditionEvaluationResult evaluate(String[] tools, boolean optionalInCi) {
    List<String> missing = new ArrayList<>(Arrays.asList(tools));
    missing.removeIf(this::isPresent);
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("has " + String.join(", ", tools));
    }
    String reason = "not installed: " + String.join(", ", missing);
    if (ci && !optionalInCi) {
      throw new ExtensionConfigurationException(
          reason + "; with CI=true a test must not be skipped for want of a tool");
    }
    return ConditionEvaluationResult.disabled(reason);
  }

  private boolean isPresent(String tool) {
    if (tool.indexOf('/') >= 0) {
      return Files.isExecutable(Path.of(tool));
    }
    return Tools.find(searchPath, tool).isPresent();
  }
}
