/** Tests of {@code dev.countersign.common.name}. */
@NullMarked
package dev.countersign.common.name;

import org.jspecify.annotations.NullMarked;
