/**
 * The rules of both signers, whose lists are in {@link dev.countersign.policy.check.Checks}. Each
 * is one class that reads as a sentence, looks at the request alone ({@link
 * dev.countersign.policy.check.RequestCheck}) or at the cluster as well ({@link
 * dev.countersign.policy.check.ClusterCheck}), and reports violations; none can approve.
 *
 * <p><b>Threat.</b> A rule that stops at the first finding hides others; a rule that may say yes
 * overrules the rest.
 *
 * <p><b>Refuses.</b> Anything a rule does not recognise.
 */
@NullMarked
package dev.countersign.policy.check;

import org.jspecify.annotations.NullMarked;
