/**
 * A way over from other approvers: reads their settings and writes an ApprovalPolicy that decides
 * alike or stricter, with each difference named.
 *
 * <p><b>Threat.</b> An operator who switches and, unknowingly, approves what was refused before.
 *
 * <p><b>Refuses.</b> Settings that it does not know: a peer may have learnt to check what they say.
 */
@NullMarked
package dev.countersign.policy.peer;

import org.jspecify.annotations.NullMarked;
