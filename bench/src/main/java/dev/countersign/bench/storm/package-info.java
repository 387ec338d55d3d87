/**
 * Storms of requests against a running approver and a real control plane, compared in the same run
 * with a loop that approves without looking.
 *
 * <p>Threat addressed: a claim of speed that nobody can check.
 *
 * <p>Refused: figures without the machine they were taken on.
 */
@NullMarked
package dev.countersign.bench.storm;

import org.jspecify.annotations.NullMarked;
