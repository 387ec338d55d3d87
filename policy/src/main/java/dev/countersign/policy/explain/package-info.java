/**
 * Why a request is decided as it is: every check with its verdict, evidence, got and want, and what
 * would change the decision. For people and for scripts.
 *
 * <p><b>Threat.</b> An operator who does not understand a refusal approves by hand.
 *
 * <p><b>Refuses.</b> To show text of the request unescaped.
 */
@NullMarked
package dev.countersign.policy.explain;

import org.jspecify.annotations.NullMarked;
