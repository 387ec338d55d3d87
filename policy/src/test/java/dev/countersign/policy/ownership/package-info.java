/** Tests of {@code dev.countersign.policy.ownership}. */
@NullMarked
package dev.countersign.policy.ownership;

import org.jspecify.annotations.NullMarked;
