/**
 * Facts that cost a call, and the policy file that asks for them, on the real control plane.
 *
 * <p><b>Threat.</b> A source that does not answer, or answers otherwise than it did, must hold and
 * never approve; a policy that cannot be read must not loosen the one in force.
 *
 * <p><b>Refuses.</b> Nothing; these are tests.
 */
@NullMarked
package dev.countersign.scenarios.facts;

import org.jspecify.annotations.NullMarked;
