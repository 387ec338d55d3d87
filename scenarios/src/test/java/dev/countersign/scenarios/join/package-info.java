/**
 * Strict join on the real control plane. Threat: whoever got hold of a bootstrap token, and an
 * approver that dies at the worst moment. What is refused is what docs/adr/0050 says.
 */
@NullMarked
package dev.countersign.scenarios.join;

import org.jspecify.annotations.NullMarked;
