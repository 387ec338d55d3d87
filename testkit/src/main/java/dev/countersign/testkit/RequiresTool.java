package dev.countersign.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test needs executables of the machine.
 *
 * <p>Where one is absent the test is skipped with a printed reason; with {@code CI=true} in the
 * environment it fails instead, so that a build server never loses a test unnoticed.
 */
@Documented
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresToolCondition.class)
public @interface RequiresTool {
  /** Names looked up in PATH, all of which are needed; a path is taken as it is. */
  String[] value();

  /** Whether a build server may skip it, too. */
  boolean optionalInCi() default false;
}
