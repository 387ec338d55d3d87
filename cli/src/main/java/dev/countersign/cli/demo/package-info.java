/**
 * {@code countersign demo}: the whole story on a real control plane, told as it goes. Each chapter
 * is a class; {@link dev.countersign.cli.demo.Demo} puts them in order. What the demo says of a
 * decision it reads from the cluster (condition, Event), as an operator would, never from the
 * approver's memory.
 *
 * <p>Leaves nothing behind: what it starts is ended by its supervisor also when this process is
 * killed.
 */
@NullMarked
package dev.countersign.cli.demo;

import org.jspecify.annotations.NullMarked;
