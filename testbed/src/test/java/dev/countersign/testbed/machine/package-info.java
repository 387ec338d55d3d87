/** Tests of what a machine reads from its rendered files. */
@NullMarked
package dev.countersign.testbed.machine;

import org.jspecify.annotations.NullMarked;
