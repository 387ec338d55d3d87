/** Tests of {@code dev.countersign.policy.config}. */
@NullMarked
package dev.countersign.policy.config;

import org.jspecify.annotations.NullMarked;
