/** The commands of {@code docs/quick-start.md}, as they are printed there. */
@NullMarked
package dev.countersign.scenarios.quickstart;

import org.jspecify.annotations.NullMarked;
