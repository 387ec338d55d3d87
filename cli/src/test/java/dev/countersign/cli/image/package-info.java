/** Tests of what the image commands read from their surroundings. */
@NullMarked
package dev.countersign.cli.image;

import org.jspecify.annotations.NullMarked;
