/**
 * Test support: the CSR forge, a fixed clock, golden files, honest skipping.
 *
 * <p><b>Threat.</b> A test suite that is green because it did not run, or because both sides of a
 * comparison share one mistake. The forge writes its requests with BouncyCastle, which the code
 * under test does not use.
 *
 * <p><b>Refuses.</b> To rewrite golden files unasked, and to skip without a printed reason.
 */
@NullMarked
package dev.countersign.testkit;

import org.jspecify.annotations.NullMarked;
