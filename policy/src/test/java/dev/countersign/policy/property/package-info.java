/** What must hold for every request and every history, tried on many made with fixed seeds. */
@NullMarked
package dev.countersign.policy.property;

import org.jspecify.annotations.NullMarked;
