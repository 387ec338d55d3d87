/**
 * Every cluster of {@code examples/clusters} booted from its rendered files, and what the files
 * promise seen from outside.
 */
@NullMarked
package dev.countersign.scenarios.rendered;

import org.jspecify.annotations.NullMarked;
