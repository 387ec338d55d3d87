/** Tests of {@code dev.countersign.policy.name}. */
@NullMarked
package dev.countersign.policy.name;

import org.jspecify.annotations.NullMarked;
