/** Tokens and nodes: what an operator does to a live cluster. */
@NullMarked
package dev.countersign.cluster;

import org.jspecify.annotations.NullMarked;
