/**
 * Strict join at work: how requests for kubelets' client certificates are handled. Reads the
 * records that {@link dev.countersign.policy.Policy} decides by, and writes what it decides.
 *
 * <p>The order of writes is what makes it safe to kill at any moment: first the token's use, then
 * the claim to the name, each at the version that was read, and only then the approval. After a
 * crash the next run finds its own record and goes on; whoever else wanted the use or the name
 * finds it taken.
 *
 * <p><b>Threat.</b> Two requests that race for one use of a token; an approver that dies between
 * deciding and writing; two approvers at once.
 *
 * <p><b>Refuses.</b> To approve anything that is not recorded, and to write without the version
 * that was read. It never reads Secrets.
 */
@NullMarked
package dev.countersign.approver.join;

import org.jspecify.annotations.NullMarked;
