/** How lists are printed. */
@NullMarked
package dev.countersign.cli.printer;

import org.jspecify.annotations.NullMarked;
