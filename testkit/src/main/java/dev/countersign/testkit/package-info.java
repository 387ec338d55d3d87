/** Test support: the CSR forge, fixed clock, golden files, honest skipping. */
@NullMarked
package dev.countersign.testkit;

import org.jspecify.annotations.NullMarked;
