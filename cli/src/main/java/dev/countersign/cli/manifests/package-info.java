/**
 * {@code countersign manifests}: the approver's objects, to be applied.
 *
 * <p>Threat addressed: none of its own; see {@link dev.countersign.render.approver}.
 *
 * <p>Refused: a policy that the approver would refuse.
 */
@NullMarked
package dev.countersign.cli.manifests;

import org.jspecify.annotations.NullMarked;
