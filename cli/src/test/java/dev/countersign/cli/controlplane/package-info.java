/** Tests of the group {@code controlplane}. */
@NullMarked
package dev.countersign.cli.controlplane;

import org.jspecify.annotations.NullMarked;
