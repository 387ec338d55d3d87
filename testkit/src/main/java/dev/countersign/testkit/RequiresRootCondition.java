package dev.countersign.testkit;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Looks at the user for {@link RequiresRoot}. */
public final class RequiresRootCondition implements ExecutionCondition {
  private final String user;

  /** Looks at this process's user. */
  public RequiresRootCondition() {
    this(System.getProperty("user.name", ""));
  }

  RequiresRootCondition(String user) {
    this.user = user;
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), RequiresRoot.class).isPresent()
        ? evaluate()
        : ConditionEvaluationResult.enabled("needs no root");
  }

  ConditionEvaluationResult evaluate() {
    return user.equals("root")
        ? ConditionEvaluationResult.enabled("run by root")
        : ConditionEvaluationResult.disabled("run by " + user + ", needs root");
  }
}
