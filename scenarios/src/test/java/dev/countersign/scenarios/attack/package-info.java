/**
 * What a compromised node asks for, each an honest request with one thing changed, on the real
 * control plane; and what honest nodes of every kind ask for.
 */
@NullMarked
package dev.countersign.scenarios.attack;

import org.jspecify.annotations.NullMarked;
