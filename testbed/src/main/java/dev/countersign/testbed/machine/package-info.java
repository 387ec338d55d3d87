/**
 * Whole machines: what a rendered Ignition file puts on a disk, and what its systemd units would
 * start, run for real in namespaces that end with the test bed.
 *
 * <p><b>Threat.</b> A proof that bends what it proves. So paths, files and command lines are the
 * rendered ones, read back from the Ignition file; every difference is one of {@link
 * dev.countersign.testbed.machine.Differences} and is printed.
 *
 * <p><b>Refuses.</b> A unit with a directive that this package would have to guess at.
 *
 * <p><b>Does not belong here.</b> What happens on the machines and what is said of it: that is the
 * demo's, or a scenario's.
 */
@NullMarked
package dev.countersign.testbed.machine;

import org.jspecify.annotations.NullMarked;
