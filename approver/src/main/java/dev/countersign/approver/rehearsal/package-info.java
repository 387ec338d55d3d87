/**
 * A pretended cluster to decide on requests of, so that a JVM has run its code before that counts:
 * for an approver that has nothing to do yet, and for the recording of its classes.
 *
 * <p>Threat addressed: none; it exists in the process's memory and trusts nobody.
 *
 * <p>Refused: any word to the real cluster or its log; facts that somebody else has to be asked
 * for.
 */
@NullMarked
package dev.countersign.approver.rehearsal;

import org.jspecify.annotations.NullMarked;
