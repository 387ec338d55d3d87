/** Tests of {@code approver.controller}. */
@NullMarked
package dev.countersign.approver.controller;

import org.jspecify.annotations.NullMarked;
