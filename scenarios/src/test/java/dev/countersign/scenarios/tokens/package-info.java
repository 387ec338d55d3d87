/**
 * The commands of {@code countersign token} on the real control plane. Threat: a secret that is
 * shown twice, a rotation that leaves the old token at work.
 */
@NullMarked
package dev.countersign.scenarios.tokens;

import org.jspecify.annotations.NullMarked;
