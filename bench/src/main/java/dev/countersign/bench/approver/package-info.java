/**
 * Whole-system benchmarks: an approver on a real control plane, alone and beside other approvers in
 * the same run.
 *
 * <p>Threat addressed: a claim of speed that nobody can check.
 *
 * <p>Refused: figures without the machine they were taken on.
 */
@NullMarked
package dev.countersign.bench.approver;

import org.jspecify.annotations.NullMarked;
