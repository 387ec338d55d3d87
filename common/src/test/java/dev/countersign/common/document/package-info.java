/** Tests of {@code dev.countersign.common.document}. */
@NullMarked
package dev.countersign.common.document;

import org.jspecify.annotations.NullMarked;
