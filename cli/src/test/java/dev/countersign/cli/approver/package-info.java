/** Tests. */
@org.jspecify.annotations.NullMarked
package dev.countersign.cli.approver;
