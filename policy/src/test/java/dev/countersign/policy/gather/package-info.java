/** Tests of {@code policy.gather}. */
@NullMarked
package dev.countersign.policy.gather;

import org.jspecify.annotations.NullMarked;
