/**
 * Rules that an operator writes in CEL, the expression language of Kubernetes.
 *
 * <p><b>Threat.</b> A rule that a request can make run for ever, or that a typing error turns into
 * "allow".
 *
 * <p><b>Refuses.</b> Rules that do not type-check, at load; a rule that cannot be evaluated never
 * lets a request pass.
 */
@NullMarked
package dev.countersign.policy.rule;

import org.jspecify.annotations.NullMarked;
