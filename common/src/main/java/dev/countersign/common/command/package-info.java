/**
 * How a command of ours ends: its exit status, and the one paragraph that its user reads.
 *
 * <p><b>Does not belong here.</b> The command line itself and what is printed: module {@code cli},
 * and {@code dev.countersign.approver.command} for the approver's own program.
 */
@NullMarked
package dev.countersign.common.command;

import org.jspecify.annotations.NullMarked;
