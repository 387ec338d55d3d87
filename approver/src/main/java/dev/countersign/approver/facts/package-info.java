/**
 * The facts that requests are evaluated with, as the approver has them: its caches, and what it
 * looks up for one request. {@code csr explain} looks up by the same code.
 *
 * <p>Threat addressed: a request that makes the approver look up more than its decision needs;
 * which facts those are, {@code policy.gather} says.
 *
 * <p>Refused: guesses. What was not answered is unknown, and says why.
 */
@NullMarked
package dev.countersign.approver.facts;

import org.jspecify.annotations.NullMarked;
