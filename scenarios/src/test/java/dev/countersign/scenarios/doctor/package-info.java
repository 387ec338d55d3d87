/**
 * {@code node doctor} on a control plane that is broken on purpose, in one way at a time. Threat:
 * an operator who is sent to the wrong place, or whose healthy cluster is called ill.
 */
@NullMarked
package dev.countersign.scenarios.doctor;

import org.jspecify.annotations.NullMarked;
