/** Tests of what a machine reads from its rendered files. */
@NullMarked
package dev.countersign.cli.demo.machine;

import org.jspecify.annotations.NullMarked;
