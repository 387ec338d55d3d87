/** Tests of the decision: valid requests pass, and each fault gives exactly its reason. */
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
