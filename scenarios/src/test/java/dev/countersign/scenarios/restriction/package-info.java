/** What a node's own credentials may do, and what they may not. */
@NullMarked
package dev.countersign.scenarios.restriction;

import org.jspecify.annotations.NullMarked;
