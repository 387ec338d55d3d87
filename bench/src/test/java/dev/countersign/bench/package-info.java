/** Tests of what the benchmarks write. */
@NullMarked
package dev.countersign.bench;

import org.jspecify.annotations.NullMarked;
