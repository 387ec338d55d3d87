/**
 * Reads the files that operators write: {@code ApprovalPolicy}, {@code Inventory}, and Kubernetes
 * objects saved as YAML or JSON. Text in, values or all errors out.
 *
 * <p><b>Threat.</b> A misspelt field that is silently ignored leaves a door open that its author
 * believes shut.
 *
 * <p><b>Refuses.</b> Unknown and duplicate fields, values of the wrong type, and files that are too
 * long; every error is listed with its path, what is there and what must be.
 */
@NullMarked
package dev.countersign.policy.file;

import org.jspecify.annotations.NullMarked;
