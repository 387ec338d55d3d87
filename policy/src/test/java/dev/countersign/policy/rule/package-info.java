/** Tests of the rules of a policy file. */
@NullMarked
package dev.countersign.policy.rule;

import org.jspecify.annotations.NullMarked;
