/** The target of the fuzzers for the files we read, and its short run. */
@NullMarked
package dev.countersign.policy.fuzz;

import org.jspecify.annotations.NullMarked;
