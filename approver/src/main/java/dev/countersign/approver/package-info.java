/** Watch CSRs, gather facts, apply decisions. */
@NullMarked
package dev.countersign.approver;

import org.jspecify.annotations.NullMarked;
