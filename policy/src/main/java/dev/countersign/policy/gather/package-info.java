/**
 * Which facts a request needs, and in which order they are looked up: the same for the approver and
 * for {@code csr explain}, which differ in where their {@link FactSource} reads.
 *
 * <p>Threat addressed: an explanation that says something else than the approver decides, and
 * requests that make the approver look up what cannot change its decision.
 *
 * <p>Refused: I/O. Sources do that.
 */
@NullMarked
package dev.countersign.policy.gather;

import org.jspecify.annotations.NullMarked;
