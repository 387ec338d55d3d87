/**
 * {@code demo --real-node}: a controller and a worker that are whole machines of the test bed, and
 * what is told of them.
 *
 * <p><b>Does not belong here.</b> How a machine is made and run: {@link
 * dev.countersign.testbed.machine}.
 */
@NullMarked
package dev.countersign.cli.demo.machine;

import org.jspecify.annotations.NullMarked;
