/**
 * Rules about the code itself: which module may see which, and what the pure ones must not touch.
 */
@NullMarked
package dev.countersign.scenarios.structure;

import org.jspecify.annotations.NullMarked;
