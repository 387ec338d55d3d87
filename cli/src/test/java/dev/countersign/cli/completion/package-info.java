/** What is offered when Tab is pressed. */
@NullMarked
package dev.countersign.cli.completion;

import org.jspecify.annotations.NullMarked;
