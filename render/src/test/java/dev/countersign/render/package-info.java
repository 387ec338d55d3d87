/** Tests of the whole tree: what is kept, what is secret, what is the same everywhere. */
@org.jspecify.annotations.NullMarked
package dev.countersign.render;
