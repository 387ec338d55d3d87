/** Tests. */
@org.jspecify.annotations.NullMarked
package dev.countersign.render.spec;
