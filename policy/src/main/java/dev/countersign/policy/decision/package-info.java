/**
 * What the policy decides and why: {@link dev.countersign.policy.decision.Decision}, its {@link
 * dev.countersign.policy.decision.Violation}s and their {@link
 * dev.countersign.policy.decision.Reason}s.
 *
 * <p><b>Threat.</b> A denial resting on a fact that lags locks an honest node out for good; a text
 * that quotes an attacker unescaped attacks whoever reads it.
 *
 * <p><b>Refuses.</b> A {@code Deny} without evidence that is final, a {@code Defer} with it, and
 * control characters in any text.
 */
@NullMarked
package dev.countersign.policy.decision;

import org.jspecify.annotations.NullMarked;
