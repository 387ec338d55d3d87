/** Tests of {@code dev.countersign.policy.file}. */
@NullMarked
package dev.countersign.policy.file;

import org.jspecify.annotations.NullMarked;
