/**
 * The approver as it is deployed in a cluster: with which options, and where the files are from
 * that these name.
 *
 * <p><b>Threat.</b> A command that judges by another policy than the approver, and so tells an
 * operator the opposite of what happens.
 *
 * <p><b>Refuses.</b> To guess: what cannot be read is said with the reason.
 */
@NullMarked
package dev.countersign.cluster.approver;

import org.jspecify.annotations.NullMarked;
