/**
 * Serving certificates: how requests for them are decided, and what is written.
 *
 * <p>Threat addressed: a verdict by a policy that is not in force any more: each decision asks for
 * the current one.
 *
 * <p>Refused: facts and checks of its own; they are in {@code policy} and {@code approver.facts}.
 */
@NullMarked
package dev.countersign.approver.serving;

import org.jspecify.annotations.NullMarked;
