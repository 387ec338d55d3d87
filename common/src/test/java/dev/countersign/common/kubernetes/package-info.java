/** Tests of {@code dev.countersign.common.kubernetes}. */
@NullMarked
package dev.countersign.common.kubernetes;

import org.jspecify.annotations.NullMarked;
