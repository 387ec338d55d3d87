/**
 * The commands of {@code countersign csr} on the real control plane. Threat: a person who approves
 * what the policy refuses without being told why.
 */
@NullMarked
package dev.countersign.scenarios.csr;

import org.jspecify.annotations.NullMarked;
