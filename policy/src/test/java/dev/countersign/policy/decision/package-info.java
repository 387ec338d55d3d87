/** Tests of {@code dev.countersign.policy.decision}. */
@NullMarked
package dev.countersign.policy.decision;

import org.jspecify.annotations.NullMarked;
