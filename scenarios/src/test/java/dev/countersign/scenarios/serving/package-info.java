/** A node joins, is approved, serves, and renews: the honest road, and what may delay it. */
@NullMarked
package dev.countersign.scenarios.serving;

import org.jspecify.annotations.NullMarked;
