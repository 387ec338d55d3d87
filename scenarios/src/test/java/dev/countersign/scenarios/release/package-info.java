/** What {@code dev/release} makes, as whoever installs it meets it. */
@NullMarked
package dev.countersign.scenarios.release;

import org.jspecify.annotations.NullMarked;
