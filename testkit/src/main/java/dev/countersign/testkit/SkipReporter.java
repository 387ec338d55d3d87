package dev.countersign.testkit;

import java.io.PrintStream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Prints {@code SKIPPED <test>: <reason>} for each test that did not run, be it disabled or given
 * up by an assumption.
 */
public final class SkipReporter implements TestExecutionListener {
  private final PrintStream out;

  /** Prints to standard output; found by ServiceLoader. */
  public SkipReporter() {
    this(System.out);
  }

  SkipReporter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    report(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      report(
          test,
          result
              .getThrowable()
              .map(thrown -> String.valueOf(thrown.getMessage()))
              .orElse("aborted"));
    }
  }

  private void report(TestIdentifier test, String reason) {
    out.println("SKIPPED " + name(test) + ": " + reason.replace('\n', ' '));
  }

  private static String name(TestIdentifier test) {
    return test.getSource()
        .map(
            source ->
                switch (source) {
                  case MethodSource method ->
                      simple(method.getClassName()) + "." + method.getMethodName();
                  case ClassSource type -> simple(type.getClassName());
                  default -> test.getDisplayName();
                })
        .orElseGet(test::getDisplayName);
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
