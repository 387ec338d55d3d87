/** Tests. */
@org.jspecify.annotations.NullMarked
package dev.countersign.approver.command;
