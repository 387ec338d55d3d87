/** What the documentation tells an operator to do, carried out as it is printed. */
@NullMarked
package dev.countersign.scenarios.remedies;

import org.jspecify.annotations.NullMarked;
