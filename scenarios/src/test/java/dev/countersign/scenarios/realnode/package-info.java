/** A whole machine, with containers, the project's image and the rendered units. */
@NullMarked
package dev.countersign.scenarios.realnode;

import org.jspecify.annotations.NullMarked;
