/**
 * One line per decision, as text or JSON.
 *
 * <p>Threat addressed: forged log lines (all values are escaped), and a disk or pipe that does not
 * take lines: writing happens on a thread of its own with a bounded queue, and what had to be
 * dropped is counted.
 *
 * <p>Refused: more than a few lines a minute about one requestor.
 */
@NullMarked
package dev.countersign.approver.logging;

import org.jspecify.annotations.NullMarked;
