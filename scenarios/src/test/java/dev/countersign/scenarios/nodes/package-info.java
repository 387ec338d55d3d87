/**
 * The commands of {@code countersign node} on the real control plane. Threat: a check that finds
 * nothing because it looks at nothing, a drain that breaks a budget.
 */
@NullMarked
package dev.countersign.scenarios.nodes;

import org.jspecify.annotations.NullMarked;
