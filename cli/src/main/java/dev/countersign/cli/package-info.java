/** picocli commands: parse, call, print. */
@NullMarked
package dev.countersign.cli;

import org.jspecify.annotations.NullMarked;
