/** Lock, assemble and publish OCI images without a container engine. */
@NullMarked
package dev.countersign.image;

import org.jspecify.annotations.NullMarked;
