/** The programs that make the control plane answer for what they are. */
@NullMarked
package dev.countersign.scenarios.binaries;

import org.jspecify.annotations.NullMarked;
