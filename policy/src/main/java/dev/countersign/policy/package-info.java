/** (request, facts, config) -> Decision: every check; pure. */
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
