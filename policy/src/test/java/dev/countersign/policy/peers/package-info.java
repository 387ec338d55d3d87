/**
 * Requests that other approvers judge in their own tests, that their users report, and that the
 * recipes of {@code docs/recipes.md} are about, decided by our policy.
 */
@NullMarked
package dev.countersign.policy.peers;

import org.jspecify.annotations.NullMarked;
