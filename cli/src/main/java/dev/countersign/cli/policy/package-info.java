/**
 * The group {@code policy}: a policy from another approver's settings, and what a policy would
 * change.
 *
 * <p><b>Threat.</b> A policy that is put into force unseen, and approves or denies what it should
 * not.
 *
 * <p><b>Refuses.</b> To write to a cluster: both commands only read.
 */
@NullMarked
package dev.countersign.cli.policy;

import org.jspecify.annotations.NullMarked;
