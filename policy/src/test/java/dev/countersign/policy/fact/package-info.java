/** Tests of the facts. */
@NullMarked
package dev.countersign.policy.fact;

import org.jspecify.annotations.NullMarked;
