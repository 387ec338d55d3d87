/**
 * Whole machines for {@code demo --real-node}: what a rendered Ignition file puts on a disk, and
 * what its systemd units would start, run for real in namespaces that end with the demo.
 *
 * <p>The threat: a proof that bends what it proves. So paths, files and command lines are the
 * rendered ones, read back from the Ignition file; every difference is one of {@link
 * dev.countersign.cli.demo.machine.Differences} and is printed. Refused: a unit with a directive
 * that this package would have to guess at.
 */
@NullMarked
package dev.countersign.cli.demo.machine;

import org.jspecify.annotations.NullMarked;
