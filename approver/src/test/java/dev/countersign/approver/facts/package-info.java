/** Tests of {@code approver.facts}. */
@NullMarked
package dev.countersign.approver.facts;

import org.jspecify.annotations.NullMarked;
