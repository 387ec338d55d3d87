/** Tests of the explanation of a decision. */
@NullMarked
package dev.countersign.policy.explain;

import org.jspecify.annotations.NullMarked;
