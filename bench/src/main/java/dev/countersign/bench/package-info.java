/** JMH and whole-system benchmarks. */
@NullMarked
package dev.countersign.bench;

import org.jspecify.annotations.NullMarked;
