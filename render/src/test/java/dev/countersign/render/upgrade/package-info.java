/** Tests of {@code dev.countersign.render.upgrade}. */
@NullMarked
package dev.countersign.render.upgrade;

import org.jspecify.annotations.NullMarked;
