/**
 * The policy file of an approver that runs, and how a new version of it comes into force.
 *
 * <p><b>Threat.</b> A policy that becomes looser than anybody wrote: through a slip of the pen, a
 * file cut short, or a file that is gone.
 *
 * <p><b>Refuses.</b> Every version with an error in it, and one that is still being written; the
 * policy in force stays in force.
 */
@NullMarked
package dev.countersign.approver.config;

import org.jspecify.annotations.NullMarked;
